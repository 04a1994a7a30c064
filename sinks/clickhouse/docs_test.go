package clickhouse_test

import (
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	ch "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// questions are the queries of docs/clickhouse.md by their numbers.
func questions(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../../docs/clickhouse.md")
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]string)
	for _, m := range regexp.MustCompile("(?s)\n### ([0-9]+)\\. [^\n]*\n[^#]*?\n```sql\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		found[m[1]] = m[2]
	}
	if all := strings.Count(string(text), "```sql"); len(found) != 11 || all != 11 {
		t.Fatalf("found %d questions of %d queries, want eleven", len(found), all)
	}
	return found
}

const day = 24 * time.Hour

// TestTheQuestionsOfTheDocs asks them of a small organisation: Acme was met
// five days ago, Beta seventy, Cold never, and Ann of Acme not for 120.
func TestTheQuestionsOfTheDocs(t *testing.T) {
	t.Parallel()
	s, conn := fresh(t)
	now := time.Now().UTC().Truncate(time.Second)
	recent, past, long := now.Add(-5*day), now.Add(-70*day), now.Add(-120*day)
	write(t, s.DirectorySink(), directoryOfTheDocs()...)
	write(t, s.MeetingSink(), meetingsOfTheDocs(now, recent, past, long)...)
	write(t, s.MeetingSink(), gone("deleted", 2), full("recent", 1, 3)) // the older one late
	write(t, s.RuleHitSink(),
		ruleHit("recent", 3, recent, schemas.HitAbout, "renewal"), ruleHit("past", 3, past, schemas.HitOffTopic, "renewal", "sso"),
		ruleHit("past", 2, past, schemas.HitExcluded, "secret"), ruleHit("deleted", 3, now, schemas.HitAbout, "sso"))
	write(t, s.ProgressSink(),
		indexed(1, "recent", recent.Add(30*time.Minute+2*time.Minute)), indexed(2, "recent", now), indexed(3, "long", long.Add(30*time.Minute+4*time.Minute)))

	at := func(t time.Time) string { return t.Format("2006-01-02 15:04:05.000") }
	month := func(t time.Time) string { return t.Format("2006-01") + "-01" }
	quarter := func(t time.Time) string { return fmt.Sprintf("%d-%02d-01", t.Year(), (t.Month()-1)/3*3+1) }
	// Of the end, half an hour after the start: around midnight on a Monday they are of different weeks.
	monday := func(start time.Time) string {
		t := start.Add(30 * time.Minute)
		return t.AddDate(0, 0, -(int(t.Weekday())+6)%7).Format("2006-01-02")
	}
	id := func(recording string) string { return schemas.MeetingID(org, schemas.Fathom, recording) }
	want := map[string][]string{
		"1": {month(recent) + " acme Acme 1", month(past) + " beta Beta 1", month(long) + " acme Acme 1"},
		"2": {"cold Cold <nil> <nil>", "beta Beta " + at(past) + " 70"},
		"3": {"hugo@example.org 2 " + at(recent) + " [send the offer call Zoe]", "nobody 1 " + at(long) + " [write it down]"},
		"4": {"enterprise 2 1", "smb 1 1"},
		"5": {id("recent") + " " + at(recent) + " 400 0.25", id("past") + " " + at(past) + " 50 1"},
		"6": {quarter(recent) + " acme 1"},
		"7": {"unknown.example 1 2 " + at(now.Add(-3*day))},
		"8": {monday(recent) + " 1 2 2", monday(long) + " 1 4 4"},
		"9": {"acme ann Ann " + at(long) + " " + at(recent)},
		"11": {
			"renewal topic about 1 " + at(recent) + " the words of recent", "renewal topic off_topic 1 " + at(past) + " the words of past",
			"sso topic off_topic 1 " + at(past) + " the words of past",
		},
		"10": {
			"acme product_ask They want SSO. Bob we need SSO Meeting recent https://fathom.video/recent",
			"acme renewal_signal They will renew. Bob we stay Meeting recent https://fathom.video/recent",
			"beta product_ask They want dark mode. Ben it is too bright Meeting past https://fathom.video/past",
		},
	}
	for number, query := range questions(t) {
		t.Run(number, func(t *testing.T) {
			got := answer(t, conn, query, org)
			if !slices.Equal(got, want[number]) {
				t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want[number], "\n  "))
			}
			if others := answer(t, conn, query, "another-org"); len(others) != 0 {
				t.Errorf("another organisation gets %v", others)
			}
		})
	}
}

