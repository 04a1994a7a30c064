package clickhouse

import (
	"time"

	"leadline/schemas"
)

// meetingColumns lays out a batch for the table of meetings. Of a meeting that
// is gone only the names and the place are left.
func meetingColumns(records []record[schemas.MeetingRow], places map[string]int64) []column {
	none := &schemas.MeetingRow{}
	rows := each(records, func(r record[schemas.MeetingRow]) *schemas.MeetingRow {
		if r.Value == nil {
			return none
		}
		return r.Value
	})
	id := func(part func(org, provider, recording string) string) []string {
		return each(records, func(r record[schemas.MeetingRow]) string { return part(cutMeeting(r.Key)) })
	}
	text := func(of func(*schemas.MeetingRow) string) []string { return each(rows, of) }
	at := func(of func(*schemas.MeetingRow) time.Time) []*time.Time {
		return each(rows, func(m *schemas.MeetingRow) *time.Time { return moment(of(m)) })
	}
	number := func(of func(*schemas.MeetingRow) int32) []int32 { return each(rows, of) }

	columns := []column{
		{"org", id(func(org, _, _ string) string { return org })},
		{"meeting_id", each(records, func(r record[schemas.MeetingRow]) string { return r.Key })},
		{"version", each(records, func(r record[schemas.MeetingRow]) uint64 { return r.Version })},
		{"deleted", each(records, record[schemas.MeetingRow].deleted)},
		{"provider", id(func(_, provider, _ string) string { return provider })},
		{"recording_id", id(func(_, _, recording string) string { return recording })},
		{"state", text(func(m *schemas.MeetingRow) string { return m.State })},
		{"reason", text(func(m *schemas.MeetingRow) string { return m.Reason })},
		{"title", text(func(m *schemas.MeetingRow) string { return m.Title })},
		{"url", text(func(m *schemas.MeetingRow) string { return m.URL })},
		{"share_url", text(func(m *schemas.MeetingRow) string { return m.ShareURL })},
		{"language", text(func(m *schemas.MeetingRow) string { return m.Language })},
		{"created_at", at(func(m *schemas.MeetingRow) time.Time { return m.CreatedAt })},
		{"started_at", at(func(m *schemas.MeetingRow) time.Time { return m.StartedAt })},
		{"ended_at", at(func(m *schemas.MeetingRow) time.Time { return m.EndedAt })},
		{"received_at", at(func(m *schemas.MeetingRow) time.Time { return m.ReceivedAt })},
		{"host_name", text(func(m *schemas.MeetingRow) string { return m.Host.Name })},
		{"host_email", text(func(m *schemas.MeetingRow) string { return m.Host.Email })},
		{"host_team", each(rows, func(m *schemas.MeetingRow) *string { return m.Host.Team })},
		{"turns", number(func(m *schemas.MeetingRow) int32 { return m.Turns })},
		{"words", number(func(m *schemas.MeetingRow) int32 { return m.Words })},
		{"entries", number(func(m *schemas.MeetingRow) int32 { return m.Entries })},
		{"distiller", text(func(m *schemas.MeetingRow) string { return m.Distiller })},
		{"learning", text(func(m *schemas.MeetingRow) string { return m.Learning })},
		{"learning_why", text(func(m *schemas.MeetingRow) string { return m.LearningWhy })},
		{"rules_version", each(rows, func(m *schemas.MeetingRow) int64 { return m.RulesVersion })},
		{"started_ms", each(records, func(r record[schemas.MeetingRow]) int64 {
			if at, known := places[r.Key]; known && r.Value == nil {
				return at
			}
			return startOf(r.Value).UnixMilli()
		})},
		{"body", each(records, func(r record[schemas.MeetingRow]) string { return r.body })},
	}
	return append(columns, childColumns(rows)...)
}

// startOf puts a meeting of which only its deletion is known behind all others.
func startOf(m *schemas.MeetingRow) time.Time {
	if m == nil {
		return time.Time{}
	}
	return m.StartedAt
}

