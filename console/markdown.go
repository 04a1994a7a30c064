package console

import (
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
		if r < 0x250 {
			quarters++
		} else {
			quarters += 4
		}
	}
	return (quarters + 3) / 4
}

// preface is the page's head.
func (c CustomerContext) preface() string {
	var b strings.Builder
	switch {
	case c.EndUser != nil && c.Customer != nil:
		fmt.Fprintf(&b, "# %s, of %s\n\n", inline(c.EndUser.Name), inline(c.Customer.Name))
	case c.EndUser != nil:
		fmt.Fprintf(&b, "# %s\n\n", inline(c.EndUser.Name))
	case c.Customer != nil:
		fmt.Fprintf(&b, "# %s\n\n", inline(c.Customer.Name))
	}
	fmt.Fprintf(&b, "> %s\n", c.Notice)
	if c.Question != "" {
		fmt.Fprintf(&b, "\nQuestion: %s\n", inline(around(c.Question, nil, 400)))
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
	if e.Quote != "" {
		quoted, own = e.Quote, e.Text
	}
	source := []string{e.StartedAt.Format("2006-01-02")}
	if e.Title != "" && e.Title != e.Text {
		source = append(source, inline(e.Title))
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
	source = append(source, where, "`"+inline(e.MeetingID)+"`")
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

// linked keeps an address within the brackets of a link.
func linked(url string) string {
	return strings.NewReplacer("(", "%28", ")", "%29", "<", "%3C", ">", "%3E", " ", "%20", "\n", "", "\r", "").Replace(url)
}
