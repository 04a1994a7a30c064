package sinktest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// Rows is the suite of a store of meetings.
func Rows(t *testing.T, open Open[MeetingStore]) {
	t.Helper()
	tests := versions("meetings", func(s *suite[MeetingStore]) table[schemas.MeetingRow] {
		return table[schemas.MeetingRow]{
			sink: s.store.MeetingSink(),
			row: func(n int, version uint64, text string) sink.Row[schemas.MeetingRow] {
				r := s.meeting(fmt.Sprint(n), version)
				r.Value.Title = text
				return r
			},
			read: func(n int) (string, uint64, bool) {
				m, found, err := s.store.Meeting(s.Context(), s.staff(), s.meetingID(fmt.Sprint(n)))
				s.must(err)
				return m.Row.Title, m.Version, found
			},
		}
	})
	tests["a meeting comes back whole"] = wholeMeeting
	tests["a key that belies its value is unstorable"] = lyingMeetings
	tests["meetings are seen within their scope only"] = meetingScopes
	tests["a new version moves a meeting to its new customers"] = meetingMoves
	tests["pages are newest first and lose nothing"] = meetingPages
	tests["meetings are listed by what was learned"] = listedByLearning
	tests["meetings are listed by recorder and time"] = listedByRecorderAndTime
	tests["whom an address leads to is found"] = foundByAddress
	tests["a query that makes no sense names its field"] = badMeetingQueries
	for name, test := range tests {
		open.each(t, name, test)
	}
}

func wholeMeeting(s *suite[MeetingStore]) {
	want := s.meeting("1", 4, "acme")
	want.Value.Host = schemas.Host{Name: "Host", Email: "host@example.org", Team: ptr("Sales")}
	want.Value.Speakers = []schemas.Speaker{{Name: "Ines", Turns: 3, Words: 99}}
	want.Value.ActionItems = []schemas.Action{{Description: "send the offer", AtMS: ptr(int64(61_000))}}
	want.Value.Distillates = []schemas.Distillate{{Kind: schemas.ProductAsk, Sentence: "They ask for SSO.", Quote: "we need SSO", Turn: 2}}
	want.Value.GoneAt = ptr(start.Add(48 * time.Hour).UTC())
	want.Value.EndedAt = start.Add(31*time.Minute + 17*time.Millisecond)
	write(s, s.store.MeetingSink(), want)
	got, found, err := s.store.Meeting(s.Context(), s.staff(), want.Key)
	s.must(err)
	if !found || got.Version != 4 || !reflect.DeepEqual(got.Row, *want.Value) {
		s.Errorf("got %+v (found %v)\nwant %+v", got, found, *want.Value)
	}
}

func lyingMeetings(s *suite[MeetingStore]) {
	other := s.meeting("1", 1)
	other.Value.Org = "another-org"
	id := s.meeting("2", 1)
	id.Value.ID = s.meetingID("3")
	tooHigh := s.meeting("4", sink.MaxVersion+1)
	b := sink.Batch[schemas.MeetingRow]{
		s.meeting("5", 1), other, id, tooHigh, {Key: "no-meeting", Version: 1}, s.meeting("6", 1),
	}
	wantUnstorable(s, s.store.MeetingSink().Write(s.Context(), b), 1, 2, 3, 4)
	s.visible()
	all, err := s.store.Meetings(s.Context(), schemas.MeetingQuery{Scope: s.staff()})
	s.must(err)
	if got := recordings(all); !slices.Equal(got, []string{"6", "5"}) {
		s.Errorf("stored %v, want the two sound ones", got)
	}
}

func wantUnstorable[S any](s *suite[S], err error, rows ...int) {
	s.Helper()
	var bad *sink.Unstorable
	if !errors.As(err, &bad) {
		s.Fatalf("Write: %v, want Unstorable", err)
	}
	if len(bad.Rows) != len(rows) {
		s.Errorf("%d rows are unstorable, want %v: %v", len(bad.Rows), rows, bad.Rows)
	}
	for _, i := range rows {
		var rejected *schemas.Rejected
		if !errors.As(bad.Rows[i], &rejected) || rejected.Reason != schemas.ReasonInvalid {
			s.Errorf("row %d: %v, want it rejected as invalid", i, bad.Rows[i])
		}
	}
}

