package console_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"leadline/schemas"
	"leadline/sinks/embedded"
	"leadline/sinks/sink"
)

var update = flag.Bool("update", false, "write what the tests see into testdata")

// The harbour is an organisation with three customers. Every meeting of it
// says "pier", so that what a scope lets through can be told from what it
// holds back.
const harbour = "harbour"

var began = time.Date(2026, 9, 1, 9, 0, 0, 0, time.UTC)

func ptr[T any](v T) *T { return &v }

// hostile is a title that wants to clear the screen, set the window's title,
// turn the reading order and break the line.
const hostile = "Plan\x1b[2J\x1b]0;owned\x07 \u202egnp.exe\u202c \u009b31m\r\nSTATE matched \u2066x\u2069 \U000e0041"

func meeting(recorder, recording, title string, day int, state schemas.State, links ...schemas.Link) *schemas.MeetingRow {
	at := began.AddDate(0, 0, day)
	m := &schemas.MeetingRow{
		ID: schemas.MeetingID(harbour, recorder, recording), Org: harbour, Provider: recorder, RecordingID: recording,
		State: string(state), Title: title, URL: "https://recorder.example/calls/" + recording, Language: "en",
		CreatedAt: at, StartedAt: at, EndedAt: at.Add(96*time.Minute + 40*time.Second), ReceivedAt: at.Add(2 * time.Hour),
		Host: schemas.Host{Name: "Ida Holm", Email: "ida@harbour.example"}, Links: links, Turns: 3, Words: 42,
	}
	if state != schemas.StateMatched {
		m.Reason = "no attendee is in the directory: guest@nowhere.example"
	}
	return m
}

func link(company, user *string, attendee, rule, matched string) schemas.Link {
	return schemas.Link{CompanyID: company, EndUserID: user, Attendee: attendee, Rule: rule, Matched: matched}
}

func meetings() []*schemas.MeetingRow {
	amber := link(ptr("co_amber"), nil, "bo@amber.example", schemas.RuleDomain, "amber.example")
	full := meeting(schemas.Fathom, "1001", "Amber Works: the new pier", 0, schemas.StateMatched,
		link(ptr("co_amber"), ptr("eu_ann"), "ann@amber.example", schemas.RuleEmail, "ann@amber.example"), amber)
	full.Attendees = []schemas.Attendee{
		{Name: "Ida Holm", Email: ptr("ida@harbour.example"), Spoke: true},
		{Name: "Ann Berg", Email: ptr("ann@amber.example"), External: true, Spoke: true},
		{Name: "Bo Lind", Email: ptr("bo@amber.example"), External: true},
	}
	full.Speakers = []schemas.Speaker{
		{Name: "Ida Holm", Email: ptr("ida@harbour.example"), Turns: 1, Words: 10},
		{Name: "Ann Berg", Email: ptr("ann@amber.example"), Turns: 2, Words: 32},
	}
	full.ActionItems = []schemas.Action{
		{Description: "Send the drawings of the pier", AssigneeName: ptr("Ida Holm"), AssigneeEmail: ptr("ida@harbour.example"), AtMS: ptr(int64(754_000))},
		{Description: "Book the crane", Completed: true, UserGenerated: true},
	}
	full.Distiller = "rules/1"
	full.Distillates = []schemas.Distillate{
		{Kind: schemas.ActionItem, Sentence: "Ida Holm sends the drawings of the pier.", Quote: "I will send you the drawings tomorrow.", Turn: 2, Speaker: "Ida Holm", StartMS: 754_000, Owner: ptr("Ida Holm")},
		{Kind: schemas.ProductAsk, Sentence: "Ann Berg asks for a report of the tides that comes every morning before the first ship leaves.", Quote: "Could the \"tide report\" come before six?", Turn: 1, Speaker: "Ann Berg", StartMS: 3_723_000},
		{Kind: schemas.ActionItem, Sentence: "Somebody books the crane.", Turn: -1},
	}
	return []*schemas.MeetingRow{
		full,
		meeting(schemas.Fathom, "1002", "Birch Labs 東京のミーティング", 1, schemas.StateMatched,
			link(ptr("co_birch"), nil, "kai@birch.example", schemas.RuleDomain, "birch.example")),
		meeting(schemas.Zoom, "1001", hostile, 2, schemas.StateMatched, amber,
			link(ptr("co_birch"), nil, "kai@birch.example", schemas.RuleDomain, "birch.example")),
		meeting(schemas.Fathom, "1003", "Weekly of the pier crew", 3, schemas.StateInternal),
		meeting(schemas.Fathom, "1004", "Somebody about a pier", 4, schemas.StateUnmatched),
		meeting(schemas.Fathom, "1005", "A call with a lone skipper", 5, schemas.StateMatched,
			link(nil, ptr("eu_lone"), "skipper@mail.example", schemas.RuleEmail, "skipper@mail.example")),
	}
}

