package normalize

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/processors/stage/stagetest"
	"leadline/schemas"
	"leadline/schemas/schematest"
)

const (
	bare      = `{"recording_id":7,"created_at":"2026-10-05T09:00:00Z"}`
	spoken    = `{"recording_id":7,"created_at":"2026-10-05T09:00:00Z","transcript":[{"text":"Hi.","timestamp":"00:00:01"}]}`
	edited    = `{"recording_id":7,"created_at":"2026-10-05T09:00:00Z","title":"Edited","transcript":[{"text":"Hi.","timestamp":"00:00:01"}]}`
	summed    = `{"recording_id":7,"created_at":"2026-10-05T09:00:00Z","transcript":[{"text":"Hi.","timestamp":"00:00:01"}],"default_summary":{"markdown_formatted":"Hi."}}`
	respelled = "{ \"transcript\" :[{\"timestamp\":\"00:00:01\",\"speaker\":null,\"text\":\"\\u0048i.\"}],\n\"created_at\":\"2026-10-05T11:00:00.0+02:00\",\"crm_matches\":null,\"action_items\":[],\"recording_id\":7}"
)

func TestOutcomes(t *testing.T) {
	t.Parallel()
	type arrival struct {
		source schemas.Source
		second int
		body   string
		want   string
	}
	const (
		done, duplicate, stale = schemas.OutcomeDone, schemas.OutcomeDuplicate, schemas.OutcomeStale
		webhook, poll, manual  = schemas.SourceWebhook, schemas.SourcePoll, schemas.SourceManual
		erase                  = schemas.SourceErase
	)
	codec := schematest.Codec(t)
	for name, arrivals := range map[string][]arrival{
		"the same content is sent on once, whichever way it comes": {
			{webhook, 0, spoken, done}, {webhook, 1, spoken, duplicate}, {poll, 2, spoken, duplicate}, {manual, 3, respelled, duplicate},
		},
		"an edit that a poll sees replaces the webhook's content":  {{webhook, 0, spoken, done}, {poll, 1, edited, done}},
		"a webhook that comes after a poll is older than it":       {{poll, 0, edited, done}, {webhook, 1, spoken, stale}},
		"between polls the later wins":                             {{poll, 1, spoken, done}, {poll, 2, edited, done}, {poll, 0, spoken, stale}},
		"an edit that is taken back counts":                        {{poll, 0, spoken, done}, {poll, 1, edited, done}, {manual, 2, spoken, done}},
		"what a poll saw too early is completed by the webhook":    {{poll, 0, spoken, done}, {webhook, 1, summed, done}},
		"content without transcript never replaces content with":   {{webhook, 0, spoken, done}, {poll, 1, bare, stale}},
		"a transcript that comes late is taken from anywhere":      {{poll, 1, bare, done}, {webhook, 0, spoken, done}},
		"what is erased is gone once":                              {{webhook, 0, spoken, done}, {erase, 1, "", done}, {erase, 2, "", duplicate}},
		"what was received before does not bring it back":          {{poll, 0, spoken, done}, {erase, 2, "", done}, {poll, 1, edited, stale}, {webhook, 2, spoken, stale}},
		"what is received after is a new meeting":                  {{poll, 0, spoken, done}, {erase, 1, "", done}, {webhook, 2, spoken, done}, {webhook, 3, spoken, duplicate}},
		"an erasure that comes late erases nothing newer":          {{poll, 3, spoken, done}, {erase, 2, "", stale}, {poll, 4, spoken, duplicate}},
		"an erasure that comes first keeps out what is older":      {{erase, 2, "", duplicate}, {poll, 1, spoken, stale}},
		"content confirmed by a poll is not undone by older polls": {{webhook, 0, spoken, done}, {poll, 5, spoken, duplicate}, {poll, 3, edited, stale}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bench := stagetest.New(New(), codec)
			for i, a := range arrivals {
				o := origin(a.source, noon.Add(time.Duration(a.second)*time.Second))
				r := schemas.RawRecord(o, []byte(a.body))
				if a.source == erase {
					o.Recording = "7"
					r = schemas.ErasedRecord(o)
				}
				emitted, err := bench.Feed(t.Context(), r)
				if err != nil {
					t.Fatal(err)
				}
				progress, err := stagetest.Values(bench, schemas.MeetingProgress, emitted)
				if err != nil {
					t.Fatal(err)
				}
				if len(progress) != 1 || progress[0].Outcome != a.want || progress[0].MeetingID != "harbourline/fathom/7" {
					t.Fatalf("arrival %d: got %v, want %s", i, progress[0], a.want)
				}
				meetings, err := stagetest.Values(bench, schemas.NormalizedMeetings, emitted)
				if err != nil {
					t.Fatal(err)
				}
				if (len(meetings) == 1) != (a.want == done) {
					t.Fatalf("arrival %d (%s): %d meetings were sent on", i, a.want, len(meetings))
				}
			}
		})
	}
}

