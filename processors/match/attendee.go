package match

import (
	"cmp"
	"slices"
	"strings"

	"leadline/schemas"
	"leadline/schemas/address"
)

// attendee is somebody who was invited or spoke.
type attendee struct {
	shown string // the address in its one form; what the recorder wrote where it is none
	address.Mailbox
	// out is the finding that makes them no attendee, or one that nothing can be
	// said of; empty where the address is readable and somebody's.
	out string
	// barred is the finding because of which the domain is not asked; empty
	// where domains are.
	barred  string
	domains []string // down to the registrable one, the most specific first
	// external is the recorder's word, which is all there is of somebody without an address.
	external bool
}

// attendeesOf lists who took part, sorted and each once: a pure function of the
// meeting. Of an address the recorder's email_domain and is_external are not asked:
// the one may stand beside another address, the other knows the account's domain
// and not the organisation's.
func attendeesOf(m *schemas.Meeting) []attendee {
	seen := make(map[string]int)
	var all []attendee
	add := func(email, name *string, external bool) {
		a := attendee{out: schemas.FindingNoAddress, shown: text(name), external: external}
		if email != nil && strings.TrimSpace(*email) != "" {
			a = attendeeOf(*email)
		}
		id := a.out + "\x00" + a.shown // no finding holds a zero byte
		if i, twice := seen[id]; twice {
			all[i].external = all[i].external || a.external
		} else if a.shown != "" {
			seen[id] = len(all)
			all = append(all, a)
		}
	}
	reached := map[string]bool{folded(m.Host.Name): m.Host.Email != ""} // by name: who is there again without an address is no stranger
	for _, i := range m.Invitees {
		if name := folded(text(i.Name)); text(i.Email) != "" && name != "" {
			reached[name] = true
		}
	}
	for _, i := range m.Invitees {
		name := cmp.Or(i.Name, i.SpeakerName)
		shown := folded(text(name))
		add(i.Email, name, i.External && shown != "" && !reached[shown])
	}
	spoke := make(map[string]bool) // a few people speak hundreds of turns, and an address takes long to read
	for _, t := range m.Turns {
		if t.Email == nil || spoke[*t.Email] { // without a matched address a speaker is a name
			continue
		}
		spoke[*t.Email] = strings.TrimSpace(*t.Email) != ""
		add(t.Email, &t.Speaker, false)
	}
	slices.SortFunc(all, func(a, b attendee) int {
		return cmp.Or(strings.Compare(a.shown, b.shown), strings.Compare(a.out, b.out))
	})
	return all
}

func attendeeOf(email string) attendee {
	m, ok := address.Parse(email)
	if !ok {
		return attendee{shown: email, out: schemas.FindingNotAnAddress}
	}
	a := attendee{shown: m.String(), Mailbox: m, domains: address.Lineage(m.Domain)}
	switch {
	case address.IsNobody(m):
		a.out = schemas.FindingNobody
	case a.domains == nil:
		a.barred = schemas.FindingPublicSuffix
	case address.IsFreemail(m.Domain):
		a.barred = schemas.FindingFreeMail
	case address.IsRole(m.Local):
		a.barred = schemas.FindingRole
	}
	return a
}

// hostNames are what the meeting's host makes the organisation's own: the
// address and, unless it is free mail, the registrable domain. A calendar or a
// note-taking program records for nobody.
func hostNames(m *schemas.Meeting) []string {
	if m == nil {
		return nil
	}
	host, ok := address.Parse(m.Host.Email)
	if !ok || address.IsNobody(host) {
		return nil
	}
	names := []string{host.String()}
	if root, ok := address.Registrable(host.Domain); ok && !address.IsFreemail(host.Domain) {
		names = append(names, root)
	}
	return names
}

func folded(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
