package address

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
	usenet welcome www news uucp ftp
	buchhaltung buero datenschutz einkauf empfang kontakt personal post rechnung rechnungen vertrieb zentrale
	administracion atencion contacto facturacion soporte ventas
	accueil bonjour commercial comptabilite facturation
	assistenza commerciale contatti ordini vendite`)

var noHyphens = strings.NewReplacer("-", "", "_", "")

// IsRole says whether a local part, in the form of Mailbox, is a team's. Plus
// tags change nothing, and names of several words are spelled in many ways. A
// dot does not join a team's name: i.t@ is somebody's initials.
func IsRole(local string) bool {
	local, _, _ = strings.Cut(local, "+")
	hyphenated := noHyphens.Replace(local)
	if roleNames[local] || roleNames[hyphenated] {
		return true
	}
	joined := strings.ReplaceAll(hyphenated, ".", "")
	for _, silent := range []string{"noreply", "donotreply", "dontreply", "nepasrepondre", "noresponder", "keineantwort"} {
		if strings.HasPrefix(joined, silent) {
			return true
		}
	}
	return false
}

func set(words string) map[string]bool {
	s := make(map[string]bool)
	for _, w := range strings.Fields(words) {
		s[w] = true
	}
	return s
}
