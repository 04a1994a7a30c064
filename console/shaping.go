package console

import (
	"fmt"
	"slices"

	"leadline/schemas"
)

func shapeMeeting(m schemas.StoredMeeting) Meeting {
	row := m.Row
	shape := Meeting{
		ID: row.ID, Provider: row.Provider, RecordingID: row.RecordingID, State: row.State, Version: m.Version,
		Title: row.Title, StartedAt: row.StartedAt.UTC(), Companies: []string{}, EndUsers: []string{},
		Links: []Link{}, Entries: m.Entries, Learning: row.Learning, LearningWhy: row.LearningWhy,
	}
	for _, l := range row.Links {
		shape.Companies = with(shape.Companies, l.CompanyID)
		shape.EndUsers = with(shape.EndUsers, l.EndUserID)
		shape.Links = append(shape.Links, Link{
			CompanyID: l.CompanyID, EndUserID: l.EndUserID, Attendee: l.Attendee, Rule: l.Rule, Matched: l.Matched,
		})
	}
	return shape
}

// with adds the id unless it is nil or there already.
func with(ids []string, id *string) []string {
	if id == nil || slices.Contains(ids, *id) {
		return ids
	}
	return append(ids, *id)
}

func shapeDetail(m schemas.StoredMeeting, progress []schemas.Progress, entries []schemas.Hit) MeetingDetail {
	row := m.Row
	return MeetingDetail{
		Meeting: shapeMeeting(m), Reason: row.Reason, URL: row.URL, Language: row.Language, EndedAt: row.EndedAt.UTC(), GoneAt: row.GoneAt,
		Host:        Host{Name: row.Host.Name, Email: row.Host.Email, Team: row.Host.Team},
		Call:        shapeCall(row.Call),
		Attendees:   each(row.Attendees, shapeAttendee),
		Speakers:    each(row.Speakers, shapeSpeaker),
		ActionItems: each(row.ActionItems, shapeAction),
		Distiller:   row.Distiller,
		Distillates: each(row.Distillates, shapeDistillate),
		TurnCount:   int(row.Turns),
		WordCount:   int(row.Words),
		Stages:      each(progress, shapeStage),
		EntryList:   each(entries, func(h schemas.Hit) Entry { return shapeEntry(h.Entry) }),
	}
}

func shapeAttendee(a schemas.Attendee) Attendee {
	return Attendee{Name: a.Name, Email: a.Email, External: a.External, Spoke: a.Spoke}
}

func shapeSpeaker(s schemas.Speaker) Speaker {
	return Speaker{Name: s.Name, Email: s.Email, Turns: int(s.Turns), Words: int(s.Words)}
}

func shapeAction(a schemas.Action) Action {
	return Action{
		Description: a.Description, UserGenerated: a.UserGenerated, Completed: a.Completed, Start: clock(a.AtMS),
		AssigneeName: a.AssigneeName, AssigneeEmail: a.AssigneeEmail, URL: a.PlaybackURL,
	}
}

func shapeDistillate(d schemas.Distillate) Distillate {
	shape := Distillate{Kind: d.Kind, Sentence: d.Sentence, Quote: d.Quote, Speaker: d.Speaker, Email: d.Email, Owner: d.Owner}
	if d.Polarity != "" {
		shape.Polarity = &d.Polarity
	}
	if d.Signal != "" {
		shape.Signal = &d.Signal
	}
	if d.Turn >= 0 {
		shape.Turn, shape.Start = &d.Turn, clock(&d.StartMS)
	}
	return shape
}

func shapeStage(p schemas.Progress) Stage {
	return Stage{Stage: p.Stage, Outcome: p.Outcome, Detail: p.Detail, Source: p.Source, At: p.At.UTC()}
}

func shapeEntry(e schemas.Entry) Entry {
	shape := Entry{
		EntryID: e.ID, RecordingID: e.RecordingID, Kind: e.Kind, Distilled: e.Distilled, Text: e.Text,
		Speakers: listed(e.Speakers), Start: clock(e.StartMS), URL: e.URL,
	}
	if e.TurnFirst != nil && e.TurnLast != nil {
		shape.Turns = &[2]int32{*e.TurnFirst, *e.TurnLast}
	}
	return shape
}

func shapePassage(rank int, h schemas.Hit) Passage {
	e := h.Entry
	return Passage{
		Rank: rank, Score: h.Score, Entry: shapeEntry(e), Companies: listed(e.Companies), MeetingID: e.MeetingID,
		Title: e.Title, State: e.State, StartedAt: e.MeetingAt.UTC(), Marks: listed(h.Marks),
		Cursor: h.Cursor,
	}
}

func shapeCustomer(c schemas.Customer, recent []schemas.StoredMeeting) Customer {
	shape := Customer{
		ID: c.Company.ID, Name: c.Company.Name, Domains: listed(c.Company.Domains), Traits: mapped(c.Company.Traits),
		EndUsers: each(c.EndUsers, func(u schemas.EndUser) EndUser {
			return EndUser{ID: u.ID, Name: u.Name, Emails: listed(u.Emails), Traits: mapped(u.Traits)}
		}),
		Meetings: c.Meetings, Distilled: mapped(c.Distilled), Recent: each(recent, shapeMeeting),
	}
	if c.LastMet != nil {
		last := c.LastMet.UTC()
		shape.LastMet = &last
	}
	return shape
}

func shapeTally(t schemas.Tally) Tally {
	shape := Tally{
		Meetings: make(map[string]int, len(t.Meetings)), ByCompany: mapped(t.ByCompany),
		Entries: mapped(t.Entries), Progress: mapped(t.Progress),
	}
	for state, n := range t.Meetings {
		shape.Meetings[string(state)] = n
	}
	return shape
}

// each shapes a list; that of nothing is empty, not nil, which would be null.
func each[From, To any](all []From, shape func(From) To) []To {
	shapes := make([]To, len(all))
	for i, one := range all {
		shapes[i] = shape(one)
	}
	return shapes
}

func listed[T any](all []T) []T {
	if all == nil {
		return []T{}
	}
	return all
}

func mapped[T any](all map[string]T) map[string]T {
	if all == nil {
		return map[string]T{}
	}
	return all
}

// clock is a place in a recording as HH:MM:SS; nil where there is none.
func clock(ms *int64) *string {
	if ms == nil || *ms < 0 {
		return nil
	}
	s := *ms / 1000
	text := fmt.Sprintf("%02d:%02d:%02d", s/3600, s/60%60, s%60)
	return &text
}