// answer is a line for each row of a query's result.
func answer(t *testing.T, conn driver.Conn, query, org string) []string {
	t.Helper()
	found, err := conn.Query(t.Context(), query, ch.Named("org", org))
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	var lines []string
	for found.Next() {
		types := found.ColumnTypes()
		into := make([]any, len(types))
		for i, c := range types {
			into[i] = reflect.New(c.ScanType()).Interface()
		}
		if err := found.Scan(into...); err != nil {
			t.Fatal(err)
		}
		said := make([]string, len(into))
		for i, v := range into {
			said[i] = plain(reflect.ValueOf(v).Elem(), types[i].DatabaseTypeName())
		}
		lines = append(lines, strings.Join(said, " "))
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}

func plain(v reflect.Value, columnType string) string {
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	at, ok := v.Interface().(time.Time)
	switch {
	case !ok:
		return fmt.Sprint(v.Interface())
	case strings.Contains(columnType, "DateTime"):
		return at.UTC().Format("2006-01-02 15:04:05.000")
	default:
		return at.Format("2006-01-02")
	}
}

func directoryOfTheDocs() []sink.Row[schemas.DirectoryEntry] {
	company := func(id, name string, traits map[string]string) sink.Row[schemas.DirectoryEntry] {
		return sink.Row[schemas.DirectoryEntry]{Key: schemas.DirectoryKey(org, schemas.SortCompany, id), Version: 1,
			Value: &schemas.DirectoryEntry{Org: org, Company: &schemas.Company{ID: id, Name: name, Traits: traits}}}
	}
	user := func(id, name string) sink.Row[schemas.DirectoryEntry] {
		return sink.Row[schemas.DirectoryEntry]{Key: schemas.DirectoryKey(org, schemas.SortEndUser, id), Version: 1,
			Value: &schemas.DirectoryEntry{Org: org, EndUser: &schemas.EndUser{ID: id, Name: name, CompanyID: ptr("acme")}}}
	}
	return []sink.Row[schemas.DirectoryEntry]{
		company("acme", "Acme", map[string]string{"revenue_segment": "enterprise"}),
		company("beta", "Beta", map[string]string{"revenue_segment": "smb"}), company("cold", "Cold", nil),
		user("ann", "Ann"), user("bob", "Bob"),
	}
}

// ruleHit is what rules of a version did to a recording.
func ruleHit(recording string, version int64, at time.Time, effect string, rules ...string) sink.Row[schemas.RuleHit] {
	h := &schemas.RuleHit{
		MeetingID: schemas.MeetingID(org, schemas.Fathom, recording), Org: org, Rules: rules, RuleType: schemas.RuleTopic, RulesVersion: version,
		Effect: effect, Turn: -1, Excerpt: "the words of " + recording, At: at,
	}
	h.ID = schemas.HitID(nil, h)
	return sink.Row[schemas.RuleHit]{Key: schemas.RuleHitKey(h.MeetingID, h.ID), Version: 1, Value: h}
}

func meetingsOfTheDocs(now, recent, past, long time.Time) []sink.Row[schemas.MeetingRow] {
	on := func(m *schemas.MeetingRow, at time.Time) {
		m.RulesVersion = 3
		m.StartedAt, m.EndedAt, m.URL = at, at.Add(30*time.Minute), "https://fathom.video/"+m.RecordingID
	}
	hugo := ptr("hugo@example.org")
	return []sink.Row[schemas.MeetingRow]{
		meetingRow("recent", 2, func(m *schemas.MeetingRow) {
			on(m, recent)
			m.Attendees = []schemas.Attendee{{Name: "Hugo", Email: hugo}, {Name: "Robert", Email: ptr("bob@acme.example"), External: true}}
			m.Links = []schemas.Link{{CompanyID: ptr("acme"), EndUserID: ptr("bob")}, {CompanyID: ptr("acme")}}
			m.Speakers = []schemas.Speaker{{Name: "Hugo", Words: 300}, {Name: "Bob", Email: ptr("Bob@acme.example"), Words: 100}}
			m.ActionItems = []schemas.Action{{Description: "send the offer", AssigneeEmail: hugo}, {Description: "done", Completed: true, AssigneeEmail: hugo}}
			m.Distillates = []schemas.Distillate{
				{Kind: schemas.ProductAsk, Sentence: "They want SSO.", Speaker: "Bob", Quote: "we need SSO"},
				{Kind: schemas.RenewalSignal, Sentence: "They will renew.", Speaker: "Bob", Quote: "we stay"},
			}
		}),
		meetingRow("past", 1, func(m *schemas.MeetingRow) {
			on(m, past)
			m.Attendees = []schemas.Attendee{{Name: "Ben", External: true}}
			m.Links = []schemas.Link{{CompanyID: ptr("beta")}}
			m.Speakers = []schemas.Speaker{{Name: "Ben", Words: 50}}
			m.Distillates = []schemas.Distillate{{Kind: schemas.ProductAsk, Sentence: "They want dark mode.", Speaker: "Ben", Quote: "it is too bright"}}
		}),
		meetingRow("long", 1, func(m *schemas.MeetingRow) {
			on(m, long)
			m.Links = []schemas.Link{{CompanyID: ptr("acme"), EndUserID: ptr("ann")}}
			m.ActionItems = []schemas.Action{{Description: "write it down"}}
			m.Distillates = []schemas.Distillate{{Kind: schemas.ProductAsk, Sentence: "They want an API.", Quote: "an API"}}
		}),
		meetingRow("unmatched", 1, func(m *schemas.MeetingRow) {
			on(m, now.Add(-3*day))
			m.State = string(schemas.StateUnmatched)
			m.Attendees = []schemas.Attendee{{Email: ptr("zoe@Unknown.example"), External: true}, {Email: ptr("yan@unknown.example"), External: true}, {Name: "Hugo", Email: hugo}}
			m.ActionItems = []schemas.Action{{Description: "call Zoe", AssigneeEmail: hugo}}
			m.Distillates = []schemas.Distillate{{Kind: schemas.ProductAsk, Sentence: "Held back.", Quote: "held back"}}
		}),
		meetingRow("deleted", 1, func(m *schemas.MeetingRow) {
			on(m, now.Add(-day))
			m.Links = []schemas.Link{{CompanyID: ptr("cold"), EndUserID: ptr("ann")}}
			m.ActionItems = []schemas.Action{{Description: "gone"}}
			m.Distillates = []schemas.Distillate{{Kind: schemas.RenewalSignal, Sentence: "Gone.", Quote: "gone"}}
		}),
	}
}

func indexed(told int64, recording string, at time.Time) sink.Row[schemas.Progress] {
	return sink.Row[schemas.Progress]{Key: fmt.Sprint("0/", told), Version: uint64(told), Value: &schemas.Progress{
		MeetingID: schemas.MeetingID(org, schemas.Fathom, recording), Org: org, Stage: "index", Outcome: schemas.OutcomeDone,
		At: at, Topic: schemas.DistilledMeetings.Name, Offset: told}}
}
