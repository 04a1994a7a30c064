package console

import (
	"cmp"
	"fmt"
	"strings"
	"unicode"
)

// marked is an answer that can be read as a page.
type marked interface{ Markdown() string }

// tokensIn estimates what a text costs a model: four characters of Latin a
// token, and one of any other script, which is too many rather than too few.
func tokensIn(s string) int {
	quarters := 0
	for _, r := range s {
		quarters += quartersOf(r)
	}
	return (quarters + 3) / 4
}

func quartersOf(r rune) int {
	if r < 0x250 {
		return 1
	}
	return 4
}

// preface is the page's head. With the longest names and question it leaves a
// quarter of the smallest budget.
func (c CustomerContext) preface() string {
	var b strings.Builder
	name := func(n *Named) string { return inlineWithin(cmp.Or(n.Name, n.ID), c.TokenBudget/8) }
	switch {
	case c.EndUser != nil && c.Customer != nil:
		fmt.Fprintf(&b, "# %s, of %s\n\n", name(c.EndUser), name(c.Customer))
	case c.EndUser != nil:
		fmt.Fprintf(&b, "# %s\n\n", name(c.EndUser))
	case c.Customer != nil:
		fmt.Fprintf(&b, "# %s\n\n", name(c.Customer))
	}
	fmt.Fprintf(&b, "> %s\n", c.Notice)
	if c.Question != "" {
		fmt.Fprintf(&b, "\nQuestion: %s\n", inlineWithin(c.Question, min(100, c.TokenBudget/4)))
	}
	return b.String()
}

func headingOf(section string) string { return "\n## " + section + "\n\n" }

// Markdown is the context as a page.
func (c CustomerContext) Markdown() string {
	var b strings.Builder
	b.WriteString(c.preface())
	for _, s := range sections {
		list := *s.into(&c)
		if len(list) == 0 {
			continue
		}
		b.WriteString(headingOf(s.heading))
		for _, e := range list {
			b.WriteString(e.Markdown())
		}
	}
	return b.String()
}

// Markdown is one item of a list: what was said as a quotation, and its source.
func (e Evidence) Markdown() string {
	var b strings.Builder
	quoted, own := e.Text, ""
	if e.Quote != "" && !strings.Contains(e.Text, e.Quote) { // else it would be paid for twice
		quoted, own = e.Quote, e.Text
	}
	source := []string{e.StartedAt.Format("2006-01-02")}
	if e.Title != "" && e.Title != e.Text {
		source = append(source, inline(around(e.Title, nil, 200)))
	}
	if e.Speaker != "" {
		source = append(source, inline(around(e.Speaker, nil, 120)))
	}
	where := "recording"
	if e.Start != nil {
		where = *e.Start
	}
	if e.URL != "" {
		where = "[" + where + "](" + linked(e.URL) + ")"
	}
	source = append(source, where, code(e.MeetingID))
	fmt.Fprintf(&b, "- %s\n", strings.Join(source, " \u00b7 "))
	if own != "" {
		fmt.Fprintf(&b, "  %s\n", inline(own))
	}
	for _, line := range strings.Split(quoted, "\n") {
		if line = inline(line); line != "" {
			fmt.Fprintf(&b, "  > %s\n", line)
		}
	}
	return b.String()
}

// inline makes a text from outside one line that can neither end the quotation
// it stands in nor become a link, an image, a heading or code.
func inline(s string) string {
	var b strings.Builder
	for _, r := range oneLine(strings.ToValidUTF8(s, "")) {
		switch {
		case unicode.IsControl(r) || disguised(r):
			continue
		case strings.ContainsRune("\\`*_[]<>#|~", r):
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// inlineWithin is a text likewise, cut where it would cost more tokens.
func inlineWithin(s string, tokens int) string {
	for most := min(len(s), 4*tokens); most > 0; most -= most/8 + 1 {
		if line := inline(around(s, nil, most)); tokensIn(line) <= tokens {
			return line
		}
	}
	return ""
}

// code is an id as it is to be given back: in a code span a backslash is one
// more character of it, and a model reads the text, not the page.
func code(id string) string {
	if id == "" || strings.ContainsRune(id, '`') || id != oneLine(id) || strings.ContainsFunc(id, func(r rune) bool { return unicode.IsControl(r) || disguised(r) }) {
		return inline(id)
	}
	return "`" + id + "`"
}

// codes are several of them.
func codes(ids []string) string { return strings.Join(each(ids, code), ", ") }

// linked keeps an address within the brackets of a link.
func linked(url string) string {
	return strings.NewReplacer("(", "%28", ")", "%29", "<", "%3C", ">", "%3E", " ", "%20", "\n", "", "\r", "").Replace(url)
}