func recordings(all []schemas.StoredMeeting) []string {
	ids := make([]string, len(all))
	for i, m := range all {
		ids[i] = m.Row.RecordingID
	}
	return ids
}

func meetingScopes(s *suite[MeetingStore]) {
	shared := s.meeting("both", 1, "acme", "zeta")
	shared.Value.Links[0].EndUserID = ptr("ines")
	unmatched, internal, grouped := s.meeting("unmatched", 1), s.meeting("internal", 1), s.meeting("grouped", 1)
	grouped.Value.State = string(schemas.StateGrouped)
	grouped.Value.Call = &schemas.Call{Canonical: s.meetingID("both"), Recordings: []schemas.Recording{{
		MeetingID: s.meetingID("both"), Evidence: schemas.EvidenceRoom, Shared: []string{"zoom:1"},
	}}, People: []schemas.Invitee{}}
	unmatched.Value.State = string(schemas.StateUnmatched)
	internal.Value.State = string(schemas.StateInternal)
	internal.Value.Links = []schemas.Link{{CompanyID: ptr("acme")}} // should not be; must not show
	foreign := *s
	foreign.org += "x"
	write(s, s.store.MeetingSink(), shared, s.meeting("acme", 1, "acme"), s.meeting("zeta", 1, "zeta"),
		unmatched, internal, grouped, foreign.meeting("foreign", 1, "acme"))

	for _, c := range scopes(s.org) {
		all, err := s.store.Meetings(s.Context(), schemas.MeetingQuery{Scope: c.scope})
		s.must(err)
		got := recordings(all)
		slices.Sort(got)
		if !slices.Equal(got, c.sees) {
			s.Errorf("%s lists %v, want %v", c.name, got, c.sees)
		}
		for _, id := range []string{"both", "acme", "zeta", "unmatched", "internal"} {
			_, found, err := s.store.Meeting(s.Context(), c.scope, s.meetingID(id))
			s.must(err)
			if want := slices.Contains(c.sees, id); found != want {
				s.Errorf("%s finds %s: %v, want %v", c.name, id, found, want)
			}
		}
		if _, found, err := s.store.Meeting(s.Context(), c.scope, foreign.meetingID("foreign")); err != nil || found {
			s.Errorf("%s finds another organisation's meeting (%v)", c.name, err)
		}
	}
	listedWhenAsked(s, grouped)
}

// listedWhenAsked is for a recording that another one stands for: whoever knows
// its name finds it.
func listedWhenAsked(s *suite[MeetingStore], grouped sink.Row[schemas.MeetingRow]) {
	staff := schemas.Scope{Org: s.org, HeldBack: true}
	all, err := s.store.Meetings(s.Context(), schemas.MeetingQuery{Scope: staff, State: schemas.StateGrouped})
	s.must(err)
	if got := recordings(all); !slices.Equal(got, []string{grouped.Value.RecordingID}) {
		s.Errorf("grouped are %v", got)
	}
	for scope, want := range map[schemas.Scope]bool{staff: true, {Org: s.org}: false, {Org: s.org, Company: "acme"}: false} {
		m, found, err := s.store.Meeting(s.Context(), scope, grouped.Key)
		s.must(err)
		if found != want || found && !reflect.DeepEqual(m.Row.Call, grouped.Value.Call) {
			s.Errorf("%+v finds the grouped recording: %v, %+v", scope, found, m.Row.Call)
		}
	}
}

