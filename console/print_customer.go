package console

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"leadline/schemas"
)

// PrintCustomer writes what is known of a company.
func PrintCustomer(w io.Writer, c Customer, s Style) error {
	p := newPage(w, s)
	p.line("%s", p.heading(safe(oneLine(c.Name))))
	about := c.ID
	if len(c.Domains) > 0 {
		about += ", " + strings.Join(c.Domains, ", ")
	}
	p.text("", about)
	met := "never met"
	if c.LastMet != nil {
		met = counted(c.Meetings, "meeting") + ", the last " + p.minutes(*c.LastMet)
	}
	p.text("", met)
	p.traits(c.Traits)
	if len(c.EndUsers) > 0 {
		p.section("People")
		rows := make([][]string, len(c.EndUsers))
		for i, u := range c.EndUsers {
			rows[i] = []string{u.ID, u.Name, strings.Join(u.Emails, ", ")}
		}
		p.table(2, []column{{shrinks: true}, {shrinks: true}, {wraps: true}}, rows)
	}
	p.distilled(c.Distilled)
	if len(c.Recent) > 0 {
		heading := "Meetings"
		if len(c.Recent) < c.Meetings {
			heading = fmt.Sprintf("Meetings, the last %d of %d", len(c.Recent), c.Meetings)
		}
		p.section(heading)
		p.meetings(2, c.Recent)
	}
	return p.Flush()
}

func (p *page) traits(traits map[string]string) {
	if len(traits) == 0 {
		return
	}
	p.section("Profile")
	var rows [][]string
	for _, name := range slices.Sorted(maps.Keys(traits)) {
		rows = append(rows, []string{name, traits[name]})
	}
	p.table(2, []column{{shrinks: true}, {wraps: true}}, rows)
}

// distilled shows the known kinds in their order, and then any other.
func (p *page) distilled(counts map[string]int) {
	if len(counts) == 0 {
		return
	}
	kinds := slices.Clone(schemas.Kinds)
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		kinds = with(kinds, &kind)
	}
	p.section("Learned")
	var rows [][]string
	for _, kind := range kinds {
		if n := counts[kind]; n > 0 {
			rows = append(rows, []string{strconv.Itoa(n), words(kind)})
		}
	}
	p.table(2, []column{{right: true}, {}}, rows)
}
