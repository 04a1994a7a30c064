package pages

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"
	"time"

	"leadline/console"
	"leadline/schemas"
)

const (
	pageCustomers = 25
	// contextTokens is room for the evidence of some ten meetings.
	contextTokens = 8000
	// maxPeople is more than anybody reads; a customer of years may have hundreds.
	maxPeople     = 100
	timelineWeeks = 26
)

type customersPage struct {
	Name      string // what was looked for
	Customers []schemas.Customer
	All       int
	Next      string
}

// customers lists those that meetings are about, the most met first.
func (s *Site) customers(ctx context.Context, v *visit) (answer, error) {
	made := customersPage{Name: v.URL.Query().Get("name")}
	a := answer{name: "customers", title: "Customers"}
	if made.Name != "" {
		id, err := console.CustomerID(ctx, s.local, v.session.org, made.Name)
		if err == nil {
			return answer{to: customerPath(id)}, nil
		}
		if !isNotFound(err) {
			return answer{}, err
		}
		a.problem = sentence(err)
	}
	tally, err := s.local.Tally(ctx, v.session.org)
	if err != nil {
		return answer{}, err
	}
	ids := make([]string, 0, len(tally.ByCompany))
	for id := range tally.ByCompany {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b string) int {
		return cmp.Or(cmp.Compare(tally.ByCompany[b], tally.ByCompany[a]), cmp.Compare(a, b))
	})
	made.All = len(ids)
	from, _ := strconv.Atoi(v.URL.Query().Get("from"))
	from = min(max(from, 0), len(ids))
	to := min(from+pageCustomers, len(ids))
	for _, id := range ids[from:to] {
		c, found, err := s.Store.Customer(ctx, v.scope(), id)
		if err != nil {
			return answer{}, err
		}
		if !found {
			// Meetings outlive their customer's entry in the directory.
			c = schemas.Customer{Company: schemas.Company{ID: id}, Meetings: tally.ByCompany[id]}
		}
		made.Customers = append(made.Customers, c)
	}
	if to < len(ids) {
		made.Next = "/customers?" + url.Values{"from": {strconv.Itoa(to)}}.Encode()
	}
	a.data = made
	return a, nil
}

type customerPage struct {
	Customer console.Customer
	Known    console.CustomerContext
	Timeline bars
	People   []console.Person
	Unseen   []console.EndUser // in the directory, and in no meeting
	Markdown string
	More     string // where all its meetings are; empty where all are shown
}

// unseen are those whom no meeting has had.
func unseen(known []console.EndUser, met []console.Person) (left []console.EndUser) {
	for _, u := range known {
		there := func(p console.Person) bool { return p.EndUserID != nil && *p.EndUserID == u.ID }
		if !slices.ContainsFunc(met, there) {
			left = append(left, u)
		}
	}
	return left
}

func (s *Site) customer(ctx context.Context, v *visit) (answer, error) {
	id := v.URL.Query().Get("id")
	p, err := s.local.Portrait(ctx, v.scope(), id, contextTokens)
	if err != nil {
		return answer{}, err
	}
	c, people := p.Customer, p.Insights.People
	made := customerPage{Customer: c, Known: p.Known, Markdown: p.Known.Markdown(), People: people[:min(maxPeople, len(people))], Unseen: unseen(c.EndUsers, people)}
	made.Timeline = plot("timeline", "Meetings a week, over half a year", "Week from", "Meetings", weeks(time.Now(), timelineWeeks, p.Started))
	made.Timeline.None = "No meeting in this half year."
	if c.Meetings > len(c.Recent) {
		made.More = "/meetings?" + url.Values{"customer": {c.ID}}.Encode()
	}
	return answer{name: "customer", title: cmp.Or(c.Name, c.ID), data: made}, nil
}