func TestRecordsThatCannotBeAMeetingAreRejected(t *testing.T) {
	t.Parallel()
	header := func(name, value string) func(*kgo.Record) {
		return func(r *kgo.Record) {
			for i := range r.Headers {
				if r.Headers[i].Key == name {
					r.Headers[i].Value = []byte(value)
				}
			}
		}
	}
	body := func(s string) func(*kgo.Record) { return func(r *kgo.Record) { r.Value = []byte(s) } }
	codec := schematest.Codec(t)
	turns := strings.Repeat(`{},`, maxTurns) + `{}`
	for name, tt := range map[string]struct {
		spoil  func(*kgo.Record)
		reason schemas.Reason
		says   string
	}{
		"unknown event":   {header(schemas.HeaderEvent, "fathom/meeting.deleted"), schemas.ReasonUnknownEvent, `"fathom/meeting.deleted"`},
		"no headers":      {func(r *kgo.Record) { r.Headers = nil }, schemas.ReasonUnknownEvent, `event ""`},
		"no organisation": {header(schemas.HeaderOrg, ""), schemas.ReasonInvalid, "header org"},
		"crafted name":    {header(schemas.HeaderOrg, "a/b"), schemas.ReasonInvalid, "header org"},
		"another's key":   {func(r *kgo.Record) { r.Key = []byte("other") }, schemas.ReasonInvalid, `record key "other"`},
		"no body":         {func(r *kgo.Record) { r.Value = nil }, schemas.ReasonMalformed, "not a JSON object"},
		"Latin 1":         {body("{\"recording_id\":7,\"title\":\"Zo\xeb\"}"), schemas.ReasonMalformed, "not UTF-8"},
		"two bodies":      {body(bare + bare), schemas.ReasonMalformed, "after top-level value"},
		"deep":            {body(`{"x":` + strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth) + "}"), schemas.ReasonMalformed, "nested deeper than 64"},
		"many values":     {body(`{"x":[` + strings.Repeat("[],", maxValues/2) + "0]}"), schemas.ReasonMalformed, "more than 1048576 values"},
		"many turns":      {body(`{"recording_id":7,"transcript":[` + turns + "]}"), schemas.ReasonInvalid, "at most 100000 turns, got 100001"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := schemas.RawRecord(origin(schemas.SourceWebhook, noon), []byte(bare))
			tt.spoil(r)
			_, err := stagetest.New(New(), codec).Feed(t.Context(), r)
			var rejected *schemas.Rejected
			if !errors.As(err, &rejected) {
				t.Fatalf("not rejected: %v", err)
			}
			if rejected.Reason != tt.reason || !strings.Contains(rejected.Error(), tt.says) {
				t.Errorf("got %v, want %s: ...%s...", rejected, tt.reason, tt.says)
			}
		})
	}
}

// Brackets and quotes inside of texts are not structure.
func TestDepthIsCountedOutsideOfTexts(t *testing.T) {
	t.Parallel()
	title := strings.Repeat(`[{\"\\`, maxDepth)
	if err := checkBody([]byte(`{"title":"` + title + `","x":[[]]}`)); err != nil {
		t.Error(err)
	}
}
