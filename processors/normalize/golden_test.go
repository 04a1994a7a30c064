package normalize

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"leadline/processors/stage/stagetest"
	"leadline/schemas"
	"leadline/schemas/schematest"
)

var update = flag.Bool("update", false, "write testdata/*/out.json")

// outcome is what a case's out.json holds.
type outcome struct {
	Meeting *schemas.Meeting `json:",omitempty"`
	Reason  schemas.Reason   `json:",omitempty"`
	Error   string           `json:",omitempty"`
}

var noon = time.Date(2026, 10, 5, 12, 0, 0, 0, time.UTC)

// zoomCase marks the folders of testdata that hold a ZoomRecording.
const zoomCase = "zoom-"

func zoomOrigin(source schemas.Source, received time.Time) schemas.Origin {
	o := origin(source, received)
	o.Event, o.Provider = schemas.ZoomMeetingReceived, schemas.Zoom
	return o
}

func origin(source schemas.Source, received time.Time) schemas.Origin {
	return schemas.Origin{
		Event: schemas.FathomMeetingReceived, Provider: schemas.Fathom, Org: "harbourline", Connection: "default",
		Source: source, Delivery: "msg_1", Received: received,
	}
}

// Each folder of testdata is a body as a recorder sends it and what becomes of
// it: the meeting, or the reason why there is none.
func TestGolden(t *testing.T) {
	t.Parallel()
	inputs, err := filepath.Glob("testdata/*/in.json")
	if err != nil || len(inputs) < 10 {
		t.Fatalf("%d cases, %v", len(inputs), err)
	}
	codec := schematest.Codec(t)
	for _, in := range inputs {
		dir := filepath.Dir(in)
		if strings.HasPrefix(filepath.Base(dir), goneCase) {
			continue
		}
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			body, err := os.ReadFile(in)
			if err != nil {
				t.Fatal(err)
			}
			from := origin(schemas.SourceWebhook, noon)
			if strings.HasPrefix(filepath.Base(dir), zoomCase) {
				from = zoomOrigin(schemas.SourceWebhook, noon)
			}
			bench := stagetest.New(New(), codec)
			var got outcome
			emitted, err := bench.Feed(t.Context(), schemas.RawRecord(from, body))
			var rejected *schemas.Rejected
			switch {
			case errors.As(err, &rejected):
				got = outcome{Reason: rejected.Reason, Error: rejected.Err.Error()}
			case err != nil:
				t.Fatal(err)
			default:
				meetings, err := stagetest.Values(bench, schemas.NormalizedMeetings, emitted)
				if err != nil || len(meetings) != 1 {
					t.Fatalf("%d meetings, %v", len(meetings), err)
				}
				got.Meeting = meetings[0]
			}
			stagetest.Golden(t, filepath.Join(dir, "out.json"), *update, got)
		})
	}
}
