package index

import (
	"slices"

	"leadline/schemas"
)

// render makes the edition of a distilled meeting.
func render(id identity, d *schemas.DistilledMeeting) (edition, error) {
	entries, err := entriesOf(id, d)
	if err != nil {
		return edition{}, err
	}
	m := &d.Matched.Meeting
	words := make([]int32, len(m.Turns))
	total := int32(0)
	for i, t := range m.Turns {
		words[i] = int32(countWords(t.Text)) //nolint:gosec // bounded by a record's size
		total += words[i]
	}
	speakers := speakersOf(m.Turns, words)
	row := &schemas.MeetingRow{
		ID: id.meeting, Org: id.org, Provider: id.provider, RecordingID: id.recording,
		State: d.Matched.State, Reason: d.Matched.Reason, Links: d.Matched.Links, Matching: d.Matched.Matching,
		Title: m.Title, URL: m.URL, ShareURL: m.ShareURL, Language: m.Language,
		CreatedAt: m.CreatedAt, StartedAt: m.StartedAt, EndedAt: m.EndedAt, ReceivedAt: m.ReceivedAt,
		Host: m.Host, Attendees: attendeesOf(invited(d), speakers, ours(d)), Speakers: speakers,
		ActionItems: m.ActionItems, Distiller: d.Distiller, Distillates: d.Distillates,
		Learning: learningOf(d), LearningWhy: d.LearningWhy, RulesVersion: d.RulesVersion,
		Words: total, Turns: int32(len(m.Turns)), Entries: int32(len(entries.all)), //nolint:gosec // both are bounded by a record's size
	}
	row.GoneAt = m.GoneAt
	if row.EndedAt.Before(row.StartedAt) { // as an earlier build took it from a clock that jumped
		row.EndedAt = row.StartedAt
	}
	if withheld(d) {
		row.ActionItems, row.Distillates = nil, nil
	}
	if c := d.Matched.Call; c != nil {
		row.Call = &schemas.Call{Canonical: c.Canonical, Recordings: c.Recordings, People: []schemas.Invitee{}}
	}
	return edition{row: row, entries: entries.all, counts: entries.counts}, nil
}

// withheld says that nothing of what was said is searchable. That there was a
// meeting that a keyword keeps out, with whom and when, is no secret; what was
// said there is. What was said in a recording that another one stands for is
// found there.
func withheld(d *schemas.DistilledMeeting) bool {
	return d.Learning == schemas.LearningExcluded || d.Matched.State == string(schemas.StateGrouped)
}

// invited are those whom the meeting names, and those whom other recordings of the
// same call name.
func invited(d *schemas.DistilledMeeting) []schemas.Invitee {
	if d.Matched.Call == nil {
		return d.Matched.Meeting.Invitees
	}
	return slices.Concat(d.Matched.Meeting.Invitees, d.Matched.Call.People)
}

// learningOf is that of a record from before there were rules, too.
func learningOf(d *schemas.DistilledMeeting) string {
	if d.Learning == "" {
		return schemas.LearningDone
	}
	return d.Learning
}

// ours are the names of our own people: what matching found, and the host unless
// the directory calls him outside.
func ours(d *schemas.DistilledMeeting) own {
	o := own{names: d.Matched.Own()}
	if host := d.Matched.Meeting.Host.Email; d.Matched.HostIsOurs() {
		o.names = append(slices.Clone(o.names), host)
	} else {
		o.outside = host
	}
	return o
}
