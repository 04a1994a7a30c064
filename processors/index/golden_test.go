package index

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/processors/stage/stagetest"
	"leadline/schemas"
	"leadline/schemas/schematest"
)

var update = flag.Bool("update", false, "write testdata/*/out.json")

// A case's in.json lists the values that one key gets, one after the other; null
// is a tombstone. Its out.json lists what each led to.
type answer struct {
	Outcome string              `json:",omitempty"`
	Error   string              `json:",omitempty"`
	Row     *schemas.MeetingRow `json:",omitempty"`
	RowGone bool                `json:",omitempty"`
	Entries []schemas.Entry     `json:",omitempty"`
	Gone    []string            `json:",omitempty"`
	Version string              `json:",omitempty"`
}

func TestGolden(t *testing.T) {
	t.Parallel()
	inputs, err := filepath.Glob("testdata/*/in.json")
	if err != nil || len(inputs) < 8 {
		t.Fatalf("%d cases, %v", len(inputs), err)
	}
	codec := schematest.Codec(t)
	for _, in := range inputs {
		dir := filepath.Dir(in)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			raw, err := os.ReadFile(in)
			if err != nil {
				t.Fatal(err)
			}
			decoder := json.NewDecoder(bytes.NewReader(raw))
			decoder.DisallowUnknownFields()
			var steps []*schemas.DistilledMeeting
			if err := decoder.Decode(&steps); err != nil {
				t.Fatal(err)
			}
			bench, key := stagetest.New(New(), codec), steps[0].Matched.Meeting.ID
			var answers []answer
			for _, step := range steps {
				emitted, err := stagetest.Put(t.Context(), bench, schemas.DistilledMeetings, key, step)
				var rejected *schemas.Rejected
				if errors.As(err, &rejected) {
					answers = append(answers, answer{Error: rejected.Error()})
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				answers = append(answers, told(t, bench, emitted))
			}
			stagetest.Golden(t, filepath.Join(dir, "out.json"), *update, answers)
		})
	}
}

// told sums up emitted records, and checks that keys and versions are in order.
func told(t *testing.T, bench *stagetest.Bench, emitted []*kgo.Record) answer {
	t.Helper()
	var a answer
	for _, r := range emitted {
		one := []*kgo.Record{r}
		if r.Topic != schemas.MeetingProgress.Name {
			version := schemas.Header(r, schemas.HeaderVersion)
			if a.Version != "" && version != a.Version || version == "" {
				t.Errorf("%s has version %q beside %q", r.Key, version, a.Version)
			}
			a.Version = version
		}
		switch r.Topic {
		case schemas.MeetingProgress.Name:
			progress, err := stagetest.Values(bench, schemas.MeetingProgress, one)
			if err != nil {
				t.Fatal(err)
			}
			a.Outcome = progress[0].Outcome
		case schemas.MeetingRows.Name:
			rows, err := stagetest.Values(bench, schemas.MeetingRows, one)
			if err != nil {
				t.Fatal(err)
			}
			a.Row, a.RowGone = rows[0], rows[0] == nil
		case schemas.KnowledgeEntries.Name:
			meeting, id, ok := schemas.SplitEntryKey(string(r.Key))
			entries, err := stagetest.Values(bench, schemas.KnowledgeEntries, one)
			if err != nil {
				t.Fatal(err)
			}
			if entries[0] == nil {
				a.Gone = append(a.Gone, id)
				continue
			}
			if !ok || entries[0].ID != id || entries[0].MeetingID != meeting {
				t.Errorf("entry %s of %s has the key %s", entries[0].ID, entries[0].MeetingID, r.Key)
			}
			a.Entries = append(a.Entries, *entries[0])
		}
	}
	if a.Row != nil && int(a.Row.Entries) != len(a.Entries) {
		t.Errorf("the row counts %d entries of %d", a.Row.Entries, len(a.Entries))
	}
	return a
}