// scopes lists who sees which of the meetings both (acme, zeta, and the end
// user ines), acme, zeta, unmatched and internal.
func scopes(org string) []struct {
	name  string
	scope schemas.Scope
	sees  []string
} {
	return []struct {
		name  string
		scope schemas.Scope
		sees  []string
	}{
		{"staff", schemas.Scope{Org: org}, []string{"acme", "both", "zeta"}},
		{"staff from whom nothing is held back", schemas.Scope{Org: org, HeldBack: true}, []string{"acme", "both", "internal", "unmatched", "zeta"}},
		{"staff for whom unmatched is general", schemas.Scope{Org: org, Unmatched: true}, []string{"acme", "both", "unmatched", "zeta"}},
		{"acme, unmatched general", schemas.Scope{Org: org, Company: "acme", Unmatched: true}, []string{"acme", "both"}},
		{"an end user, unmatched general", schemas.Scope{Org: org, EndUser: "ines", Unmatched: true}, []string{"both"}},
		{"acme", schemas.Scope{Org: org, Company: "acme"}, []string{"acme", "both"}},
		{"acme, nothing held back", schemas.Scope{Org: org, Company: "acme", HeldBack: true}, []string{"acme", "both"}},
		{"zeta", schemas.Scope{Org: org, Company: "zeta"}, []string{"both", "zeta"}},
		{"an end user", schemas.Scope{Org: org, EndUser: "ines", HeldBack: true}, []string{"both"}},
		{"an end user at acme", schemas.Scope{Org: org, Company: "acme", EndUser: "ines"}, []string{"both"}},
		{"an end user at another company", schemas.Scope{Org: org, Company: "umbrella", EndUser: "ines"}, []string{}},
		{"an end user with a company's id", schemas.Scope{Org: org, EndUser: "acme"}, []string{}},
		{"a company with an end user's id", schemas.Scope{Org: org, Company: "ines"}, []string{}},
		{"a company nobody knows", schemas.Scope{Org: org, Company: "' OR 1=1 --", HeldBack: true}, []string{}},
		{"a company in other letters", schemas.Scope{Org: org, Company: "ACME"}, []string{}},
		{"another organisation", schemas.Scope{Org: org + "y", HeldBack: true}, []string{}},
		{"an organisation that is a pattern", schemas.Scope{Org: "%", HeldBack: true}, []string{}},
	}
}

func meetingMoves(s *suite[MeetingStore]) {
	write(s, s.store.MeetingSink(), s.meeting("1", 1, "acme"))
	write(s, s.store.MeetingSink(), s.meeting("1", 2, "zeta"))
	write(s, s.store.MeetingSink(), s.meeting("1", 1, "acme"))
	for company, want := range map[string]bool{"acme": false, "zeta": true} {
		_, found, err := s.store.Meeting(s.Context(), schemas.Scope{Org: s.org, Company: company}, s.meetingID("1"))
		s.must(err)
		if found != want {
			s.Errorf("%s finds the meeting: %v, want %v", company, found, want)
		}
	}
}

func meetingPages(s *suite[MeetingStore]) {
	var b sink.Batch[schemas.MeetingRow]
	for i := range 23 {
		m := s.meeting(fmt.Sprintf("%02d", i), 1)
		m.Value.StartedAt = start.Add(time.Duration(i/3) * time.Hour) // three start at once
		b = append(b, m)
	}
	write(s, s.store.MeetingSink(), b...)
	var seen []string
	before := ""
	for page := 0; page == 0 || before != ""; page++ {
		all, err := s.store.Meetings(s.Context(), schemas.MeetingQuery{Scope: s.staff(), Limit: 4, Before: before})
		s.must(err)
		seen, before = append(seen, recordings(all)...), ""
		if len(all) == 4 {
			before = all[3].Row.ID
		}
		if page == 2 { // the page's last meeting disappears before the next page is asked for
			write(s, s.store.MeetingSink(), sink.Row[schemas.MeetingRow]{Key: before, Version: 2})
		}
	}
	var want []string
	for i := 22; i >= 0; i-- {
		want = append(want, fmt.Sprintf("%02d", i))
	}
	if !slices.Equal(seen, want) {
		s.Errorf("pages hold %v, want %v", seen, want)
	}
	unmatched, err := s.store.Meetings(s.Context(), schemas.MeetingQuery{Scope: s.staff(), State: schemas.StateUnmatched})
	s.must(err)
	if len(unmatched) != 0 {
		s.Errorf("%d meetings are unmatched, want none", len(unmatched))
	}
}

