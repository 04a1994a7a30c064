package address

import "strings"

// calendarDomain has rooms and equipment (c_...@resource.calendar.google.com),
// shared calendars and holidays below it. All are invited, none takes part.
const calendarDomain = "calendar.google.com"

// Services that send a program to take notes, by the addresses from which it
// is invited or joins. Their staff have addresses there too, so the domain alone
// says nothing.
var (
	noteServices = set(`
		airgram.io avoma.com bluedothq.com chorus.ai circleback.ai claap.io fathom.ai fathom.video fellow.app
		fireflies.ai gong.io grain.co grain.com jamie.ai krisp.ai meetgeek.ai otter.ai read.ai sembly.ai spinach.ai
		spinach.io supernormal.com tactiq.io tldv.io`)
	noteLocals = set(`
		ai assistant bot calendar calendar-assistant executiveassistant fred invite meet meeting meetings notes
		otter otterpilot record recorder recording recordings sam sembly scheduler`)
)

// IsNobody says whether an address is a room's, a calendar's or a note-taking
// program's.
func IsNobody(m Mailbox) bool {
	if m.Domain == calendarDomain || strings.HasSuffix(m.Domain, "."+calendarDomain) {
		return true
	}
	local, _, _ := strings.Cut(m.Local, "+")
	joined := strings.ReplaceAll(noHyphens.Replace(local), ".", "")
	if strings.HasSuffix(joined, "notetaker") || strings.HasSuffix(joined, "notetakerbot") {
		return true
	}
	if !noteLocals[local] {
		return false
	}
	for _, d := range Lineage(m.Domain) {
		if noteServices[d] {
			return true
		}
	}
	return false
}
