package command

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"leadline/console"
	"leadline/schemas"
)

// theCall is what both recordings are of. Ann is invited by the one who makes the first, Bob by the other.
var theCall = struct {
	room   int64
	begins time.Time
}{84_210_077_123, time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)}

// atFathom is a recording of the call, made by ida or jon.
func atFathom(id int, host string, lasts time.Duration, guest string) map[string]any {
	person := func(email string, external bool) map[string]any {
		return map[string]any{"name": email, "email": email, "is_external": external}
	}
	return map[string]any{
		"recording_id": id, "recording_start_time": theCall.begins, "recording_end_time": theCall.begins.Add(lasts),
		"meeting_url": fmt.Sprintf("https://zoom.us/j/%d", theCall.room), "recorded_by": map[string]any{"name": host, "email": host},
		"calendar_invitees": []any{person(host, false), person(guest, true)},
	}
}

// atZoom is the folder of one recording of the call.
func atZoom(t *testing.T, uuid, host string, lasts time.Duration, guest string) fstest.MapFS {
	t.Helper()
	begins, ends := theCall.begins.Format(time.RFC3339), theCall.begins.Add(lasts).Format(time.RFC3339)
	raw, err := json.Marshal(map[string]any{
		"host": map[string]any{"id": "jon", "email": host, "display_name": host},
		"recording": map[string]any{
			"uuid": uuid, "id": theCall.room, "topic": "Renewal", "type": "2", "start_time": begins, "duration": lasts.Minutes(),
			"recording_files": []any{map[string]any{"id": "t", "file_type": "TRANSCRIPT", "recording_start": begins, "recording_end": ends}},
		},
		"participants": []any{
			map[string]any{"name": "Jon", "user_email": host, "internal_user": true}, map[string]any{"name": "Bob", "user_email": guest},
		},
		"summary": map[string]any{"summary_content": "The contract renews in December."},
	})
	if err != nil {
		t.Fatal(err)
	}
	return fstest.MapFS{
		"call.json": &fstest.MapFile{Data: raw},
		"call.vtt":  &fstest.MapFile{Data: []byte("WEBVTT\n\n03:45.000 --> 03:52.000\nBob: The contract renews on the first of December.\n")},
	}
}

// A call is recorded twice. Everything that lists, counts or finds meetings has it once, until somebody says that it is two.
func TestACallThatIsRecordedTwiceIsShownOnce(t *testing.T) {
	t.Parallel()
	const one = "demo/fathom/1"
	first := atFathom(1, "ida@own.example", time.Hour, "ann@acme.example")
	const jon, bob, lasts = "jon@own.example", "bob@beta.example", time.Hour - time.Minute
	for name, c := range map[string]struct {
		start func(t *testing.T) *life // connected, and all is recorded
		other string
	}{
		"by two people": {other: "demo/fathom/2", start: func(t *testing.T) *life {
			l := newLifeOf(t, "local", recordedLike(t, "910003.json", first, atFathom(2, jon, lasts, bob)))
			l.connect(l.where.URL)
			return l
		}},
		"by Fathom and Zoom": {other: "demo/zoom/QQ==", start: func(t *testing.T) *life {
			l := newLifeOf(t, "local", recordedLike(t, "910003.json", first))
			zoom, connect := l.zoom(atZoom(t, "QQ==", jon, lasts, bob))
			l.connect(l.where.URL)
			connect(l.where.URL)
			zoom.EndAll()
			return l
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := c.start(t)
			l.shownOnce(one, c.other)
		})
	}
}