func listedByLearning(s *suite[MeetingStore]) {
	row := func(recording, learning string, version uint64) sink.Row[schemas.MeetingRow] {
		m := s.meeting(recording, version, "acme")
		m.Value.Learning, m.Value.LearningWhy = learning, "why "+recording
		return m
	}
	write(s, s.store.MeetingSink(), row("1", schemas.LearningParked, 1), row("2", schemas.LearningWaiting, 1), row("3", schemas.LearningParked, 1))
	write(s, s.store.MeetingSink(), row("3", schemas.LearningDone, 2))
	for learning, want := range map[string]string{schemas.LearningParked: "why 1", schemas.LearningWaiting: "why 2", schemas.LearningDone: "why 3", schemas.LearningExcluded: ""} {
		all, err := s.store.Meetings(s.Context(), schemas.MeetingQuery{Scope: s.staff(), Learning: learning})
		s.must(err)
		if want == "" && len(all) != 0 || want != "" && (len(all) != 1 || all[0].Row.LearningWhy != want) {
			s.Errorf("%s: %d meetings, want %q", learning, len(all), want)
		}
	}
}

func listedByRecorderAndTime(s *suite[MeetingStore]) {
	at := func(recording string, hours int) sink.Row[schemas.MeetingRow] {
		m := s.meeting(recording, 1, "acme")
		m.Value.StartedAt = start.Add(time.Duration(hours) * time.Hour)
		return m
	}
	zoom := at("3", 1)
	zoom.Value.Provider, zoom.Value.ID = schemas.Zoom, schemas.MeetingID(s.org, schemas.Zoom, "3")
	zoom.Key = zoom.Value.ID
	write(s, s.store.MeetingSink(), at("0", 0), at("1", 1), at("2", 2), zoom)
	for _, c := range []struct {
		q    schemas.MeetingQuery
		want []string
	}{
		{schemas.MeetingQuery{Provider: schemas.Zoom}, []string{"3"}},
		{schemas.MeetingQuery{Provider: schemas.Fathom}, []string{"2", "1", "0"}},
		{schemas.MeetingQuery{Since: start.Add(time.Hour)}, []string{"2", "3", "1"}},
		{schemas.MeetingQuery{Until: start.Add(time.Hour)}, []string{"0"}},
		{schemas.MeetingQuery{Provider: schemas.Fathom, Since: start.Add(time.Hour), Until: start.Add(2 * time.Hour)}, []string{"1"}},
		{schemas.MeetingQuery{Provider: schemas.Fathom, Before: zoom.Key}, []string{"1", "0"}},
	} {
		c.q.Scope = s.staff()
		all, err := s.store.Meetings(s.Context(), c.q)
		s.must(err)
		if got := recordings(all); !slices.Equal(got, c.want) {
			s.Errorf("%+v: %v, want %v", c.q, got, c.want)
		}
	}
}

