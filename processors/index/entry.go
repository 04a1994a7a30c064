package index

import (
	"fmt"
	"slices"
	"strings"

	"leadline/schemas"
)

// entries collects the entries of one edition.
type entries struct {
	id     identity
	common schemas.Entry // what all entries of the meeting share
	all    []schemas.Entry
	counts counts
}

func entriesOf(id identity, d *schemas.DistilledMeeting) (*entries, error) {
	m := &d.Matched.Meeting
	e := &entries{id: id, counts: make(counts), common: schemas.Entry{
		MeetingID: id.meeting, Org: id.org, Provider: id.provider, RecordingID: id.recording,
		Title: m.Title, MeetingAt: m.StartedAt, Language: m.Language, State: d.Matched.State,
		Companies: customers(d.Matched.Links, func(l schemas.Link) *string { return l.CompanyID }),
		EndUsers:  customers(d.Matched.Links, func(l schemas.Link) *string { return l.EndUserID }),
	}}
	if withheld(d) {
		return e, nil
	}
	e.passages(m)
	e.summary(m)
	e.actionItems(m)
	return e, e.distillates(m, d.Distillates)
}

// add gives the entry its id and what it shares with the others.
func (e *entries) add(family string, own schemas.Entry) {
	entry := e.common
	entry.ID = e.id.entryID(family, e.counts[family])
	entry.Kind, entry.Distilled, entry.Text, entry.Speakers, entry.URL = own.Kind, own.Distilled, own.Text, own.Speakers, own.URL
	entry.TurnFirst, entry.TurnLast, entry.StartMS, entry.EndMS = own.TurnFirst, own.TurnLast, own.StartMS, own.EndMS
	if own.Language != "" {
		entry.Language = own.Language
	}
	e.counts[family]++
	e.all = append(e.all, entry)
}

func (e *entries) passages(m *schemas.Meeting) {
	chunks := chunksOf(m.Turns)
	e.all = slices.Grow(e.all, len(chunks))
	for _, c := range chunks {
		entry := schemas.Entry{Kind: schemas.EntryTranscript, Text: c.text, Speakers: c.speakers}
		e.place(&entry, m, c.first, c.last, m.Turns[c.first].StartMS)
		e.add(schemas.EntryTranscript, entry)
	}
}

// place says where in the recording the entry is.
func (e *entries) place(entry *schemas.Entry, m *schemas.Meeting, first, last int, startMS int64) {
	turnFirst, turnLast := int32(first), int32(last) //nolint:gosec // normalize lets at most 100,000 turns through
	endMS := max(turnEnd(m, last), startMS)
	entry.TurnFirst, entry.TurnLast, entry.StartMS, entry.EndMS = &turnFirst, &turnLast, &startMS, &endMS
	entry.URL = playbackURL(m, &startMS)
}

// summary is one entry whatever its length: it has one id, and recorders keep
// summaries to a page. Where a part of it answers a question, the search shows
// that part.
func (e *entries) summary(m *schemas.Meeting) {
	if m.Summary == nil || m.Summary.Markdown == nil {
		return
	}
	if text := readable(*m.Summary.Markdown); text != "" {
		e.add(schemas.EntrySummary, schemas.Entry{
			Kind: schemas.EntrySummary, Text: text, URL: playbackURL(m, nil), Language: notesLanguage(e.id.provider),
		})
	}
}

// actionItems lists the recorder's action items in one entry.
func (e *entries) actionItems(m *schemas.Meeting) {
	var lines []string
	for _, a := range m.ActionItems {
		text := oneLine(a.Description)
		if text == "" {
			continue
		}
		var notes []string
		if owner := firstText(a.AssigneeName, a.AssigneeEmail); owner != "" {
			notes = append(notes, oneLine(owner))
		}
		if a.AtMS != nil {
			notes = append(notes, clockText(*a.AtMS))
		}
		if a.Completed {
			notes = append(notes, "done")
		}
		if len(notes) > 0 {
			text += " (" + strings.Join(notes, ", ") + ")"
		}
		lines = append(lines, "- "+text)
	}
	if len(lines) > 0 {
		e.add(schemas.EntryActionItems, schemas.Entry{
			Kind: schemas.EntryActionItems, Text: strings.Join(lines, "\n"), URL: playbackURL(m, nil),
			Language: notesLanguage(e.id.provider),
		})
	}
}

// distillates are one entry each: the sentence, and the evidence below it.
func (e *entries) distillates(m *schemas.Meeting, all []schemas.Distillate) error {
	for i, d := range all {
		if err := schemas.CheckSegment("kind", d.Kind); err != nil {
			return fmt.Errorf("distillates[%d]: %w", i, err)
		}
		if int(d.Turn) >= len(m.Turns) || d.Turn < -1 {
			return fmt.Errorf("distillates[%d]: turn %d of %d", i, d.Turn, len(m.Turns))
		}
		lines := []string{oneLine(d.Sentence)}
		if quote := oneLine(d.Quote); quote != "" {
			lines = append(lines, strings.TrimPrefix(oneLine(d.Speaker)+`: "`+quote+`"`, ": "))
		}
		if d.Owner != nil && *d.Owner != "" {
			lines = append(lines, "Owner: "+oneLine(*d.Owner))
		}
		entry := schemas.Entry{Kind: schemas.EntryDistilled, Distilled: &d.Kind, Text: strings.Join(lines, "\n"), URL: playbackURL(m, nil)}
		if d.Speaker != "" {
			entry.Speakers = []string{d.Speaker}
		}
		if d.Turn >= 0 {
			e.place(&entry, m, int(d.Turn), int(d.Turn), d.StartMS)
		}
		e.add(distilledFamily+d.Kind, entry)
	}
	return nil
}

// notesLanguage is the language of what the recorder itself writes: Fathom's
// summaries and action items are English whatever was spoken (fathom-api.md).
func notesLanguage(provider string) string {
	if provider == schemas.Fathom {
		return "en"
	}
	return ""
}

// customers lists ids of links, each once.
func customers(links []schemas.Link, id func(schemas.Link) *string) []string {
	var ids []string
	for _, l := range links {
		if p := id(l); p != nil {
			ids = append(ids, *p)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// firstText returns the first text that is there and not empty.
func firstText(texts ...*string) string {
	for _, t := range texts {
		if t != nil && *t != "" {
			return *t
		}
	}
	return ""
}

// clockText writes milliseconds as HH:MM:SS.
func clockText(ms int64) string {
	s := ms / 1000
	return fmt.Sprintf("%02d:%02d:%02d", s/3600, s/60%60, s%60)
}
