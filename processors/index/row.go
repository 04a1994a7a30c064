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
	speakers := speakersOf(m.Turns)
	row := &schemas.MeetingRow{
		ID: id.meeting, Org: id.org, Provider: id.provider, RecordingID: id.recording,
		State: d.Matched.State, Reason: d.Matched.Reason, Links: d.Matched.Links, Matching: d.Matched.Matching,
		Title: m.Title, URL: m.URL, ShareURL: m.ShareURL, Language: m.Language,
		CreatedAt: m.CreatedAt, StartedAt: m.StartedAt, EndedAt: m.EndedAt, ReceivedAt: m.ReceivedAt,
		Host: m.Host, Attendees: attendeesOf(m, speakers, slices.Concat(d.Matched.Own(), []string{m.Host.Email})), Speakers: speakers,
		ActionItems: m.ActionItems, Distiller: d.Distiller, Distillates: d.Distillates,
		Learning: learningOf(d), LearningWhy: d.LearningWhy, RulesVersion: d.RulesVersion,
		Turns: int32(len(m.Turns)), Entries: int32(len(entries.all)), //nolint:gosec // both are bounded by a record's size
	}
	for _, t := range m.Turns {
		row.Words += int32(countWords(t.Text)) //nolint:gosec // bounded by a record's size
	}
	if row.Learning == schemas.LearningExcluded {
		// That there was a meeting, with whom and when, is no secret; what was
		// said there is.
		row.ActionItems, row.Distillates = nil, nil
	}
	return edition{row: row, entries: entries.all, counts: entries.counts}, nil
}

// learningOf is that of a record from before there were rules, too.
func learningOf(d *schemas.DistilledMeeting) string {
	if d.Learning == "" {
		return schemas.LearningDone
	}
	return d.Learning
}
