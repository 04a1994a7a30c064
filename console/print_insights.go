package console

import (
	"fmt"
	"io"
	"strconv"
)

// PrintInsights writes who was in the meetings.
func PrintInsights(w io.Writer, i Insights, s Style) error {
	p := newPage(w, s)
	p.line("%s", p.heading(safe(oneLine(i.Name))))
	if i.Meetings == 0 {
		p.line("never met")
		return p.Flush()
	}
	p.text("", fmt.Sprintf("%s, %s from %s to %s", i.About, counted(i.Meetings, "meeting"), p.day(*i.FirstMet), p.day(*i.LastMet)))
	rows := make([][]string, len(i.People))
	for n, q := range i.People {
		side, note := "ours", ""
		if q.External {
			side = "theirs"
		}
		switch {
		case q.Quiet:
			note = "went quiet"
		case q.Usual:
			note = "usually there"
		}
		rows[n] = []string{
			side, strconv.Itoa(q.Meetings), p.day(q.FirstMet), p.day(q.LastMet), strconv.Itoa(q.Words),
			fmt.Sprintf("%.0f %%", 100*q.TalkShare), strconv.Itoa(q.Questions), note, address(q.Name, q.Email),
		}
	}
	p.section("People")
	p.table(2, []column{
		{name: "SIDE"}, {name: "MET", right: true}, {name: "FIRST"}, {name: "LAST"}, {name: "WORDS", right: true},
		{name: "TALK", right: true}, {name: "ASKED", right: true}, {name: "NOTE"}, {name: "WHO", wraps: true},
	}, rows)
	return p.Flush()
}
