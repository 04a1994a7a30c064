package clickhouse

import (
	"context"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// Tally counts what the store holds of an organisation, held back or not. Its
// Entries are empty: they are in the knowledge store.
func (s *Store) Tally(ctx context.Context, org string) (schemas.Tally, error) {
	t := schemas.Tally{Meetings: make(map[schemas.State]int), Entries: make(map[string]int)}
	if err := sink.CheckScope(schemas.Scope{Org: org}); err != nil {
		return t, err
	}
	states, err := s.counts(ctx, `SELECT state, count() FROM meetings FINAL
		WHERE org = {org:String} AND state <> 'grouped' GROUP BY state`, named("org", org))
	if err != nil {
		return t, failed(ctx, "counting meetings", err)
	}
	for state, n := range states {
		t.Meetings[schemas.State(state)] = n
	}
	// A meeting with two attendees of a company is one meeting of it.
	t.ByCompany, err = s.counts(ctx, `SELECT assumeNotNull(company) AS id, count() FROM meetings FINAL
		ARRAY JOIN arrayDistinct(links.company_id) AS company
		WHERE org = {org:String} AND company IS NOT NULL GROUP BY id`, named("org", org))
	if err != nil {
		return t, failed(ctx, "counting meetings by company", err)
	}
	t.Progress, err = s.counts(ctx, `SELECT concat(stage, '/', outcome) AS event, count() FROM meeting_progress FINAL
		WHERE org = {org:String} GROUP BY event`, named("org", org))
	if err != nil {
		return t, failed(ctx, "counting progress", err)
	}
	return t, nil
}

// Hosts counts the meetings of each host, by the address that the recorder
// gave.
func (s *Store) Hosts(ctx context.Context, org string) (map[string]int, error) {
	if err := sink.CheckScope(schemas.Scope{Org: org}); err != nil {
		return nil, err
	}
	n, err := s.counts(ctx, `SELECT host_email, count() FROM meetings FINAL WHERE org = {org:String} GROUP BY host_email`, named("org", org))
	if err != nil {
		return nil, failed(ctx, "counting hosts", err)
	}
	return n, nil
}

// counts reads pairs of a name and a number.
func (s *Store) counts(ctx context.Context, query string, args ...any) (map[string]int, error) {
	n := make(map[string]int)
	_, err := collect(ctx, s, func(r driver.Rows) (struct{}, error) {
		var (
			name  string
			count uint64
		)
		err := r.Scan(&name, &count)
		n[name] = int(count)
		return struct{}{}, err
	}, query, args...)
	return n, err
}
