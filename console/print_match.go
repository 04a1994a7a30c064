package console

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Safe is a text from outside on one line, as a terminal may show it.
func Safe(s string) string { return safe(oneLine(s)) }

// PrintWhy writes why a meeting is a customer's, or why it is not.
func PrintWhy(w io.Writer, why Why, s Style) error {
	p := newPage(w, s)
	verdict := "is not on "
	if why.Linked {
		verdict = "is on "
	}
	p.text("", fmt.Sprintf("%s, %q, %s%s (%s), because", why.MeetingID, oneLine(why.Title), verdict, oneLine(why.Name), why.Customer))
	for _, b := range why.Because {
		p.text("  - ", b)
	}
	if len(why.Considered) > 0 {
		p.section("Everybody in it")
		for _, c := range why.Considered {
			p.text("  - ", c.Says)
		}
	}
	return p.Flush()
}

// PrintUnmatched writes what is to be resolved.
func PrintUnmatched(w io.Writer, u Unmatched, s Style) error {
	p := newPage(w, s)
	if u.Total == 0 {
		p.line("No unmatched meetings.")
		return p.Flush()
	}
	policy := "held back from search"
	if u.Policy == "general" {
		policy = "general knowledge for staff"
	}
	p.line("%s, %s.", counted(u.Total, "unmatched meeting"), policy)
	if len(u.Suggestions) > 0 {
		p.section("What would resolve most")
		var rows [][]string
		for _, g := range u.Suggestions[:min(len(u.Suggestions), 20)] {
			rows = append(rows, []string{strconv.Itoa(g.Meetings), g.Name, g.Do + " (" + strings.Join(g.People, ", ") + ")"})
		}
		p.table(2, []column{{name: "MEETINGS", right: true}, {name: "NAME", shrinks: true}, {name: "DO", wraps: true}}, rows)
	}
	p.section("Meetings, the newest first")
	var rows [][]string
	for _, m := range u.Meetings {
		rows = append(rows, []string{p.day(m.StartedAt), m.ID, m.Title, m.Reason})
	}
	p.table(2, []column{{}, {}, {shrinks: true}, {wraps: true}}, rows)
	return p.Flush()
}

// PrintOwn writes whose domains and addresses are whose.
func PrintOwn(w io.Writer, all []Own, s Style) error {
	p := newPage(w, s)
	if len(all) == 0 {
		p.line("Nobody has recorded yet, and nothing was said.")
		return p.Flush()
	}
	rows := make([][]string, len(all))
	for i, o := range all {
		because := "an entry says so"
		if o.Because == "host" {
			because = "somebody records from there"
		}
		if o.Meetings > 0 {
			because += ", " + counted(o.Meetings, "meeting")
		}
		rows[i] = []string{o.Is, o.Name, because}
	}
	p.table(0, []column{{name: "IS"}, {name: "NAME", shrinks: true}, {name: "BECAUSE", wraps: true}}, rows)
	return p.Flush()
}

// PrintConflicts writes what is to be repaired.
func PrintConflicts(w io.Writer, all []Conflict, s Style) error {
	p := newPage(w, s)
	if len(all) == 0 {
		p.line("No conflicts.")
		return p.Flush()
	}
	rows := make([][]string, len(all))
	for i, c := range all {
		rows[i] = []string{c.Domain, strings.Join(c.Companies, ", ")}
	}
	p.table(0, []column{{name: "DOMAIN", shrinks: true}, {name: "COMPANIES", wraps: true}}, rows)
	return p.Flush()
}

// PrintSimulation writes what would become of the meetings.
func PrintSimulation(w io.Writer, m Simulation, s Style) error {
	p := newPage(w, s)
	of := counted(m.Meetings, "meeting")
	if m.More {
		of = "the newest " + of
	}
	p.line("Of %s %d would change: %s would come, %d would go. Nothing was written.",
		of, len(m.Differences), counted(m.Linked, "link"), m.Unlinked)
	for _, d := range m.Differences {
		p.section(safe(oneLine(d.MeetingID + "  " + d.Title)))
		if d.Before != d.After {
			p.text("  ", d.Before+" -> "+d.After)
		}
		for _, l := range d.Linked {
			p.text("  + ", l)
		}
		for _, l := range d.Unlinked {
			p.text("  - ", l)
		}
		if d.Reason != "" {
			p.text("  ", d.Reason)
		}
	}
	return p.Flush()
}
