package match

import (
	"encoding/json"
	"fmt"
	"strings"

	"leadline/schemas"
)

// view is an organisation's directory as the state has it, for the judgement of
// one meeting: what was asked once is remembered, because attendees share
// domains.
type view struct {
	from  reader
	org   string
	sides map[string]side
	asked map[string][]claim
}

func newView(from reader, org string) *view {
	return &view{from: from, org: org, sides: make(map[string]side), asked: make(map[string][]claim)}
}

// person is an end user who has an address.
type person struct {
	id, version string
	company     string // empty unless the directory has it
}

// claim is a company that has a domain.
type claim struct{ id, version string }

// endUsers returns who has the address, in rising order of ids.
func (v *view) endUsers(email string) ([]person, error) {
	var people []person
	err := seconds(v.from, v.org, sortEmail, email, func(id string, value []byte) {
		version, company := cutVersion(value)
		people = append(people, person{id: id, version: version, company: company})
	})
	if err != nil {
		return nil, err
	}
	for i, p := range people {
		if p.company == "" {
			continue
		}
		_, known, err := v.from.Get(key(v.org, sortCompany, p.company))
		if err != nil {
			return nil, err
		}
		if !known {
			people[i].company = ""
		}
	}
	return people, nil
}

// claims returns the companies that have exactly this domain, in rising order.
func (v *view) claims(domain string) ([]claim, error) {
	if known, asked := v.asked[domain]; asked {
		return known, nil
	}
	var all []claim
	err := seconds(v.from, v.org, sortDomain, domain, func(id string, version []byte) {
		all = append(all, claim{id, string(version)})
	})
	v.asked[domain] = all
	return all, err
}

// company says whether the directory has it.
func (v *view) company(id string) (bool, error) {
	_, known, err := v.from.Get(key(v.org, sortCompany, id))
	return known, err
}

// endUser returns the end user with the company, where the directory has them.
func (v *view) endUser(id string) (p person, known bool, err error) {
	f, known, err := v.facts(id)
	if err != nil || !known || f.Company == "" {
		return person{id: id}, known, err
	}
	employed, err := v.company(f.Company)
	if err != nil || !employed {
		return person{id: id}, true, err
	}
	return person{id: id, company: f.Company}, true, nil
}

// facts are what matching knows of an end user.
func (v *view) facts(id string) (f endUserFacts, known bool, err error) {
	raw, known, err := v.from.Get(key(v.org, sortEndUser, id))
	if err != nil || !known {
		return f, false, err
	}
	if err := json.Unmarshal(raw, &f); err != nil {
		return f, false, fmt.Errorf("decoding an end user: %w", err)
	}
	return f, true, nil
}

// side is whose somebody is, and the name that says so.
type side struct{ is, name string }

// sideOf tells our own people from others. An address's own entry counts most,
// then that of the most specific domain, then what the hosts' domains say. A
// host is ours also where the domain is somebody else's.
func (v *view) sideOf(a attendee) (side, error) {
	if said, err := v.said(a.shown); err != nil || said.is != "" {
		return said, err
	}
	domain, err := v.domainSide(a.domains)
	if err != nil || domain.is == schemas.SideOwn {
		return domain, err
	}
	host, err := anySecond(v.from, v.org, sortHost, a.shown)
	if err != nil {
		return side{}, err
	}
	if host {
		return side{schemas.SideOwn, a.shown}, nil
	}
	return domain, nil
}

func (v *view) domainSide(domains []string) (side, error) {
	if len(domains) == 0 {
		return side{}, nil
	}
	if known, asked := v.sides[domains[0]]; asked {
		return known, nil
	}
	found := side{}
	for _, d := range domains {
		said, err := v.said(d)
		if err != nil {
			return side{}, err
		}
		if said.is != "" {
			found = said
			break
		}
	}
	if root := domains[len(domains)-1]; found.is == "" {
		ours, err := anySecond(v.from, v.org, sortHost, root)
		if err != nil {
			return side{}, err
		}
		if ours {
			found = side{schemas.SideOwn, root}
		}
	}
	v.sides[domains[0]] = found
	return found, nil
}

// said is what an entry says of exactly this name.
func (v *view) said(name string) (side, error) {
	is, found, err := v.from.Get(key(v.org, sortSide, name))
	if err != nil || !found {
		return side{}, err
	}
	return side{string(is), name}, nil
}

// decision is a person's word on a meeting and a customer.
type decision struct {
	meeting  string
	customer string // company/ID or end_user/ID
	linked   bool
	version  string
}

// decisions returns those on a meeting, in rising order of customers: companies
// come before end users.
func (v *view) decisions(meeting string) ([]decision, error) {
	var all []decision
	err := seconds(v.from, v.org, sortDecision, meeting, func(customer string, value []byte) {
		version, is := cutVersion(value)
		all = append(all, decision{meeting, customer, is == handLinked, version})
	})
	return all, err
}

func entryName(sort, id string) string { return sort + "/" + id }

func cutEntry(name string) (sort, id string) {
	sort, id, _ = strings.Cut(name, "/")
	return sort, id
}