// entriesOf makes three entries of a meeting.
func entriesOf(m *schemas.MeetingRow) []*schemas.Entry {
	base := schemas.Entry{
		MeetingID: m.ID, Org: m.Org, Provider: m.Provider, RecordingID: m.RecordingID, Title: m.Title, MeetingAt: m.StartedAt,
		Language: m.Language, URL: m.URL, State: m.State,
	}
	for _, l := range m.Links {
		if l.CompanyID != nil && !slices.Contains(base.Companies, *l.CompanyID) {
			base.Companies = append(base.Companies, *l.CompanyID)
		}
		if l.EndUserID != nil {
			base.EndUsers = append(base.EndUsers, *l.EndUserID)
		}
	}
	id := m.Provider + ":" + m.RecordingID
	speech, summary, asked := base, base, base
	speech.ID, speech.Kind = id+":transcript:0", schemas.EntryTranscript
	speech.Text = "Ida Holm: Welcome to the harbour.\nAnn Berg: The old pier of " + m.RecordingID + " is rotten, and the winter storms have taken the last of its railing.\n" +
		"Ida Holm: " + strings.Repeat("We have heard this from others too, and we are looking into it. ", 8) + "\nAnn Berg: So when will the new pier come?"
	speech.Speakers = []string{"Ida Holm", "Ann Berg"}
	speech.TurnFirst, speech.TurnLast, speech.StartMS, speech.EndMS = ptr(int32(0)), ptr(int32(3)), ptr(int64(61_000)), ptr(int64(95_000))
	summary.ID, summary.Kind, summary.Text = id+":summary", schemas.EntrySummary, "They spoke about the pier of "+m.RecordingID+"."
	asked.ID, asked.Kind, asked.Distilled = "distilled:"+id+":product_ask:0", schemas.EntryDistilled, ptr(schemas.ProductAsk)
	asked.Text = "Ann Berg asks for a pier with a railing.\n\"So when will the new pier come?\""
	asked.Speakers, asked.TurnFirst, asked.TurnLast, asked.StartMS = []string{"Ann Berg"}, ptr(int32(3)), ptr(int32(3)), ptr(int64(3_723_000))
	return []*schemas.Entry{&speech, &summary, &asked}
}

func directory() []*schemas.DirectoryEntry {
	company := func(id, name string, domains ...string) *schemas.DirectoryEntry {
		return &schemas.DirectoryEntry{Org: harbour, Company: &schemas.Company{ID: id, Name: name, Domains: domains}}
	}
	amber := company("co_amber", "Amber Works", "amber.example", "amber-works.example")
	amber.Company.Traits = map[string]string{"plan": "enterprise", "seats": "40"}
	user := func(id, name string, company *string, emails ...string) *schemas.DirectoryEntry {
		return &schemas.DirectoryEntry{Org: harbour, EndUser: &schemas.EndUser{ID: id, CompanyID: company, Name: name, Emails: emails}}
	}
	return []*schemas.DirectoryEntry{
		amber, company("co_birch", "Birch Labs", "birch.example"), company("co/odd id%2F..", "Odd & Sons"),
		user("eu_ann", "Ann Berg", ptr("co_amber"), "ann@amber.example"), user("eu_lone", "Lone Skipper", nil, "skipper@mail.example"),
	}
}

// openHarbour is a real store with all of this in it, and a meeting of another
// organisation.
func openHarbour(t testing.TB) *embedded.Store {
	t.Helper()
	s, err := embedded.Open(t.Context(), filepath.Join(t.TempDir(), "store.db"))
	if err != nil {
		t.Fatal(err)
	}
	// Until its words are in memory a search is answered by the file's own index, whose scores are others.
	if err := s.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	var (
		rows     sink.Batch[schemas.MeetingRow]
		entries  sink.Batch[schemas.Entry]
		progress sink.Batch[schemas.Progress]
		places   sink.Batch[schemas.DirectoryEntry]
	)
	all := meetings()
	foreign := *all[0]
	foreign.ID, foreign.Org = schemas.MeetingID("foreign", schemas.Fathom, "1001"), "foreign"
	for _, m := range append(all, &foreign) {
		rows = append(rows, sink.Row[schemas.MeetingRow]{Key: m.ID, Version: 3, Value: m})
		for _, e := range entriesOf(m) {
			entries = append(entries, sink.Row[schemas.Entry]{Key: schemas.EntryKey(m.ID, e.ID), Version: 3, Value: e})
		}
		for i, stage := range []string{"normalize", "match", "distill", "index"} {
			p := &schemas.Progress{
				MeetingID: m.ID, Org: m.Org, Stage: stage, Outcome: schemas.OutcomeDone, Source: "webhook",
				At: m.StartedAt.Add(2*time.Hour + time.Duration(i)*time.Second), Topic: "t", Offset: int64(i),
			}
			if stage == "index" {
				p.Detail = "3 entries in version 3, of which none was there before"
			}
			progress = append(progress, sink.Row[schemas.Progress]{Key: m.ID + stage, Version: uint64(i + 1), Value: p})
		}
	}
	for _, e := range directory() {
		key := schemas.DirectoryKey(e.Org, schemas.SortCompany, "")
		if e.Company != nil {
			key += e.Company.ID
		} else {
			key = schemas.DirectoryKey(e.Org, schemas.SortEndUser, e.EndUser.ID)
		}
		places = append(places, sink.Row[schemas.DirectoryEntry]{Key: key, Version: 1, Value: e})
	}
	write(t, s.MeetingSink(), rows)
	write(t, s.EntrySink(), entries)
	write(t, s.ProgressSink(), progress)
	write(t, s.DirectorySink(), places)
	write(t, s.RuleHitSink(), ruleHits())
	return s
}

func write[T any](t testing.TB, s sink.Sink[T], b sink.Batch[T]) {
	t.Helper()
	if err := s.Write(t.Context(), b); err != nil {
		t.Fatal(err)
	}
}

// golden compares with the file, or writes it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != string(got) {
		t.Errorf("%s (go test -update writes it anew)\ngot:\n%s\nwant:\n%s", path, got, want)
	}
}