// Whom an address leads to is found wherever the meeting stands, and only within
// the scope.
func foundByAddress(s *suite[MeetingStore]) {
	linked := func(recording string, hours int, links ...schemas.Link) sink.Row[schemas.MeetingRow] {
		m := s.meeting(recording, 1)
		m.Value.StartedAt, m.Value.Links = start.Add(time.Duration(hours)*time.Hour), links
		return m
	}
	by := func(company, user, address, rule string) schemas.Link {
		l := schemas.Link{Attendee: address, Rule: rule, Matched: address}
		if company != "" {
			l.CompanyID = &company
		}
		if user != "" {
			l.EndUserID = &user
		}
		return l
	}
	gil, ann := by("acme", "gil", "gil@mail.example", schemas.RuleEmail), by("zeta", "ann", "ann@mail.example", schemas.RuleEmail)
	lone := by("", "lone", "lone@mail.example", schemas.RuleEmail)
	elsewhere := linked("1", 9, gil)
	elsewhere.Value.Org += "x"
	elsewhere.Value.ID = schemas.MeetingID(elsewhere.Value.Org, schemas.Fathom, "1")
	elsewhere.Key = elsewhere.Value.ID
	rows := []sink.Row[schemas.MeetingRow]{
		elsewhere, linked("2", 0, gil, ann), linked("3", 1, gil), linked("4", 2, by("zeta", "", "gil@mail.example", schemas.RuleDomain)),
		linked("5", 3, ann, by("zeta", "gil2", "gil@mail.example", schemas.RuleEmail)), linked("6", 4, lone), linked("7", 5, gil), linked("8", 6, gil),
	}
	for i := range 1100 { // more than a store may go through
		rows = append(rows, linked(fmt.Sprint("later", i), 10+i, by("acme", "bo", "bo@mail.example", schemas.RuleEmail)))
	}
	write(s, s.store.MeetingSink(), rows...)
	// One loses the link, and one goes.
	moved := linked("7", 5, ann)
	moved.Version = 2
	write(s, s.store.MeetingSink(), moved, sink.Row[schemas.MeetingRow]{Key: s.meetingID("8"), Version: 2})
	staff := s.staff()
	for _, c := range []struct {
		address, company, user string
		limit                  int
		want                   []string
	}{
		{"gil@mail.example", "", "", 0, []string{"5", "3", "2"}},
		{"gil@mail.example", "", "", 1, []string{"5"}},
		{"gil@mail.example", "acme", "", 0, []string{"3", "2"}},
		{"gil@mail.example", "zeta", "", 0, []string{"5"}},
		{"gil@mail.example", "", "ann", 0, nil},
		{"ann@mail.example", "", "ann", 0, []string{"7", "5", "2"}},
		{"ann@mail.example", "acme", "", 0, nil},
		{"lone@mail.example", "", "", 0, []string{"6"}},
		{"lone@mail.example", "acme", "", 0, nil},
		{"bo@mail.example", "", "", 1, []string{"later1099"}},
		{"il@mail.example", "", "", 0, nil},
	} {
		scope := staff
		scope.Company, scope.EndUser = c.company, c.user
		all, err := s.store.Meetings(s.Context(), schemas.MeetingQuery{Scope: scope, State: schemas.StateMatched, Address: c.address, Limit: c.limit})
		s.must(err)
		if got := recordings(all); !slices.Equal(got, c.want) {
			s.Errorf("%s within %q, %q: %v, want %v", c.address, c.company, c.user, got, c.want)
		}
	}
}

func badMeetingQueries(s *suite[MeetingStore]) {
	for field, q := range map[string]schemas.MeetingQuery{
		"org":      {},
		"limit":    {Scope: s.staff(), Limit: 501},
		"state":    {Scope: s.staff(), State: "lost"},
		"learning": {Scope: s.staff(), Learning: "lost"},
		"before":   {Scope: s.staff(), Before: s.meetingID("never-was")},
		"recorder": {Scope: s.staff(), Provider: "gramophone"},
		"until":    {Scope: s.staff(), Since: start, Until: start},
	} {
		_, err := s.store.Meetings(s.Context(), q)
		wantField(s, err, field)
	}
	_, err := s.store.Meetings(s.Context(), schemas.MeetingQuery{Scope: schemas.Scope{Org: s.org, Company: "acme"}, Learning: schemas.LearningParked})
	wantField(s, err, "learning")
	_, err = s.store.Meetings(s.Context(), schemas.MeetingQuery{Scope: s.staff(), Limit: -1})
	wantField(s, err, "limit")
	_, _, err = s.store.Meeting(s.Context(), schemas.Scope{Company: "acme"}, s.meetingID("1"))
	wantField(s, err, "org")
}

func wantField[S any](s *suite[S], err error, field string) {
	s.Helper()
	var invalid *schemas.InvalidQuery
	if !errors.As(err, &invalid) || invalid.Field != field {
		s.Errorf("error %v, want an invalid %s", err, field)
	}
}
