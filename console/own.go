package console

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"leadline/schemas"
	addresses "leadline/schemas/address"
)

// Own is a domain, with all below it, or an address, and whose it is.
type Own struct {
	Name     string `json:"name"`
	Is       string `json:"is" doc:"own, outside, ignored"`
	Because  string `json:"because" doc:"entry: somebody said so; host: somebody records from there"`
	Meetings int    `json:"meetings" doc:"that hosts there have recorded"`
}

// Conflict is a domain that several companies claim, to be repaired.
type Conflict struct {
	Domain    string   `json:"domain"`
	Companies []string `json:"companies" doc:"ids"`
}

// OwnReader tells our own side from the others, and lists what to repair.
type OwnReader interface {
	Own(ctx context.Context, org string) ([]Own, error)
	Conflicts(ctx context.Context, org string) ([]Conflict, error)
}

// Own lists what entries say and what follows from who records, by the same
// rules as matching: a host's registrable domain is ours, at free mail the
// address alone, and an entry of the name wins.
func (l Local) Own(ctx context.Context, org string) ([]Own, error) {
	hosts, err := l.Store.Hosts(ctx, org)
	if err != nil {
		return nil, err
	}
	all := make(map[string]*Own)
	for typed, n := range hosts {
		m, ok := addresses.Parse(typed)
		if !ok || addresses.IsNobody(m) {
			continue
		}
		name := m.String()
		if root, ok := addresses.Registrable(m.Domain); ok && !addresses.IsFreemail(m.Domain) {
			name = root
		}
		if all[name] == nil {
			all[name] = &Own{Name: name, Is: schemas.SideOwn, Because: "host"}
		}
		all[name].Meetings += n
	}
	err = EachEntry(ctx, l, org, schemas.SortSide, func(s schemas.DirectoryLine) error {
		if all[s.Name] == nil {
			all[s.Name] = &Own{Name: s.Name}
		}
		all[s.Name].Is, all[s.Name].Because = s.Is, "entry"
		return nil
	})
	list := []Own{}
	for _, o := range all {
		list = append(list, *o)
	}
	slices.SortFunc(list, func(a, b Own) int { return cmp.Or(cmp.Compare(b.Is, a.Is), strings.Compare(a.Name, b.Name)) })
	return list, err
}

// Conflicts lists them by rising domains.
func (l Local) Conflicts(ctx context.Context, org string) ([]Conflict, error) {
	claims := make(map[string][]string)
	err := EachEntry(ctx, l, org, schemas.SortCompany, func(c schemas.DirectoryLine) error {
		for _, typed := range c.Domains {
			if d, err := addresses.CompanyDomain(typed); err == nil && !slices.Contains(claims[d], c.ID) {
				claims[d] = append(claims[d], c.ID)
			}
		}
		return nil
	})
	list := []Conflict{}
	for d, ids := range claims {
		if len(ids) > 1 {
			list = append(list, Conflict{d, ids})
		}
	}
	slices.SortFunc(list, func(a, b Conflict) int { return strings.Compare(a.Domain, b.Domain) })
	return list, err
}
