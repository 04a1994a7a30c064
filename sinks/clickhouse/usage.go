package clickhouse

import (
	"context"
	"time"

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