func childColumns(rows []*schemas.MeetingRow) []column {
	attendees := func(m *schemas.MeetingRow) []schemas.Attendee { return m.Attendees }
	links := func(m *schemas.MeetingRow) []schemas.Link { return m.Links }
	speakers := func(m *schemas.MeetingRow) []schemas.Speaker { return m.Speakers }
	actions := func(m *schemas.MeetingRow) []schemas.Action { return m.ActionItems }
	distillates := func(m *schemas.MeetingRow) []schemas.Distillate { return m.Distillates }
	return []column{
		{"attendees.name", nested(rows, attendees, func(a schemas.Attendee) string { return a.Name })},
		{"attendees.email", nested(rows, attendees, func(a schemas.Attendee) *string { return a.Email })},
		{"attendees.external", nested(rows, attendees, func(a schemas.Attendee) bool { return a.External })},
		{"attendees.spoke", nested(rows, attendees, func(a schemas.Attendee) bool { return a.Spoke })},

		{"links.company_id", nested(rows, links, func(l schemas.Link) *string { return l.CompanyID })},
		{"links.end_user_id", nested(rows, links, func(l schemas.Link) *string { return l.EndUserID })},
		{"links.attendee", nested(rows, links, func(l schemas.Link) string { return l.Attendee })},
		{"links.rule", nested(rows, links, func(l schemas.Link) string { return l.Rule })},
		{"links.matched", nested(rows, links, func(l schemas.Link) string { return l.Matched })},

		{"speakers.name", nested(rows, speakers, func(s schemas.Speaker) string { return s.Name })},
		{"speakers.email", nested(rows, speakers, func(s schemas.Speaker) *string { return s.Email })},
		{"speakers.turns", nested(rows, speakers, func(s schemas.Speaker) int32 { return s.Turns })},
		{"speakers.words", nested(rows, speakers, func(s schemas.Speaker) int32 { return s.Words })},

		{"action_items.description", nested(rows, actions, func(a schemas.Action) string { return a.Description })},
		{"action_items.user_generated", nested(rows, actions, func(a schemas.Action) bool { return a.UserGenerated })},
		{"action_items.completed", nested(rows, actions, func(a schemas.Action) bool { return a.Completed })},
		{"action_items.at_ms", nested(rows, actions, func(a schemas.Action) *int64 { return a.AtMS })},
		{"action_items.playback_url", nested(rows, actions, func(a schemas.Action) string { return a.PlaybackURL })},
		{"action_items.assignee_name", nested(rows, actions, func(a schemas.Action) *string { return a.AssigneeName })},
		{"action_items.assignee_email", nested(rows, actions, func(a schemas.Action) *string { return a.AssigneeEmail })},
		{"action_items.assignee_team", nested(rows, actions, func(a schemas.Action) *string { return a.AssigneeTeam })},

		{"distillates.kind", nested(rows, distillates, func(d schemas.Distillate) string { return d.Kind })},
		{"distillates.sentence", nested(rows, distillates, func(d schemas.Distillate) string { return d.Sentence })},
		{"distillates.quote", nested(rows, distillates, func(d schemas.Distillate) string { return d.Quote })},
		{"distillates.turn", nested(rows, distillates, func(d schemas.Distillate) int32 { return d.Turn })},
		{"distillates.speaker", nested(rows, distillates, func(d schemas.Distillate) string { return d.Speaker })},
		{"distillates.email", nested(rows, distillates, func(d schemas.Distillate) *string { return d.Email })},
		{"distillates.start_ms", nested(rows, distillates, func(d schemas.Distillate) int64 { return d.StartMS })},
		{"distillates.owner", nested(rows, distillates, func(d schemas.Distillate) *string { return d.Owner })},
		{"distillates.polarity", nested(rows, distillates, func(d schemas.Distillate) string { return d.Polarity })},
		{"distillates.signal", nested(rows, distillates, func(d schemas.Distillate) string { return d.Signal })},
	}
}
