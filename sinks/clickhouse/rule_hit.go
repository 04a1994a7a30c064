package clickhouse

import (
	"context"
	"math"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// RuleHitSink takes what the learning rules did, from schemas.RuleHits; its rows
// are versioned by sink.ByOffset. Its one insert is there whole or not at all.
func (s *Store) RuleHitSink() sink.Sink[schemas.RuleHit] {
	return into(sink.RuleHit, func(ctx context.Context, records []record[schemas.RuleHit]) error {
		return insert(ctx, s, "rule_hits", records, ruleHitColumns(records))
	})
}

func ruleHitColumns(records []record[schemas.RuleHit]) []column {
	key := func(part int) []string {
		return each(records, func(r record[schemas.RuleHit]) string {
			meeting, id, _ := schemas.SplitEntryKey(r.Key)
			org, _, _ := cutMeeting(meeting)
			return [...]string{org, meeting, id}[part]
		})
	}
	hit := func(r record[schemas.RuleHit]) *schemas.RuleHit {
		if r.Value == nil {
			return &schemas.RuleHit{}
		}
		return r.Value
	}
	text := func(of func(*schemas.RuleHit) string) []string {
		return each(records, func(r record[schemas.RuleHit]) string { return of(hit(r)) })
	}
	return []column{
		{"org", key(0)},
		{"meeting_id", key(1)},
		{"id", key(2)},
		{"version", each(records, func(r record[schemas.RuleHit]) uint64 { return r.Version })},
		{"deleted", each(records, record[schemas.RuleHit].deleted)},
		{"at", each(records, func(r record[schemas.RuleHit]) time.Time {
			if at := moment(hit(r).At); at != nil {
				return at.UTC()
			}
			return time.UnixMilli(0).UTC()
		})},
		{"title", text(func(h *schemas.RuleHit) string { return h.Title })},
		{"rules", each(records, func(r record[schemas.RuleHit]) []string { return append([]string{}, hit(r).Rules...) })},
		{"rule_type", text(func(h *schemas.RuleHit) string { return h.RuleType })},
		{"rules_version", each(records, func(r record[schemas.RuleHit]) int64 { return hit(r).RulesVersion })},
		{"effect", text(func(h *schemas.RuleHit) string { return h.Effect })},
		{"judge", text(func(h *schemas.RuleHit) string { return h.Judge })},
		{"place", text(func(h *schemas.RuleHit) string { return h.Place })},
		{"turn", each(records, func(r record[schemas.RuleHit]) int32 { return hit(r).Turn })},
		{"excerpt", text(func(h *schemas.RuleHit) string { return h.Excerpt })},
	}
}

const listRuleHits = `SELECT id, meeting_id, org, title, rules, rule_type, rules_version, effect, judge, place, turn, excerpt, at
	FROM rule_hits FINAL
	WHERE org = {org:String} AND ({rule:String} = '' OR has(rules, {rule:String})) AND ({effect:String} = '' OR effect = {effect:String})
		AND toUnixTimestamp64Milli(at) >= {since:Int64}
		AND (toUnixTimestamp64Milli(at), concat(meeting_id, '/', id)) < ({until:Int64}, {before:String})
	ORDER BY at DESC, concat(meeting_id, '/', id) DESC
	LIMIT {each:UInt32} BY effect, rules
	LIMIT {limit:UInt32}`

// RuleHits lists what the rules did, newest first.
func (s *Store) RuleHits(ctx context.Context, q schemas.RuleHitQuery) ([]schemas.RuleHit, error) {
	q, behind, err := sink.CheckRuleHits(q)
	if err != nil {
		return nil, err
	}
	since := int64(math.MinInt64)
	if !q.Since.IsZero() {
		since = q.Since.UnixMilli()
	}
	if q.Each == 0 {
		q.Each = q.Limit
	}
	all, err := collect(ctx, s, func(r driver.Rows) (schemas.RuleHit, error) {
		var h schemas.RuleHit
		err := r.Scan(&h.ID, &h.MeetingID, &h.Org, &h.Title, &h.Rules, &h.RuleType, &h.RulesVersion, &h.Effect, &h.Judge, &h.Place, &h.Turn,
			&h.Excerpt, &h.At)
		h.At = h.At.UTC()
		return h, err
	}, listRuleHits, named("org", q.Org), named("rule", q.Rule), named("effect", q.Effect), named("since", since),
		named("until", behind.At), named("before", behind.Key), named("each", q.Each), named("limit", q.Limit))
	if err != nil {
		return nil, failed(ctx, "reading what the rules did", err)
	}
	return all, nil
}
