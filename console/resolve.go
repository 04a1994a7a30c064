package console

import (
	"context"
	"errors"
	"strings"

	"leadline/schemas"
	addresses "leadline/schemas/address"
)

// Resolution says what is to become of a domain or an address, and of all
// meetings that it left unmatched, the earlier ones too. Ignore goes alone; a
// domain wants a company, an address a company or a person.
type Resolution struct {
	Name    string     `json:"name" doc:"a domain or an address"`
	Ignore  bool       `json:"ignore,omitempty" doc:"nobody there is of interest"`
	Company string     `json:"company,omitempty" doc:"whose it is: id, name or domain"`
	Create  *NewEntity `json:"create,omitempty" doc:"make this company first"`
	Person  *NewEntity `json:"person,omitempty" doc:"who has the address"`
}

// NewEntity is a company or a person to be made.
type NewEntity struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// Resolve writes the one entry that does it. It reads a company and writes it
// back with one domain more, so it is done one at a time.
func (d *Directory) Resolve(ctx context.Context, org string, r Resolution) (schemas.DirectoryLine, error) {
	isAddress := strings.Contains(strings.TrimPrefix(r.Name, "@"), "@")
	switch {
	case r.Ignore && (r.Company != "" || r.Create != nil || r.Person != nil):
		return schemas.DirectoryLine{}, invalid("ignore", "goes alone")
	case r.Company != "" && r.Create != nil:
		return schemas.DirectoryLine{}, invalid("create", "does not go with company")
	case r.Person != nil && !isAddress:
		return schemas.DirectoryLine{}, invalid("person", "goes with an address, and %.140q is none", r.Name)
	case !r.Ignore && r.Company == "" && r.Create == nil && r.Person == nil:
		return schemas.DirectoryLine{}, invalid("company", "is missing: want ignore, company, create or person")
	}
	if !isAddress && !r.Ignore {
		// A company may be written with such a domain, and matching passes it over:
		// it would resolve nothing.
		if domain, err := addresses.CompanyDomain(r.Name); err == nil && addresses.IsFreemail(domain) {
			return schemas.DirectoryLine{}, invalid("name", "anybody can get an address at %s, so it is no company's: resolve the person's whole address", domain)
		}
	}
	if d == nil {
		return schemas.DirectoryLine{}, errReadOnly
	}
	d.resolving.Lock()
	defer d.resolving.Unlock()
	if r.Ignore {
		return d.put(ctx, schemas.DirectoryEntry{Org: org, Side: &schemas.Side{Name: r.Name, Is: schemas.SideIgnored}})
	}
	company, err := d.companyOf(ctx, org, r)
	if err != nil {
		return schemas.DirectoryLine{}, err
	}
	if isAddress {
		return d.person(ctx, org, r, company)
	}
	company.Domains = append(company.Domains[:len(company.Domains):len(company.Domains)], r.Name)
	return d.put(ctx, schemas.DirectoryEntry{Org: org, Company: company})
}

// companyOf is the one that is named, or is to be made; nil where none is.
func (d *Directory) companyOf(ctx context.Context, org string, r Resolution) (*schemas.Company, error) {
	if r.Create != nil {
		_, taken, err := d.store.DirectoryEntry(ctx, org, schemas.SortCompany, r.Create.ID)
		if err == nil && taken {
			err = invalid("create", "there is a company %.140q already: name it as company", r.Create.ID)
		}
		return &schemas.Company{ID: r.Create.ID, Name: r.Create.Name}, err
	}
	if r.Company == "" {
		return nil, nil
	}
	c, found, err := d.store.Customer(ctx, schemas.Scope{Org: org}, r.Company)
	if err == nil && !found {
		err = Local{d.store}.noCustomer(ctx, schemas.Scope{Org: org}, r.Company)
	}
	return &c.Company, err
}

// person makes the end user who has the address. Without a person it is the
// address that names them.
func (d *Directory) person(ctx context.Context, org string, r Resolution, company *schemas.Company) (schemas.DirectoryLine, error) {
	u := &schemas.EndUser{ID: r.Name, Emails: []string{r.Name}}
	if r.Person != nil {
		u.ID, u.Name = r.Person.ID, r.Person.Name
	}
	before, known, err := d.store.DirectoryEntry(ctx, org, schemas.SortEndUser, u.ID)
	if err != nil {
		return schemas.DirectoryLine{}, err
	}
	if known { // one address more, and nothing lost
		name := u.Name
		u = before.EndUser
		u.Emails = append(u.Emails, r.Name)
		if name != "" {
			u.Name = name
		}
	}
	if company != nil {
		if r.Create != nil {
			if _, err := d.put(ctx, schemas.DirectoryEntry{Org: org, Company: company}); err != nil {
				return schemas.DirectoryLine{}, err
			}
		}
		u.CompanyID = &company.ID
	}
	return d.put(ctx, schemas.DirectoryEntry{Org: org, EndUser: u})
}

// Simulate says what an organisation's meetings would be linked to if the
// changes were made to its directory. It may be called from many goroutines and
// writes nothing. An *schemas.InvalidQuery names what is wrong with a change.
type Simulate func(ctx context.Context, w World, changes []schemas.DirectoryLine) ([]Difference, error)

// World is what a simulation starts from.
type World struct {
	Org       string
	Meetings  []schemas.MeetingRow // with what matching reads of them
	Hosts     []string             // of all meetings: they say who is our own
	Directory []schemas.DirectoryEntry
}

// Difference is what would become of a meeting.
type Difference struct {
	MeetingID string   `json:"meeting_id"`
	Title     string   `json:"title"`
	Before    string   `json:"before" doc:"its state"`
	After     string   `json:"after"`
	Linked    []string `json:"linked" doc:"customers that it would gain: company/ID, end_user/ID"`
	Unlinked  []string `json:"unlinked" doc:"customers that it would lose"`
	Reason    string   `json:"reason" doc:"why it would have none"`
}

// Simulation is the answer.
type Simulation struct {
	Meetings    int          `json:"meetings" doc:"that were looked at"`
	More        bool         `json:"more" doc:"there are older ones"`
	Linked      int          `json:"linked" doc:"links that would come"`
	Unlinked    int          `json:"unlinked" doc:"links that would go"`
	Differences []Difference `json:"differences"`
}

// errEnough ends a walk that has what it wanted.
var errEnough = errors.New("enough")
