package match

import "strings"

// roleNames are local parts that a company, not a person, reads. They come from
// RFC 2142 and from what contact pages show.
var roleNames = set(`
	abuse accounting accounts admin administrator alerts billing bookings bounce bounces calendar careers
	compliance contact contactus contracts conferences customercare customerservice customersuccess customersupport daemon
	email enquiries events feedback finance frontdesk hello help helpdesk hostmaster hr info information inquiries
	invoice invoices invoicing it jobs legal mail mailer-daemon mailerdaemon marketing media meetings members
	newsletter noc notification notifications office operations orders partners payments payroll postmaster press
	privacy procurement purchasing reception recruiting recruitment reply returns root sales security service
	servicedesk services shop staff subscribe support system team tech technical training unsubscribe webmaster
	welcome
	buchhaltung buero datenschutz einkauf empfang kontakt personal post rechnung rechnungen vertrieb zentrale
	administracion atencion contacto facturacion soporte ventas
	accueil bonjour commercial comptabilite facturation
	assistenza commerciale contatti ordini vendite`)

// isRole says whether an address is shared by a team. Plus tags change nothing,
// and senders that take no answer are spelled in many ways.
func isRole(local string) bool {
	local, _, _ = strings.Cut(local, "+")
	if roleNames[local] {
		return true
	}
	joined := strings.NewReplacer("-", "", "_", "", ".", "").Replace(local)
	for _, silent := range []string{"noreply", "donotreply", "dontreply", "nepasrepondre", "noresponder", "keineantwort"} {
		if strings.HasPrefix(joined, silent) {
			return true
		}
	}
	return false
}

// Calendars invite rooms and equipment under these domains, and note-taking
// services join under these addresses: nobody takes part in either.
var (
	resourceDomains = set("resource.calendar.google.com group.calendar.google.com import.calendar.google.com")
	noteTakers      = set("fred@fireflies.ai notetaker@otter.ai notes@fathom.video notetaker@fathom.video executiveassistant@e.read.ai")
)

func isNobody(m mailbox) bool { return resourceDomains[m.domain] || noteTakers[m.String()] }

func set(words string) map[string]bool {
	s := make(map[string]bool)
	for _, w := range strings.Fields(words) {
		s[w] = true
	}
	return s
}
