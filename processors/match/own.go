package match

import (
	"maps"
	"slices"
	"strings"

	"leadline/schemas"
	"leadline/schemas/address"
)

// ours is one of our own people, and the name that says so.
type ours struct {
	attendee
	name string
}

// ownSide writes down who of the meeting is ours, so that later stages can tell
// without the rules: domains where everybody is, and single addresses.
func (j *judgement) ownSide(m *schemas.Meeting) error {
	host, ok := address.Parse(m.Host.Email)
	if ok && !address.IsNobody(host) {
		h := attendeeOf(m.Host.Email)
		s, err := j.sideOf(h)
		if err != nil {
			return err
		}
		if s.is == schemas.SideOwn {
			j.own = append(j.own, ours{h, s.name})
		}
	}
	domains, addresses := make(map[string]bool), make(map[string]bool)
	for _, o := range j.own {
		if !strings.Contains(o.name, "@") && !slices.ContainsFunc(j.others, func(a attendee) bool { return slices.Contains(a.domains, o.name) }) {
			domains[o.name] = true
		} else if !ok || o.Mailbox != host {
			addresses[o.shown] = true
		}
	}
	j.OwnDomains = append([]string{}, slices.Sorted(maps.Keys(domains))...)
	j.Matching.OwnAddresses = append(j.Matching.OwnAddresses, slices.Sorted(maps.Keys(addresses))...)
	return nil
}

// outsideHost notes that the directory calls the host's address outside. Then he is
// an attendee, though nobody may have invited him: who records takes part, and of
// our own people nothing follows from that.
func (j *judgement) outsideHost(m *schemas.Meeting, named []attendee) ([]attendee, error) {
	if len(hostNames(m)) == 0 {
		return named, nil
	}
	host := attendeeOf(m.Host.Email)
	s, err := j.sideOf(host)
	if err != nil || s.is != schemas.SideOutside {
		return named, err
	}
	j.Matching.HostOutside = true
	if slices.ContainsFunc(named, func(a attendee) bool { return a.shown == host.shown }) {
		return named, nil
	}
	return append(named, host), j.attend(host)
}
