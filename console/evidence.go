package console

import (
	"slices"
	"strings"

	"leadline/schemas"
)

// evidence is all that there is to choose from, each list best first.
type evidence struct {
	passages, actions, asks, signals, feedback, meetings []Evidence
}

// maxEvidence is the most characters of one piece: what answers stands in a
// part of a passage, and five sources say more than one at length.
const maxEvidence = 900

func evidenceOfPassage(p Passage) Evidence {
	text := p.Text
	if p.Distilled != nil {
		text = once(text)
	}
	return Evidence{
		Text: around(text, p.Marks, maxEvidence), Speaker: spoken(p.Speakers), Start: p.Start, URL: p.URL,
		MeetingID: p.MeetingID, Title: p.Title, StartedAt: p.StartedAt,
	}
}

// spoken are the speakers that a recorder knows the names of.
func spoken(names []string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == "" }), ", ")
}

// once drops a line of a distillate that only repeats the quotation of the
// line before it.
func once(text string) string {
	first, rest, _ := strings.Cut(text, "\n")
	if _, quote, ok := strings.Cut(rest, `"`); ok && strings.Contains(first, strings.TrimSuffix(quote, `"`)) {
		return first
	}
	return text
}

// around keeps at most so many characters of the text, those about what matched
// first.
func around(text string, marks [][2]int, most int) string {
	if len(text) <= most {
		return text
	}
	from := 0
	if len(marks) > 0 {
		from = max(0, min(marks[0][0]-most/4, len(text)-most))
	}
	to := min(len(text), from+most)
	// Whole words, or at least whole characters.
	if i := strings.IndexAny(text[from:], " \n"); from > 0 && i >= 0 && i < most/4 {
		from += i + 1
	}
	if i := strings.LastIndexAny(text[:to], " \n"); to < len(text) && i > to-most/4 {
		to = i
	}
	cut := strings.ToValidUTF8(text[from:to], "")
	if from > 0 {
		cut = "\u2026 " + cut
	}
	if to < len(text) {
		cut += " \u2026"
	}
	return cut
}

// of adds what is known of one meeting.
func (e *evidence) of(m schemas.MeetingRow) {
	source := Evidence{MeetingID: m.ID, Title: m.Title, StartedAt: m.StartedAt.UTC(), URL: schemas.PlaybackURL(m.Provider, m.StartedAt, nil, m.URL, m.ShareURL)}
	add := func(list *[]Evidence, text, quote, speaker string, startMS *int64, url string) {
		one := source
		one.Text, one.Quote, one.Speaker, one.Start = around(text, nil, maxEvidence), around(quote, nil, maxEvidence), speaker, clock(startMS)
		if startMS != nil {
			one.URL = schemas.PlaybackURL(m.Provider, m.StartedAt, startMS, m.URL, m.ShareURL)
		}
		if url != "" {
			one.URL = url
		}
		*list = append(*list, one)
	}
	said := make(map[string]bool) // the recorder's notes and ours are often the same
	for _, a := range m.ActionItems {
		said[folded(a.Description)] = true
		if !a.Completed {
			add(&e.actions, a.Description, "", or(a.AssigneeName, ""), a.AtMS, schemas.PlaybackURL(m.Provider, m.StartedAt, nil, a.PlaybackURL))
		}
	}
	for _, d := range m.Distillates {
		var start *int64
		if d.Turn >= 0 {
			start = &d.StartMS
		}
		list := map[string]*[]Evidence{
			schemas.ActionItem: &e.actions, schemas.ProductAsk: &e.asks, schemas.RenewalSignal: &e.signals, schemas.CustomerFeedback: &e.feedback,
		}[d.Kind]
		if list == nil || d.Kind == schemas.ActionItem && said[folded(d.Sentence)] {
			continue
		}
		add(list, d.Sentence, d.Quote, d.Speaker, start, "")
	}
	names := make([]string, 0, len(m.Speakers))
	for _, s := range m.Speakers {
		names = append(names, s.Name)
	}
	add(&e.meetings, m.Title, "", spoken(names), nil, "")
}

func folded(s string) string { return strings.ToLower(oneLine(s)) }

// sections is the order in which a context is read, and by which share of the
// budget each is sure of. Without a question the passages' share is the others'.
var sections = []struct {
	heading string
	share   float64
	from    func(*evidence) []Evidence
	into    func(*CustomerContext) *[]Evidence
}{
	{"Passages that answer the question", 0.4, func(e *evidence) []Evidence { return e.passages }, func(c *CustomerContext) *[]Evidence { return &c.Passages }},
	{"Open action items", 0.18, func(e *evidence) []Evidence { return e.actions }, func(c *CustomerContext) *[]Evidence { return &c.ActionItems }},
	{"What they ask for", 0.16, func(e *evidence) []Evidence { return e.asks }, func(c *CustomerContext) *[]Evidence { return &c.ProductAsks }},
	{"Signals about renewal", 0.1, func(e *evidence) []Evidence { return e.signals }, func(c *CustomerContext) *[]Evidence { return &c.RenewalSignals }},
	{"Feedback", 0.08, func(e *evidence) []Evidence { return e.feedback }, func(c *CustomerContext) *[]Evidence { return &c.Feedback }},
	{"Recent meetings", 0.08, func(e *evidence) []Evidence { return e.meetings }, func(c *CustomerContext) *[]Evidence { return &c.Meetings }},
}

// firstShare is what the first piece of a section may cost although it is more
// than the section's share: of a small budget several shares pay for nothing.
const firstShare = 0.125

// fill takes evidence while there is room: each section what its share pays
// for, then in their order what is left.
func fill(c *CustomerContext, all evidence) {
	used := make([]int, len(sections)) // how many of its evidence a section has gone through
	for _, s := range sections {
		*s.into(c) = []Evidence{}
	}
	left := c.TokenBudget - tokensIn(c.preface())
	budget := float64(left)
	take := func(i, room int) {
		s := sections[i]
		from := s.from(&all)
		for used[i] < len(from) {
			cost, most := tokensIn(from[used[i]].Markdown()), room
			if len(*s.into(c)) == 0 {
				cost += tokensIn(headingOf(s.heading))
				most = max(room, min(left, int(budget*firstShare)))
			}
			if cost > most {
				return
			}
			*s.into(c) = append(*s.into(c), from[used[i]])
			used[i]++
			room, left = room-cost, left-cost
		}
	}
	for i, s := range sections {
		take(i, min(left, int(budget*s.share)))
	}
	c.Complete = true
	for i, s := range sections {
		take(i, left)
		c.Complete = c.Complete && used[i] == len(s.from(&all))
	}
	c.Tokens = tokensIn(c.Markdown())
}
