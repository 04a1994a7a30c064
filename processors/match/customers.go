package match

import (
	"leadline/processors/stage"
)

// customers is an organisation's directory as the state has it.
type customers struct {
	tx  *stage.Tx
	org string
}

func (c customers) endUsers(address string) ([]person, error) {
	var people []person
	err := seconds(c.tx, c.org, sortEmail, address, func(id string, company []byte) {
		people = append(people, person{id: id, company: string(company)})
	})
	if err != nil {
		return nil, err
	}
	for i, p := range people {
		if p.company == "" {
			continue
		}
		_, known, err := c.tx.Get(key(c.org, sortCompany, p.company))
		if err != nil {
			return nil, err
		}
		if !known {
			people[i].company = ""
		}
	}
	return people, nil
}

func (c customers) claims(domain string) ([]string, error) {
	var companies []string
	err := seconds(c.tx, c.org, sortDomain, domain, func(id string, _ []byte) { companies = append(companies, id) })
	return companies, err
}
