package distill

import (
	"strings"

	"golang.org/x/net/idna"

	"leadline/schemas"
)

// Voice is somebody who speaks in a meeting.
type Voice struct {
	Name     string
	Email    *string // nil where nobody knows it
	Customer bool    // false: our own side
}

// voicesOf tells whose voice each turn is. A turn without an address gets that
// of the invitee of the same name. Whoever has none then is the customer's
// side: our own people are invited by the recorder's account, guests dial in.
func voicesOf(m *schemas.Meeting, ownDomains []string, hostIsOurs bool) []Voice {
	own := sides{domains: ownDomains, host: canonical(m.Host.Email), outside: !hostIsOurs}
	byName := make(map[string]*string)
	for _, i := range m.Invitees {
		if i.Email == nil || *i.Email == "" {
			continue
		}
		for _, name := range []*string{i.SpeakerName, i.Name} {
			if name == nil || folded(*name) == "" {
				continue
			}
			if other, taken := byName[folded(*name)]; taken && (other == nil || *other != *i.Email) {
				byName[folded(*name)] = nil // two people of one name: nobody can tell
				continue
			}
			byName[folded(*name)] = i.Email
		}
	}
	type speaker struct{ name, email string }
	known := make(map[speaker]Voice) // a few people speak hundreds of turns
	voices := make([]Voice, len(m.Turns))
	for i, t := range m.Turns {
		s := speaker{name: t.Speaker}
		if t.Email != nil {
			s.email = *t.Email
		}
		v, heard := known[s]
		if !heard {
			v = voiceOf(m, t, byName, own)
			known[s] = v
		}
		voices[i] = v
	}
	return voices
}

func voiceOf(m *schemas.Meeting, t schemas.Turn, byName map[string]*string, own sides) Voice {
	v := Voice{Name: t.Speaker, Email: t.Email}
	if v.Email == nil || *v.Email == "" {
		v.Email = byName[folded(t.Speaker)]
	}
	host := folded(t.Speaker) == folded(m.Host.Name) && folded(m.Host.Name) != ""
	switch {
	case v.Email != nil:
		v.Customer = !own.has(*v.Email)
	case host && m.Host.Email != "":
		v.Email, v.Customer = &m.Host.Email, own.outside
	default:
		v.Customer = !host
	}
	return v
}

type sides struct {
	domains []string // and addresses
	host    string   // ours also where its domain is everybody's
	outside bool     // the directory calls the host outside, whatever the domain
}

func (s sides) has(email string) bool {
	email = canonical(email)
	if email == s.host && email != "" {
		return !s.outside
	}
	_, domain, _ := strings.Cut(email, "@")
	for _, d := range s.domains {
		if email == d || domain == d || strings.HasSuffix(domain, "."+d) {
			return true
		}
	}
	return false
}

// canonical makes addresses comparable with the domains that match wrote, which
// are in their ASCII form.
func canonical(email string) string {
	local, domain, found := strings.Cut(strings.ToLower(strings.TrimSpace(email)), "@")
	if !found {
		return local
	}
	if ascii, err := idna.Lookup.ToASCII(domain); err == nil {
		domain = ascii
	}
	return local + "@" + strings.TrimSuffix(domain, ".")
}

func folded(name string) string { return strings.ToLower(strings.Join(strings.Fields(name), " ")) }

// Customers' kinds are what only the customer's side can say.
func customersKind(kind string) bool { return kind != schemas.ActionItem }
