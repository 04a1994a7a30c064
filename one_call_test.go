package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"leadline/console"
	"leadline/schemas"
)

// Two people record one call. Everything that lists, counts or finds meetings has
// it once, until somebody says that it is two.
func TestACallThatTwoPeopleRecordIsShownOnce(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	person := func(email string, external bool) map[string]any {
		return map[string]any{"name": email, "email": email, "is_external": external}
	}
	recording := func(id int, host string, ends time.Duration, invited ...map[string]any) map[string]any {
		return map[string]any{
			"recording_id": id, "recording_start_time": began, "recording_end_time": began.Add(ends), "meeting_url": "https://zoom.us/j/84210077123",
			"recorded_by": map[string]any{"name": host, "email": host}, "calendar_invitees": invited,
		}
	}
	l := newLifeOf(t, "local", recordedLike(t, "910003.json",
		recording(1, "ida@own.example", time.Hour, person("ida@own.example", false), person("ann@acme.example", true)),
		recording(2, "jon@own.example", time.Hour-time.Minute, person("jon@own.example", false), person("bob@beta.example", true))))
	client := l.client()
	for id, domain := range map[string]string{"acme": "acme.example", "beta": "beta.example"} {
		if _, err := client.PutEntry(t.Context(), "demo", schemas.DirectoryLine{Type: schemas.SortCompany, ID: id, Name: id, Domains: []string{domain}}); err != nil {
			t.Fatal(err)
		}
	}
	l.connect(l.where.URL)
	l.simulator.EndAll(0)
	settled := func(acme, beta, meetings int) {
		t.Helper()
		l.until("the customers have their calls", func(tally console.Tally) bool {
			return tally.ByCompany["acme"] == acme && tally.ByCompany["beta"] == beta && total(tally.Meetings) == meetings
		})
	}
	// The words have a sink of their own, so they may be a moment behind the meetings.
	foundIn := func(company string, want ...string) {
		t.Helper()
		l.until("the words within "+company+" are those of "+strings.Join(want, " "), func(console.Tally) bool {
			all, err := client.Search(t.Context(), schemas.SearchQuery{Scope: schemas.Scope{Org: "demo", Company: company, HeldBack: company == ""}, Text: "contract", Limit: 100})
			if err != nil {
				t.Fatal(err)
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
	const one, other = "demo/fathom/1", "demo/fathom/2"
	for _, company := range []string{"", "acme", "beta"} {
		foundIn(company, one)
	}
	list, err := client.Meetings(t.Context(), schemas.MeetingQuery{Scope: schemas.Scope{Org: "demo"}})
	if err != nil || len(list) != 1 || !slices.Equal(list[0].Companies, []string{"acme", "beta"}) {
		t.Errorf("the list has %+v, %v", list, err)
	}
	shown, err := client.Meeting(t.Context(), schemas.Scope{Org: "demo"}, one)
	if err != nil || len(shown.Attendees) < 4 || shown.Call == nil || shown.Call.Recordings[0].MeetingID != other {
		t.Errorf("the call has the attendees %+v and the recordings %+v, %v", shown.Attendees, shown.Call, err)
	}
	if said := l.command(0, "", "meeting", "2"); !strings.Contains(said, one+" (stands in this one's place): recorded at the same time in the conference room zoom:84210077123") {
		t.Errorf("of the other recording it is said %s", said)
	}
	if said := l.command(0, "", "why", "2", "beta"); !strings.Contains(said, "is on beta") {
		t.Errorf("why says %s", said)
	}
	l.command(0, "", "apart", "2")
	settled(1, 1, 2)
	foundIn("beta", other)
	foundIn("", one, other)
	l.command(0, "", "apart", "2", "1", "--undo")
	settled(1, 1, 1)
	foundIn("", one)
	if calls := l.counted("leadline_distill_calls_total"); calls > 2 {
		t.Errorf("distilled %v times, want each recording at most once", calls)
	}
}
