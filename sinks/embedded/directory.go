package embedded

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// DirectorySink takes the entries of schemas.Directory, versioned by
// sink.ByOffset.
func (s *Store) DirectorySink() sink.Sink[schemas.DirectoryEntry] {
	return into(s, sink.DirectoryEntry, s.putDirectory)
}

func (s *Store) putDirectory(ctx context.Context, w *writing, r sink.Row[schemas.DirectoryEntry]) error {
	key := strings.SplitN(r.Key, "/", 3)
	org, sort, id := key[0], key[1], key[2]
	raw, err := body(r.Value)
	if err != nil {
		return err
	}
	var company *string
	if r.Value != nil && r.Value.EndUser != nil {
		company = r.Value.EndUser.CompanyID
	}
	var changed int
	err = w.on(ctx, s.put.directory).QueryRowContext(ctx,
		org, sort, id, int64(r.Version), r.Value != nil, company, raw).Scan(&changed) //nolint:gosec // at most sink.MaxVersion
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil || sort != schemas.SortCompany {
		return err
	}
	if _, err := w.on(ctx, s.put.unnameCompany).ExecContext(ctx, org, id); err != nil {
		return err
	}
	if r.Value == nil {
		return nil
	}
	name := w.on(ctx, s.put.nameCompany)
	if _, err := name.ExecContext(ctx, org, folded(r.Value.Company.Name), "name", id); err != nil {
		return err
	}
	for _, d := range r.Value.Company.Domains {
		if _, err := name.ExecContext(ctx, org, folded(d), "domain", id); err != nil {
			return err
		}
	}
	return nil
}

func folded(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// Companies returns the organisation's companies by name.
func (s *Store) Companies(ctx context.Context, org string) ([]schemas.Company, error) {
	if err := sink.CheckScope(schemas.Scope{Org: org}); err != nil {
		return nil, err
	}
	all, err := collect(ctx, s.read, scanBody[schemas.DirectoryEntry],
		`SELECT body FROM directory WHERE org = ? AND sort = ? AND live = 1`, org, schemas.SortCompany)
	if err != nil {
		return nil, fmt.Errorf("listing companies: %w", err)
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

// DirectoryEntries returns a page of the directory.
func (s *Store) DirectoryEntries(ctx context.Context, q schemas.DirectoryQuery) ([]schemas.DirectoryEntry, error) {
	q, err := sink.CheckDirectory(q)
	if err != nil {
		return nil, err
	}
	all, err := collect(ctx, s.read, scanBody[schemas.DirectoryEntry],
		`SELECT body FROM directory WHERE org = ? AND sort = ? AND id > ? AND live = 1 ORDER BY id LIMIT ?`, q.Org, q.Sort, q.After, q.Limit)
	if err != nil {
		return nil, fmt.Errorf("listing the directory: %w", err)
	}
	return all, nil
}

// DirectoryEntry returns one entry.
func (s *Store) DirectoryEntry(ctx context.Context, org, sort, id string) (schemas.DirectoryEntry, bool, error) {
	if _, err := sink.CheckDirectory(schemas.DirectoryQuery{Org: org, Sort: sort}); err != nil {
		return schemas.DirectoryEntry{}, false, err
	}
	all, err := collect(ctx, s.read, scanBody[schemas.DirectoryEntry],
		`SELECT body FROM directory WHERE org = ? AND sort = ? AND id = ? AND live = 1`, org, sort, id)
	if err != nil || len(all) == 0 {
		return schemas.DirectoryEntry{}, false, err
	}
	return all[0], true, nil
}

// Customer sums up the company of that id or, in any case, of that name or
// domain; of several the one with the lowest id. A scope that is not this
// company's does not find it.
func (s *Store) Customer(ctx context.Context, scope schemas.Scope, idOrNameOrDomain string) (schemas.Customer, bool, error) {
	if err := sink.CheckScope(scope); err != nil {
		return schemas.Customer{}, false, err
	}
	var (
		c     schemas.Customer
		found bool
	)
	err := s.snapshot(ctx, func(tx *sql.Tx) (err error) {
		if c, found, err = customer(ctx, tx, scope, idOrNameOrDomain); err != nil || !found {
			return err
		}
		return sumUp(ctx, tx, scope, &c)
	})
	if err != nil {
		return schemas.Customer{}, false, fmt.Errorf("summing up a customer: %w", err)
	}
	return c, found, nil
}

func customer(ctx context.Context, tx *sql.Tx, scope schemas.Scope, name string) (schemas.Customer, bool, error) {
	var c schemas.Customer
	companies, err := collect(ctx, tx, scanBody[schemas.DirectoryEntry], `
		SELECT d.body FROM directory d
		LEFT JOIN company_names n ON n.org = d.org AND n.company = d.id AND n.name = ?2
		WHERE d.org = ?1 AND d.sort = ?4 AND d.live = 1 AND (d.id = ?3 OR n.name IS NOT NULL)
		ORDER BY d.id = ?3 DESC, n.sort = 'name' DESC, d.id LIMIT 1`,
		scope.Org, folded(name), name, schemas.SortCompany)
	if err != nil || len(companies) == 0 {
		return c, false, err
	}
	c.Company = *companies[0].Company
	if scope.Company != "" && scope.Company != c.Company.ID {
		return c, false, nil
	}
	users, err := collect(ctx, tx, scanBody[schemas.DirectoryEntry], `
		SELECT body FROM directory WHERE org = ? AND company = ? AND sort = ? AND live = 1 AND (?4 = '' OR id = ?4) ORDER BY id`,
		scope.Org, c.Company.ID, schemas.SortEndUser, scope.EndUser)
	if err != nil || (scope.EndUser != "" && len(users) == 0) {
		return c, false, err
	}
	for _, u := range users {
		c.EndUsers = append(c.EndUsers, *u.EndUser)
	}
	return c, true, nil
}

// sumUp begins at the customer's links: going through all meetings and entries would pass by everybody else's.
func sumUp(ctx context.Context, tx *sql.Tx, scope schemas.Scope, c *schemas.Customer) error {
	scope.Company = c.Company.ID
	first := []any{schemas.SortCompany, c.Company.ID}
	f := meetingRows.within(scope)
	var last sql.NullInt64
	err := tx.QueryRowContext(ctx, `SELECT count(*), max(m.started_at) FROM meeting_links first CROSS JOIN meetings m ON m.id = first.meeting
		WHERE first.sort = ? AND first.customer = ? AND `+f.where, slices.Concat(first, f.args)...).Scan(&c.Meetings, &last)
	if err != nil {
		return err
	}
	if last.Valid {
		at := time.UnixMilli(last.Int64).UTC()
		c.LastMet = &at
	}
	f = entryRows.within(scope)
	c.Distilled, err = counts(ctx, tx, `SELECT e.distilled, count(*) FROM entry_links first CROSS JOIN entries e ON e.id = first.entry
		WHERE first.sort = ? AND first.customer = ? AND e.kind = '`+schemas.EntryDistilled+`' AND e.distilled IS NOT NULL AND `+f.where+` GROUP BY 1`,
		slices.Concat(first, f.args)...)
	return err
}
