package console

import (
	"fmt"
	"strings"

	"leadline/schemas"
)

// maxNamed is how many customers of one meeting a page names.
const maxNamed = 20

// Evidence is the passage as a source that can be quoted.
func (p Passage) Evidence() Evidence { return evidenceOfPassage(p) }

// Evidence is the action item likewise.
func (a ActionItem) Evidence() Evidence {
	text := a.Description
	if a.Completed {
		text += " (done)"
	}
	return Evidence{
		Text: text, Quote: a.Quote, Speaker: or(a.AssigneeName, ""), Start: a.Start, URL: a.URL,
		MeetingID: a.MeetingID, Title: a.Title, StartedAt: a.StartedAt,
	}
}

// Markdown is one line of a list of meetings.
func (m Meeting) Markdown() string {
	line := fmt.Sprintf("- %s \u00b7 %s \u00b7 %s", m.StartedAt.Format("2006-01-02 15:04"), inline(around(Titled(m.Title), nil, 200)), m.State)
	if len(m.Companies) > 0 {
		line += " \u00b7 of " + codes(m.Companies[:min(len(m.Companies), maxNamed)])
		if more := len(m.Companies) - maxNamed; more > 0 {
			line += fmt.Sprintf(" and %d more", more)
		}
	}
	return line + " \u00b7 " + code(m.ID) + "\n"
}

// Pages are the parts of a meeting as a model reads it: the first is about the
// meeting, each other one is a piece of what was noted and said, in order.
func (m MeetingDetail) Pages() []string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n", inline(around(Titled(m.Title), nil, 200)))
	fmt.Fprintf(&b, "%s, %s, %s, %s", m.StartedAt.Format("2006-01-02 15:04"), span(m.EndedAt.Sub(m.StartedAt)), code(m.ID), m.State)
	if url := schemas.PlaybackURL(m.Provider, m.StartedAt, nil, m.URL); url != "" {
		fmt.Fprintf(&b, ", [recording](%s)", linked(url))
	}
	if m.GoneAt != nil {
		fmt.Fprintf(&b, ", not at the recorder any more since %s", m.GoneAt.Format("2006-01-02 15:04"))
	}
	b.WriteString("\n")
	names := make([]string, 0, len(m.Attendees))
	for _, a := range m.Attendees {
		names = append(names, address(a.Name, a.Email))
	}
	if len(names) > 0 {
		fmt.Fprintf(&b, "\nAttendees: %s\n", inline(around(strings.Join(names, ", "), nil, 1500)))
	}
	if len(m.Companies) > 0 {
		fmt.Fprintf(&b, "\nCustomers: %s\n", codes(m.Companies[:min(len(m.Companies), maxNamed)]))
	}
	if m.Learning != "" && m.Learning != schemas.LearningDone {
		fmt.Fprintf(&b, "\nLearning: %s\n", inline(around(m.because(), nil, 500)))
	}
	pages := []string{b.String()}
	for _, e := range m.EntryList {
		source := Evidence{
			Text: e.Text, Speaker: spoken(e.Speakers), Start: e.Start, URL: e.URL,
			MeetingID: e.EntryID, Title: words(e.Kind), StartedAt: m.StartedAt,
		}
		if e.Distilled != nil {
			source.Title = words(*e.Distilled)
		}
		pages = append(pages, source.Markdown())
	}
	return pages
}
