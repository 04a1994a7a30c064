package clickhouse

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// Companies returns the organisation's companies by name.
func (s *Store) Companies(ctx context.Context, org string) ([]schemas.Company, error) {
	if err := sink.CheckScope(schemas.Scope{Org: org}); err != nil {
		return nil, err
	}
	all, err := collect(ctx, s, scanBody[schemas.DirectoryEntry], `SELECT body FROM companies FINAL WHERE org = {org:String}`, named("org", org))
	if err != nil {
		return nil, failed(ctx, "listing companies", err)
	}
	companies := make([]schemas.Company, len(all))
	for i, e := range all {
		companies[i] = *e.Company
	}
	slices.SortFunc(companies, func(a, b schemas.Company) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID))
	})
	return companies, nil
}

// directoryTables say where entries of a sort are, and what they are named by;
// the others are in directory_words.
var directoryTables = map[string][2]string{
	schemas.SortCompany: {"companies FINAL WHERE", "company_id"},
	schemas.SortEndUser: {"end_users FINAL WHERE", "end_user_id"},
}

// DirectoryEntries returns a page of the directory.
func (s *Store) DirectoryEntries(ctx context.Context, q schemas.DirectoryQuery) ([]schemas.DirectoryEntry, error) {
	q, err := sink.CheckDirectory(q)
	if err != nil {
		return nil, err
	}
	all, err := s.directory(ctx, q, ">")
	if err != nil {
		return nil, failed(ctx, "listing the directory", err)
	}
	return all, nil
}

// DirectoryEntry returns one entry.
func (s *Store) DirectoryEntry(ctx context.Context, org, sort, id string) (schemas.DirectoryEntry, bool, error) {
	q, err := sink.CheckDirectory(schemas.DirectoryQuery{Org: org, Sort: sort, After: id, Limit: 1})
	if err != nil {
		return schemas.DirectoryEntry{}, false, err
	}
	all, err := s.directory(ctx, q, "=")
	if err != nil {
		return schemas.DirectoryEntry{}, false, failed(ctx, "reading an entry of the directory", err)
	}
	if len(all) == 0 {
		return schemas.DirectoryEntry{}, false, nil
	}
	return all[0], true, nil
}

// directory reads entries whose ids compare so with q.After.
func (s *Store) directory(ctx context.Context, q schemas.DirectoryQuery, compare string) ([]schemas.DirectoryEntry, error) {
	from, own := directoryTables[q.Sort]
	if !own {
		from = [2]string{"directory_words FINAL WHERE sort = {sort:String} AND", "id"}
	}
	return collect(ctx, s, scanBody[schemas.DirectoryEntry], "SELECT body FROM "+from[0]+" org = {org:String} AND "+from[1]+" "+compare+
		" {after:String} ORDER BY "+from[1]+" LIMIT {limit:UInt32}",
		named("org", q.Org), named("sort", q.Sort), named("after", q.After), named("limit", q.Limit))
}

// Customer sums up the company of that id or, in any case, of that name or
// domain; of several the one with the lowest id. A scope that is not this
// company's does not find it. Distilled counts what the rows of the meetings
// say. The parts are read one after the other: a write in between shows in the
// later ones only.
func (s *Store) Customer(ctx context.Context, scope schemas.Scope, idOrNameOrDomain string) (schemas.Customer, bool, error) {
	if err := sink.CheckScope(scope); err != nil {
		return schemas.Customer{}, false, err
	}
	c, found, err := s.customer(ctx, scope, idOrNameOrDomain)
	if err == nil && found {
		err = s.sumUp(ctx, scope, &c)
	}
	if err != nil {
		return schemas.Customer{}, false, failed(ctx, "summing up a customer", err)
	}
	return c, found, nil
}

func (s *Store) customer(ctx context.Context, scope schemas.Scope, name string) (schemas.Customer, bool, error) {
	var c schemas.Customer
	companies, err := collect(ctx, s, scanBody[schemas.DirectoryEntry], `SELECT body FROM companies FINAL
		WHERE org = {org:String} AND (company_id = {id:String} OR has(names, {name:String}))
		ORDER BY company_id = {id:String} DESC, names[1] = {name:String} DESC, company_id LIMIT 1`,
		named("org", scope.Org), named("id", name), named("name", folded(name)))
	if err != nil || len(companies) == 0 {
		return c, false, err
	}
	c.Company = *companies[0].Company
	if scope.Company != "" && scope.Company != c.Company.ID {
		return c, false, nil
	}
	users, err := collect(ctx, s, scanBody[schemas.DirectoryEntry], `SELECT body FROM end_users FINAL
		WHERE org = {org:String} AND company_id = {company:String} AND ({end_user:String} = '' OR end_user_id = {end_user:String})
		ORDER BY end_user_id`,
		named("org", scope.Org), named("company", c.Company.ID), named("end_user", scope.EndUser))
	if err != nil || (scope.EndUser != "" && len(users) == 0) {
		return c, false, err
	}
	for _, u := range users {
		c.EndUsers = append(c.EndUsers, *u.EndUser)
	}
	return c, true, nil
}

func (s *Store) sumUp(ctx context.Context, scope schemas.Scope, c *schemas.Customer) error {
	scope.Company = c.Company.ID
	var (
		meetings uint64
		last     int64
		kinds    []string
		numbers  []uint64
	)
	err := s.conn.QueryRow(ctx, `WITH sumMap(distillates.kind, arrayResize([1], length(distillates.kind), 1)) AS distilled
		SELECT count(), max(started_ms), distilled.1, distilled.2 FROM meetings FINAL WHERE `+inScope,
		scoped(scope)...).Scan(&meetings, &last, &kinds, &numbers)
	if err != nil {
		return err
	}
	if c.Meetings = int(meetings); c.Meetings > 0 {
		at := time.UnixMilli(last).UTC()
		c.LastMet = &at
	}
	c.Distilled = make(map[string]int, len(kinds))
	for i, kind := range kinds {
		c.Distilled[kind] = int(numbers[i]) //nolint:gosec // a count
	}
	return nil
}