// shownOnce lets the first recording stand for the other, then apart, then together again.
func (l *life) shownOnce(one, other string) {
	l.Helper()
	client := l.client()
	for id, domain := range map[string]string{"acme": "acme.example", "beta": "beta.example"} {
		if _, err := client.PutEntry(l.Context(), "demo", schemas.DirectoryLine{Type: schemas.SortCompany, ID: id, Name: id, Domains: []string{domain}}); err != nil {
			l.Fatal(err)
		}
	}
	l.simulator.EndAll(0)
	settled := func(acme, beta, meetings int) {
		l.Helper()
		l.until("the customers have their calls", func(tally console.Tally) bool {
			return tally.ByCompany["acme"] == acme && tally.ByCompany["beta"] == beta && total(tally.Meetings) == meetings
		})
	}
	// The words have a sink of their own, so they may be a moment behind the meetings.
	foundIn := func(company string, want ...string) {
		l.Helper()
		l.until("the words within "+company+" are those of "+strings.Join(want, " "), func(console.Tally) bool {
			all, err := client.Search(l.Context(), schemas.SearchQuery{Scope: schemas.Scope{Org: "demo", Company: company, HeldBack: company == ""}, Text: "contract", Limit: 100})
			if err != nil {
				l.Fatal(err)
			}
			var found []string
			for _, p := range all {
				found = append(found, p.MeetingID)
			}
			slices.Sort(found)
			return slices.Equal(slices.Compact(found), want)
		})
	}
	settled(1, 1, 1)
	l.until("the other one is there", func(tally console.Tally) bool { return tally.Progress["index/done"] >= 1 && l.standsFor(one, other) })
	for _, company := range []string{"", "acme", "beta"} {
		foundIn(company, one)
	}
	list, err := client.Meetings(l.Context(), schemas.MeetingQuery{Scope: schemas.Scope{Org: "demo"}})
	if err != nil || len(list) != 1 || !slices.Equal(list[0].Companies, []string{"acme", "beta"}) {
		l.Errorf("the list has %+v, %v", list, err)
	}
	shown, err := client.Meeting(l.Context(), schemas.Scope{Org: "demo"}, one)
	if err != nil {
		l.Fatal(err)
	}
	for _, email := range []string{"ida@own.example", "jon@own.example", "ann@acme.example", "bob@beta.example"} {
		named := 0
		for _, a := range shown.Attendees {
			if a.Email != nil && *a.Email == email {
				named++
			}
		}
		if named != 1 {
			l.Errorf("%s attends %d times: %+v", email, named, shown.Attendees)
		}
	}
	for _, company := range []string{"acme", "beta"} {
		customer, err := client.Customer(l.Context(), schemas.Scope{Org: "demo"}, company)
		if err != nil || customer.Meetings != 1 || len(customer.Recent) != 1 || customer.Recent[0].ID != one {
			l.Errorf("%s has %d meetings: %+v, %v", company, customer.Meetings, customer.Recent, err)
		}
		made, err := client.Context(l.Context(), console.ContextQuery{Scope: schemas.Scope{Org: "demo"}, Customer: company, Question: "contract", Tokens: 8000})
		if err != nil || len(made.Meetings) != 1 || len(made.Passages) == 0 {
			l.Errorf("the context of %s has %d meetings and %d passages, %v", company, len(made.Meetings), len(made.Passages), err)
		}
		for _, e := range slices.Concat(made.Passages, made.ActionItems, made.ProductAsks, made.RenewalSignals, made.Feedback, made.Meetings) {
			if e.MeetingID != one {
				l.Errorf("the context of %s has something of %s: %+v", company, e.MeetingID, e)
			}
		}
	}
	if said := l.command(0, "", "meeting", other); !strings.Contains(said, one+" (stands in this one's place): recorded at the same time in the conference room zoom:84210077123") {
		l.Errorf("of the other recording it is said %s", said)
	}
	if said := l.command(0, "", "why", other, "beta"); !strings.Contains(said, "is on beta") {
		l.Errorf("why says %s", said)
	}
	l.command(0, "", "apart", other)
	settled(1, 1, 2)
	foundIn("beta", other)
	foundIn("", one, other)
	l.command(0, "", "apart", other, one, "--undo")
	settled(1, 1, 1)
	foundIn("", one)
	if calls := l.counted("leadline_distill_calls_total"); calls > 2 {
		l.Errorf("distilled %v times, want each recording at most once", calls)
	}
}

// standsFor says whether the API shows the one recording as standing for the other.
func (l *life) standsFor(one, other string) bool {
	l.Helper()
	m, err := l.client().Meeting(l.Context(), schemas.Scope{Org: "demo"}, one)
	return err == nil && m.Call != nil && len(m.Call.Recordings) == 1 && m.Call.Recordings[0].MeetingID == other
}
