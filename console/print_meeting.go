package console

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"leadline/schemas"
)

// PrintMeetings writes a table in the order of the list.
func PrintMeetings(w io.Writer, all []Meeting, s Style) error {
	p := newPage(w, s)
	if len(all) == 0 {
		p.line("No meetings.")
		return p.Flush()
	}
	p.meetings(0, all)
	return p.Flush()
}

func (p *page) meetings(indent int, all []Meeting) {
	day := p.minutes
	if p.Width > 0 && p.Width < 100 { // the title needs the room
		day = p.day
	}
	rows := make([][]string, len(all))
	for i, m := range all {
		rows[i] = []string{
			day(m.StartedAt), m.Provider + "/" + m.RecordingID, m.State, customersOf(m), strconv.Itoa(m.Entries), Titled(m.Title),
		}
	}
	p.table(indent, []column{
		{name: "STARTED"}, {name: "MEETING"}, {name: "STATE"}, {name: "CUSTOMERS", shrinks: true},
		{name: "ENTRIES", right: true}, {name: "TITLE"},
	}, rows)
}

// customersOf is the companies, or the end users where they have none.
func customersOf(m Meeting) string {
	ids := m.Companies
	if len(ids) == 0 {
		ids = m.EndUsers
	}
	if len(ids) == 0 {
		return "-"
	}
	return strings.Join(ids, ", ")
}

// PrintMeeting writes all about a meeting.
func PrintMeeting(w io.Writer, m MeetingDetail, s Style) error {
	p := newPage(w, s)
	p.head(m)
	p.call(m)
	p.links(m)
	p.people(m)
	p.actions(m)
	p.learning(m)
	p.learned(m)
	p.stages(m)
	p.entries(m)
	return p.Flush()
}

func (p *page) head(m MeetingDetail) {
	for _, l := range wrap(glyphsOf(oneLine(Titled(m.Title)), nil), p.Width) {
		p.line("%s", p.heading(plain(l)))
	}
	p.text("", fmt.Sprintf("%s, %s, version %d", m.ID, m.State, m.Version))
	p.text("", p.seconds(m.StartedAt)+", "+span(m.EndedAt.Sub(m.StartedAt)))
	about := counted(m.TurnCount, "turn") + ", " + counted(m.WordCount, "word")
	if m.Language != "" {
		about += ", " + m.Language
	}
	if m.Host.Name != "" || m.Host.Email != "" {
		about += ", recorded by " + address(m.Host.Name, &m.Host.Email)
	}
	p.text("", about)
	if m.GoneAt != nil {
		p.text("", "not at the recorder any more, since "+p.seconds(*m.GoneAt))
	}
	if m.URL != "" {
		p.line("%s", safe(m.URL)) // a wrapped address cannot be clicked
	}
}

func (p *page) links(m MeetingDetail) {
	p.section("Customers")
	if len(m.Links) == 0 {
		why := m.Reason
		if why == "" {
			why = "nobody in the directory took part"
		}
		p.text("  none: ", why)
		return
	}
	rows := make([][]string, len(m.Links))
	for i, l := range m.Links {
		rows[i] = []string{or(l.CompanyID, "-"), or(l.EndUserID, "-"), l.Attendee + " by " + l.Rule + " " + l.Matched}
	}
	p.table(2, []column{{name: "COMPANY", shrinks: true}, {name: "END USER", shrinks: true}, {name: "BECAUSE OF", wraps: true}}, rows)
}

func (p *page) people(m MeetingDetail) {
	if len(m.Attendees) == 0 {
		return
	}
	p.section("People")
	rows := make([][]string, len(m.Attendees))
	for i, a := range m.Attendees {
		side, spoke := "ours", "silent"
		if a.External {
			side = "external"
		}
		if a.Spoke {
			spoke = "spoke"
		}
		for _, s := range m.Speakers {
			if a.Spoke && samePerson(a, s) {
				spoke = counted(s.Turns, "turn") + ", " + counted(s.Words, "word")
				break
			}
		}
		rows[i] = []string{side, spoke, address(a.Name, a.Email)}
	}
	p.table(2, []column{{}, {}, {wraps: true}}, rows)
}

// samePerson goes by the address where both have one.
func samePerson(a Attendee, s Speaker) bool {
	if a.Email != nil && s.Email != nil {
		return strings.EqualFold(*a.Email, *s.Email)
	}
	return a.Name == s.Name
}

func (p *page) actions(m MeetingDetail) {
	if len(m.ActionItems) == 0 {
		return
	}
	p.section("Action items of the recorder")
	for _, a := range m.ActionItems {
		box := "  [ ] "
		if a.Completed {
			box = "  [x] "
		}
		text := oneLine(a.Description)
		if who := address(or(a.AssigneeName, ""), a.AssigneeEmail); who != "" {
			text += " (" + who + ")"
		}
		if a.Start != nil {
			text += ", " + *a.Start
		}
		p.text(box, text)
	}
}

// learning says why there is less than could be.
func (p *page) learning(m MeetingDetail) {
	if m.Learning == "" || m.Learning == schemas.LearningDone {
		return
	}
	p.section("Learning")
	p.text("  ", m.because())
}

// because is what became of learning, and why.
func (m Meeting) because() string {
	said := words(m.Learning)
	if m.LearningWhy != "" {
		said += ": " + oneLine(m.LearningWhy)
	}
	return said
}

func (p *page) learned(m MeetingDetail) {
	if len(m.Distillates) == 0 {
		return
	}
	p.section("Learned")
	seen := make(map[string]bool)
	kinds := schemas.Kinds
	for _, d := range m.Distillates {
		if !seen[d.Kind] {
			seen[d.Kind] = true
			kinds = with(kinds[:len(kinds):len(kinds)], &d.Kind)
		}
	}
	for _, kind := range kinds {
		if !seen[kind] {
			continue
		}
		p.line("  %s", safe(words(kind)))
		for _, d := range m.Distillates {
			if d.Kind != kind {
				continue
			}
			sentence := oneLine(d.Sentence)
			if d.Owner != nil {
				sentence += " (" + *d.Owner + ")"
			}
			p.text("  - ", sentence)
			if d.Quote != "" {
				p.text("    ", `"`+oneLine(d.Quote)+`"`)
			}
			p.text("    ", place(d.Speaker, d.Start))
		}
	}
}

func (p *page) stages(m MeetingDetail) {
	if len(m.Stages) == 0 {
		return
	}
	p.section("Stages")
	rows := make([][]string, len(m.Stages))
	for i, s := range m.Stages {
		rows[i] = []string{p.seconds(s.At), s.Stage, s.Outcome, s.Source, s.Detail}
	}
	p.table(2, []column{{}, {}, {}, {}, {wraps: true}}, rows)
}

// entries counts the entries by kind, in the order in which they come.
func (p *page) entries(m MeetingDetail) {
	p.section("Entries")
	counts := make(map[string]int)
	var kinds []string
	for _, e := range m.EntryList {
		kind := e.Kind
		if e.Distilled != nil {
			kind += " " + *e.Distilled
		}
		if counts[kind]++; counts[kind] == 1 {
			kinds = append(kinds, kind)
		}
	}
	rows := make([][]string, 0, len(kinds)+1)
	for _, kind := range kinds {
		rows = append(rows, []string{strconv.Itoa(counts[kind]), words(kind)})
	}
	rows = append(rows, []string{strconv.Itoa(len(m.EntryList)), "in all"})
	p.table(2, []column{{right: true}, {}}, rows)
}
