package console

import (
	"fmt"
	"strings"
	"unicode/utf8"

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
		line += " \u00b7 of " + codes(m.Companies)
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
		for _, piece := range pieces(e.Text, mostOfPage) {
			source.Text = piece
			pages = append(pages, source.Markdown())
		}
	}
	return pages
}

// mostOfPage leaves room, in an answer that is not told how long it may be, for
// a text of characters that are all escaped, and for its source.
const mostOfPage = 6000

// pieces cuts a text of any length into such as have at most so many bytes, after
// a line or at least a word where there is one.
func pieces(text string, most int) (all []string) {
	for len(text) > most {
		to := most
		for to > 0 && !utf8.RuneStart(text[to]) {
			to--
		}
		if i := strings.LastIndexByte(text[:to], '\n'); i > most/2 {
			to = i + 1
		} else if i := strings.LastIndexByte(text[:to], ' '); i > most/2 {
			to = i + 1
		}
		all, text = append(all, text[:to]), text[to:]
	}
	return append(all, text)
}

// Fit joins the preface, the pages from one on and as many after it as the
// budget has room for; at least one. Next is the first that had none, or
// len(pages).
func Fit(preface string, pages []string, from, tokens int) (text string, next int) {
	var b strings.Builder
	b.WriteString(preface)
	left := tokens - tokensIn(preface)
	for next = from; next < len(pages); next++ {
		cost := tokensIn(pages[next])
		if cost > left && next > from {
			break
		}
		b.WriteString(pages[next])
		left -= cost
	}
	return b.String(), next
}

// Shorten is a page where it has at most so many tokens, and else its beginning
// and how many tokens the answer would need.
func Shorten(page string, tokens, beside int) string {
	cost := tokensIn(page)
	if cost <= tokens-beside {
		return page
	}
	note := fmt.Sprintf("\n\nThis is cut: with tokens %d it is whole.\n", cost+beside)
	quarters := 4 * (tokens - beside - tokensIn(note))
	for i, r := range page {
		if quarters -= quartersOf(r); quarters < 0 {
			return page[:i] + note
		}
	}
	return page
}
