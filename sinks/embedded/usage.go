package embedded

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// UsageSink takes what learning cost, from schemas.DistillationUsage; its rows
// are versioned by sink.ByOffset.
func (s *Store) UsageSink() sink.Sink[schemas.Usage] { return into(s, sink.Usage, s.putUsage) }

func (s *Store) putUsage(ctx context.Context, w *writing, r sink.Row[schemas.Usage]) error {
	u := r.Value
	var lists [2][]byte
	for i, names := range [2][]string{u.Rules, u.Companies} {
		var err error
		if lists[i], err = json.Marshal(append([]string{}, names...)); err != nil {
			return fmt.Errorf("encoding a usage: %w", err)
		}
	}
	_, err := w.on(ctx, s.put.usage).ExecContext(ctx, r.Key, u.Org, int64(r.Version), u.At.UnixMilli(), u.Parked, //nolint:gosec // at most sink.MaxVersion
		u.Spent.Calls, u.Spent.TokensIn, u.Spent.TokensOut, u.Spent.Micros, string(lists[0]), string(lists[1]))
	return err
}

// Costs sums up what learning cost an organisation.
func (s *Store) Costs(ctx context.Context, q schemas.CostQuery) (schemas.Costs, error) {
	if err := sink.CheckScope(schemas.Scope{Org: q.Org}); err != nil {
		return schemas.Costs{}, err
	}
	var since int64
	if !q.Since.IsZero() {
		since = q.Since.UnixMilli()
	}
	const sums = `sum(u.calls), sum(u.tokens_in), sum(u.tokens_out), sum(u.micros) FROM distill_usage u`
	const within = ` WHERE u.org = ?1 AND u.at >= ?2 `
	costs := sink.NewCosts()
	_, err := collect(ctx, s.read, func(r *sql.Rows) (struct{}, error) {
		var (
			sort, name string
			spent      schemas.Spending
		)
		err := r.Scan(&sort, &name, &spent.Calls, &spent.TokensIn, &spent.TokensOut, &spent.Micros)
		sink.AddCosts(&costs, sort, name, spent)
		return struct{}{}, err
	}, `SELECT 'answer', iif(u.parked, 'parked', ''), `+sums+within+`GROUP BY 2
		UNION ALL SELECT 'rule', j.value, `+sums+`, json_each(u.rules) j`+within+`GROUP BY 2
		UNION ALL SELECT 'company', j.value, `+sums+`, json_each(u.companies) j`+within+`GROUP BY 2`, q.Org, since)
	if err != nil {
		return schemas.Costs{}, fmt.Errorf("reading what learning cost: %w", err)
	}
	return costs, nil
}
