package embedded

import (
	"context"
	"database/sql"
	"fmt"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// Tally counts what the store holds of an organisation, held back or not.
func (s *Store) Tally(ctx context.Context, org string) (schemas.Tally, error) {
	t := schemas.Tally{Meetings: make(map[schemas.State]int)}
	if err := sink.CheckScope(schemas.Scope{Org: org}); err != nil {
		return t, err
	}
	err := s.snapshot(ctx, func(tx *sql.Tx) error {
		states, err := counts(ctx, tx, `SELECT state, count(*) FROM meetings WHERE org = ? AND live = 1 AND state <> ? GROUP BY 1`, org, string(schemas.StateGrouped))
		if err != nil {
			return err
		}
		for state, n := range states {
			t.Meetings[schemas.State(state)] = n
		}
		if t.ByCompany, err = counts(ctx, tx, `SELECT l.customer, count(*) FROM meetings m JOIN meeting_links l ON l.meeting = m.id
			WHERE m.org = ? AND m.live = 1 AND l.sort = ? GROUP BY 1`, org, schemas.SortCompany); err != nil {
			return err
		}
		if t.Entries, err = counts(ctx, tx, `SELECT kind, count(*) FROM entries WHERE org = ? AND live = 1 GROUP BY 1`, org); err != nil {
			return err
		}
		t.Progress, err = counts(ctx, tx, `SELECT stage || '/' || outcome, count(*) FROM meeting_progress WHERE org = ? GROUP BY stage, outcome`, org)
		return err
	})
	if err != nil {
		return t, fmt.Errorf("counting: %w", err)
	}
	return t, nil
}

// Hosts counts the meetings of each host, by the address that the recorder
// gave.
func (s *Store) Hosts(ctx context.Context, org string) (map[string]int, error) {
	if err := sink.CheckScope(schemas.Scope{Org: org}); err != nil {
		return nil, err
	}
	n, err := counts(ctx, s.read, `SELECT coalesce(json_extract(body, '$.Host.Email'), ''), count(*) FROM meetings WHERE org = ? AND live = 1 GROUP BY 1`, org)
	if err != nil {
		return nil, fmt.Errorf("counting hosts: %w", err)
	}
	return n, nil
}

// counts reads pairs of a name and a number.
func counts(ctx context.Context, q querier, query string, args ...any) (map[string]int, error) {
	n := make(map[string]int)
	_, err := collect(ctx, q, func(r *sql.Rows) (struct{}, error) {
		var (
			name  string
			count int
		)
		err := r.Scan(&name, &count)
		n[name] = count
		return struct{}{}, err
	}, query, args...)
	return n, err
}
