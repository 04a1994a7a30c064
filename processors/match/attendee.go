package match

import (
	"cmp"
	"slices"
	"strings"

	"leadline/schemas"
)

// attendee is somebody with an e-mail address who was invited or spoke.
type attendee struct {
	typed    string // as the recorder wrote it
	mailbox  mailbox
	readable bool // false: typed is no address
	own      bool
	// barred says why the domain is not asked; empty when domains are.
	barred  string
	domains []string // to be asked, the most specific first
}

// Why an address does not lead to a company by its domain.
const (
	barredFreemail = "anybody can get an address there"
	barredRole     = "it is a shared mailbox"
	barredSuffix   = "nobody can register that domain"
)

// ownSide is who counts as ours. The recorder's own judgement is not asked: it
// knows the account's domain, not the organisation's.
type ownSide struct {
	domain string  // the registrable domain of the host; empty where that says nothing
	host   mailbox // always ours
}

func ownSideOf(m *schemas.Meeting) ownSide {
	host, ok := address(m.Host.Email)
	if !ok {
		return ownSide{}
	}
	side := ownSide{host: host}
	if root, ok := registrable(host.domain); ok && !isFreemail(host.domain) {
		side.domain = root
	}
	return side
}

func (o ownSide) has(m mailbox) bool {
	return m == o.host || o.domain != "" && (m.domain == o.domain || strings.HasSuffix(m.domain, "."+o.domain))
}

func (o ownSide) domains() []string {
	if o.domain == "" {
		return []string{}
	}
	return []string{o.domain}
}

// attendeesOf lists who took part, sorted and each once. Rooms and note-taking
// services are nobody. The recorder's email_domain is not asked: it may stand
// beside another address.
func attendeesOf(m *schemas.Meeting) []attendee {
	own := ownSideOf(m)
	seen := make(map[string]bool)
	var all []attendee
	add := func(email *string) {
		if email == nil || strings.TrimSpace(*email) == "" {
			return
		}
		a := attendee{typed: *email}
		a.mailbox, a.readable = address(*email)
		name := "\x00" + a.typed // no address holds a zero byte
		if a.readable {
			name = a.mailbox.String()
			if isNobody(a.mailbox) {
				return
			}
			a.own = own.has(a.mailbox)
			a.domains, a.barred = askable(a.mailbox)
		}
		if !seen[name] {
			seen[name] = true
			all = append(all, a)
		}
	}
	for _, i := range m.Invitees {
		add(i.Email)
	}
	for _, t := range m.Turns {
		add(t.Email)
	}
	slices.SortFunc(all, func(a, b attendee) int {
		return cmp.Or(strings.Compare(a.mailbox.String(), b.mailbox.String()), strings.Compare(a.typed, b.typed))
	})
	return all
}

func askable(m mailbox) (domains []string, barred string) {
	domains = lineage(m.domain)
	switch {
	case domains == nil:
		return nil, barredSuffix
	case isFreemail(m.domain):
		return nil, barredFreemail
	case isRole(m.local):
		return nil, barredRole
	}
	return domains, ""
}
