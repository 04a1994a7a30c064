package match

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/processors/stage/stagetest"
	"leadline/schemas"
	"leadline/schemas/schematest"
)

func entryStep(e schemas.DirectoryEntry) step {
	s := step{isEntry: true, entry: &e}
	if e.Company != nil {
		s.key = schemas.DirectoryKey(e.Org, schemas.SortCompany, e.Company.ID)
	} else {
		s.key = schemas.DirectoryKey(e.Org, schemas.SortEndUser, e.EndUser.ID)
	}
	return s
}

func gone(s step) step {
	s.entry, s.meeting = nil, nil
	return s
}

func meetingStep(recording string, invited ...string) step {
	m := meeting("hana@leadline.example", invited...)
	m.RecordingID, m.ID = recording, schemas.MeetingID("o", "fathom", recording)
	return step{key: m.ID, meeting: m}
}

// outcomes reads what was reported of each meeting.
func outcomes(t *testing.T, bench *stagetest.Bench, emitted []*kgo.Record) map[string]string {
	t.Helper()
	told, err := stagetest.Values(bench, schemas.MeetingProgress, emitted)
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]string)
	for _, p := range told {
		all[p.MeetingID] = p.Outcome
	}
	return all
}

func TestDirectoryChangeEmitsOnlyTheMeetingsItChanges(t *testing.T) {
	t.Parallel()
	bench := stagetest.New(New(), schematest.Codec(t))
	feed(t, bench, meetingStep("1", "ann@acme.example"))
	feed(t, bench, meetingStep("2", "bob@mail.acme.example"))
	feed(t, bench, meetingStep("3", "cyd@other.example"))
	for _, c := range []struct {
		name string
		step step
		want map[string]string // recording -> links, of those emitted
	}{
		{"a company appears", entryStep(company("acme", "acme.example")),
			map[string]string{"1": "acme//domain/acme.example", "2": "acme//domain/acme.example"}},
		{"the same again", entryStep(company("acme", "acme.example")), map[string]string{}},
		{"the same domain typed otherwise", entryStep(company("acme", "www.ACME.example")), map[string]string{}},
		{"an end user appears", entryStep(endUser("ann", "acme", "ann@acme.example")), map[string]string{"1": "acme/ann/email/ann@acme.example"}},
		{"whom nobody met", entryStep(endUser("dan", "acme", "dan@acme.example")), map[string]string{}},
		{"a company of part of the domain", entryStep(company("mail", "mail.acme.example")), map[string]string{"2": "mail//domain/mail.acme.example"}},
		{"the end user moves", entryStep(endUser("ann", "mail", "ann@acme.example")), map[string]string{"1": "mail/ann/email/ann@acme.example"}},
		{"their company goes", gone(entryStep(company("mail"))),
			map[string]string{"1": "/ann/email/ann@acme.example acme//domain/acme.example", "2": "acme//domain/acme.example"}},
		{"the end user goes", gone(entryStep(endUser("ann", "", "ann@acme.example"))), map[string]string{"1": "acme//domain/acme.example"}},
		{"what is not there goes", gone(entryStep(endUser("eve", "", "ann@acme.example"))), map[string]string{}},
		{"the company leaves the domain", entryStep(company("acme", "other.example")),
			map[string]string{"1": "", "2": "", "3": "acme//domain/other.example"}},
	} {
		got := make(map[string]string)
		for _, m := range feed(t, bench, c.step) {
			got[m.Meeting.RecordingID] = told(m.Links)
		}
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: emitted %v, want %v", c.name, got, c.want)
		}
	}
}

func TestSameContentByAnotherWayIsADuplicate(t *testing.T) {
	t.Parallel()
	bench := stagetest.New(New(), schematest.Codec(t))
	s := meetingStep("1", "ann@acme.example")
	s.meeting.Source, s.meeting.ReceivedAt = "webhook", time.UnixMilli(1_700_000_000_000).UTC()
	if n := len(feed(t, bench, s)); n != 1 {
		t.Fatalf("emitted %d times", n)
	}
	again := *s.meeting
	again.Source, again.ReceivedAt = "poll", again.ReceivedAt.Add(time.Hour)
	emitted, err := stagetest.Put(t.Context(), bench, schemas.NormalizedMeetings, s.key, &again)
	if err != nil {
		t.Fatal(err)
	}
	if got := outcomes(t, bench, emitted)[s.key]; got != schemas.OutcomeDuplicate || len(emitted) != 1 {
		t.Errorf("%d records, outcome %q, want the report of a duplicate alone", len(emitted), got)
	}
	again.Title = "Another title"
	if out := feed(t, bench, step{key: s.key, meeting: &again}); len(out) != 1 || out[0].Meeting.Title != "Another title" {
		t.Errorf("new content led to %v", out)
	}
}

func TestMeetingThatGoesIsGoneForGood(t *testing.T) {
	t.Parallel()
	bench := stagetest.New(New(), schematest.Codec(t))
	s := meetingStep("1", "ann@acme.example")
	feed(t, bench, s)
	if out := feed(t, bench, gone(s)); len(out) != 1 || out[0] != nil {
		t.Errorf("emitted %v, want one tombstone", out)
	}
	if out := feed(t, bench, gone(s)); len(out) != 0 {
		t.Errorf("gone again emitted %v", out)
	}
	if out := feed(t, bench, entryStep(company("acme", "acme.example"))); len(out) != 0 {
		t.Errorf("the directory brought it back: %v", out)
	}
}

func TestRecordsThatContradictTheirKeyAreRejected(t *testing.T) {
	t.Parallel()
	codec := schematest.Codec(t)
	acme := company("acme", "acme.example")
	both := company("acme", "acme.example")
	both.EndUser = endUser("acme", "").EndUser
	for name, s := range map[string]step{
		"another company's key":     {key: "o/company/other", entry: &acme, isEntry: true},
		"an end user's key":         {key: "o/end_user/acme", entry: &acme, isEntry: true},
		"another organisation":      {key: "p/company/acme", entry: &acme, isEntry: true},
		"both sorts":                {key: "o/company/acme", entry: &both, isEntry: true},
		"a sort that there is not":  {key: "o/deal/acme", entry: &acme, isEntry: true},
		"no id":                     {key: "o/company/", isEntry: true},
		"no sort":                   {key: "o", isEntry: true},
		"another meeting's key":     {key: "o/fathom/2", meeting: meetingStep("1").meeting},
		"a key that names nothing":  {key: "1", meeting: meetingStep("1").meeting},
		"the tombstone of a nobody": {key: "1"},
	} {
		bench := stagetest.New(New(), codec)
		var err error
		if s.isEntry {
			_, err = stagetest.Put(t.Context(), bench, schemas.Directory, s.key, s.entry)
		} else {
			_, err = stagetest.Put(t.Context(), bench, schemas.NormalizedMeetings, s.key, s.meeting)
		}
		var rejected *schemas.Rejected
		if !errors.As(err, &rejected) || rejected.Reason != schemas.ReasonInvalid {
			t.Errorf("%s: %v, want it rejected as invalid", name, err)
		}
	}
}
