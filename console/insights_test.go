package console_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"leadline/console"
	"leadline/schemas"
	"leadline/sinks/sink"
)

// insights is one line a person.
func insights(t *testing.T, i console.Insights) string {
	t.Helper()
	var lines []string
	for _, p := range i.People {
		email, user := "-", "-"
		if p.Email != nil {
			email = *p.Email
		}
		if p.EndUserID != nil {
			user = *p.EndUserID
		}
		lines = append(lines, fmt.Sprintf("%s %s: %d met, %d spoke, %d words of %.2f, asked %d, usual %v, quiet %v", email, user, p.Meetings, p.Spoke, p.Words, p.TalkShare, p.Questions, p.Usual, p.Quiet))
	}
	return strings.Join(lines, "\n")
}

// Ann speaks in the first two meetings and comes to no other; Bo comes to all
// and speaks in the last; one meeting is Birch's too, whose people are not shown.
func TestInsightsSayWhoComesAndWhoWentQuiet(t *testing.T) {
	t.Parallel()
	h, store := openDesk(t)
	at := func(n int, version uint64, companies ...string) sink.Row[schemas.MeetingRow] {
		m := meeting(schemas.Fathom, fmt.Sprint(2000+n), "Pier", 30+n, schemas.StateMatched)
		m.Links = append(m.Links, link(ptr("co_new"), nil, "bo@new.example", schemas.RuleDomain, "new.example"))
		m.Attendees = []schemas.Attendee{{Name: "Ida", Email: ptr("ida@harbour.example"), Spoke: true}, {Name: "Bo", Email: ptr("Bo@new.example"), External: true}}
		m.Speakers = []schemas.Speaker{{Name: "Ida", Email: ptr("ida@harbour.example"), Turns: 1, Words: 30, Questions: 1}}
		if n < 2 {
			m.Links = append(m.Links, link(ptr("co_new"), ptr("eu_new"), "ann@new.example", schemas.RuleEmail, "ann@new.example"))
			m.Attendees = append(m.Attendees, schemas.Attendee{Name: "Ann", Email: ptr("ann@new.example"), External: true, Spoke: true})
			m.Speakers = append(m.Speakers, schemas.Speaker{Name: "Ann", Email: ptr("ann@new.example"), Turns: 2, Words: 70, Questions: 3})
		}
		if n == 4 {
			m.Speakers = append(m.Speakers, schemas.Speaker{Name: "Bo", Email: ptr("bo@new.example"), Turns: 1, Words: 10})
			m.Links = append(m.Links, link(ptr("co_birch"), nil, "kai@birch.example", schemas.RuleDomain, "birch.example"))
			m.Attendees = append(m.Attendees, schemas.Attendee{Name: "Kai", Email: ptr("kai@birch.example"), External: true})
		}
		return sink.Row[schemas.MeetingRow]{Key: m.ID, Version: version, Value: m}
	}
	company := &schemas.DirectoryEntry{Org: harbour, Company: &schemas.Company{ID: "co_new", Name: "New"}}
	write(t, store.DirectorySink(), sink.Batch[schemas.DirectoryEntry]{{Key: harbour + "/company/co_new", Version: 5, Value: company}})
	write(t, store.MeetingSink(), sink.Batch[schemas.MeetingRow]{at(0, 1), at(1, 1), at(2, 1), at(3, 1), at(4, 1)})
	ask := func(path string) (i console.Insights) {
		code, got := do(t, h, "GET", path, "", "")
		if err := json.Unmarshal([]byte(got), &i); err != nil || code != 200 {
			t.Fatal(code, got)
		}
		return i
	}
	i := ask("/customers/New/insights")
	if got, want := insights(t, i), `ida@harbour.example -: 5 met, 5 spoke, 150 words of 0.50, asked 5, usual true, quiet false
Bo@new.example -: 5 met, 1 spoke, 10 words of 0.03, asked 0, usual true, quiet false
ann@new.example eu_new: 2 met, 2 spoke, 140 words of 0.70, asked 6, usual false, quiet true`; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if i.Meetings != 5 || i.FirstMet.Equal(*i.LastMet) || i.Words != 300 {
		t.Errorf("%+v", i)
	}
	// A meeting that goes, and one that is another version, count as they are now.
	write(t, store.MeetingSink(), sink.Batch[schemas.MeetingRow]{{Key: at(0, 0).Key, Version: 2}, at(4, 2), at(4, 3)})
	if i := ask("/customers/New/insights"); i.Meetings != 4 || !strings.Contains(insights(t, i), "ann@new.example eu_new: 1 met, 1 spoke, 70 words of 0.70, asked 3") {
		t.Errorf("after a deletion: %s", insights(t, i))
	}
	if i := ask("/end_users/ann@amber.example/insights"); i.About != "end_user/eu_ann" || i.Meetings != 1 {
		t.Errorf("%+v", i)
	}
}
