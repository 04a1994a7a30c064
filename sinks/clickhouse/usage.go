package clickhouse

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// UsageSink takes what learning cost, from schemas.DistillationUsage; its rows
// are versioned by sink.ByOffset. Its one insert is there whole or not at all.
func (s *Store) UsageSink() sink.Sink[schemas.Usage] {
	return into(sink.Usage, func(ctx context.Context, records []record[schemas.Usage]) error {
		return insert(ctx, s, "distill_usage", records, usageColumns(records))
	})
}

func usageColumns(records []record[schemas.Usage]) []column {
	text := func(of func(*schemas.Usage) string) []string {
		return each(records, func(r record[schemas.Usage]) string { return of(r.Value) })
	}
	number := func(of func(*schemas.Usage) int64) []int64 {
		return each(records, func(r record[schemas.Usage]) int64 { return of(r.Value) })
	}
	texts := func(of func(*schemas.Usage) []string) [][]string {
		return each(records, func(r record[schemas.Usage]) []string { return append([]string{}, of(r.Value)...) })
	}
	return []column{
		{"org", text(func(u *schemas.Usage) string { return u.Org })},
		{"meeting_id", text(func(u *schemas.Usage) string { return u.MeetingID })},
		{"memo", text(func(u *schemas.Usage) string { return u.Memo })},
		{"at", each(records, func(r record[schemas.Usage]) time.Time { return r.Value.At.UTC() })},
		{"distiller", text(func(u *schemas.Usage) string { return u.Distiller })},
		{"calls", each(records, func(r record[schemas.Usage]) int32 { return r.Value.Spent.Calls })},
		{"tokens_in", number(func(u *schemas.Usage) int64 { return u.Spent.TokensIn })},
		{"tokens_out", number(func(u *schemas.Usage) int64 { return u.Spent.TokensOut })},
		{"micros", number(func(u *schemas.Usage) int64 { return u.Spent.Micros })},
		{"parked", each(records, func(r record[schemas.Usage]) bool { return r.Value.Parked })},
		{"rules_version", number(func(u *schemas.Usage) int64 { return u.RulesVersion })},
		{"rules", texts(func(u *schemas.Usage) []string { return u.Rules })},
		{"companies", texts(func(u *schemas.Usage) []string { return u.Companies })},
		{"end_users", texts(func(u *schemas.Usage) []string { return u.EndUsers })},
		{"told", each(records, func(r record[schemas.Usage]) uint64 { return r.Version })},
	}
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
	const sums = `toInt64(sum(calls)), toInt64(sum(tokens_in)), toInt64(sum(tokens_out)), toInt64(sum(micros)) FROM distill_usage_current`
	const within = ` WHERE org = {org:String} AND toUnixTimestamp64Milli(at) >= {since:Int64} GROUP BY name`
	costs := sink.NewCosts()
	_, err := collect(ctx, s, func(r driver.Rows) (struct{}, error) {
		var (
			sort, name           string
			calls, in, out, cost int64
		)
		err := r.Scan(&sort, &name, &calls, &in, &out, &cost)
		sink.AddCosts(&costs, sort, name, schemas.Spending{Calls: int32(calls), TokensIn: in, TokensOut: out, Micros: cost}) //nolint:gosec // two billion calls
		return struct{}{}, err
	}, `SELECT 'answer' AS sort, if(parked, 'parked', '') AS name, `+sums+within+`
		UNION ALL SELECT 'rule' AS sort, rule AS name, `+sums+` ARRAY JOIN rules AS rule`+within+`
		UNION ALL SELECT 'company' AS sort, company AS name, `+sums+` ARRAY JOIN companies AS company`+within,
		named("org", q.Org), named("since", since))
	if err != nil {
		return schemas.Costs{}, failed(ctx, "reading what learning cost", err)
	}
	return costs, nil
}
