package embedded

import (
	"context"
	"encoding/json"
	"fmt"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// RuleHitSink takes what the learning rules did, from schemas.RuleHits; its rows
// are versioned by sink.ByOffset.
func (s *Store) RuleHitSink() sink.Sink[schemas.RuleHit] { return into(s, sink.RuleHit, s.putRuleHit) }

func (s *Store) putRuleHit(ctx context.Context, w *writing, r sink.Row[schemas.RuleHit]) error {
	meeting, _, _ := schemas.SplitEntryKey(r.Key)
	org, _, _, err := schemas.SplitMeetingID(meeting)
	if err != nil {
		return err
	}
	raw, err := body(r.Value)
	if err != nil {
		return err
	}
	h := r.Value
	if h == nil {
		h = &schemas.RuleHit{}
	}
	rules, err := json.Marshal(append([]string{}, h.Rules...))
	if err != nil {
		return fmt.Errorf("encoding a hit: %w", err)
	}
	_, err = w.on(ctx, s.put.ruleHit).ExecContext(ctx, r.Key, org, int64(r.Version), r.Value != nil, h.At.UnixMilli(), //nolint:gosec // at most sink.MaxVersion
		h.Effect, string(rules), raw)
	return err
}

// RuleHits lists what the rules did, newest first.
func (s *Store) RuleHits(ctx context.Context, q schemas.RuleHitQuery) ([]schemas.RuleHit, error) {
	q, behind, err := sink.CheckRuleHits(q)
	if err != nil {
		return nil, err
	}
	f := filter{where: "live = 1 AND org = ?", args: []any{q.Org}}
	if q.Rule != "" {
		f.and("EXISTS (SELECT 1 FROM json_each(rules) j WHERE j.value = ?)", q.Rule)
	}
	if q.Effect != "" {
		f.and("effect = ?", q.Effect)
	}
	if !q.Since.IsZero() {
		f.and("at >= ?", q.Since.UnixMilli())
	}
	f.and("(at, id) < (?, ?)", behind.At, behind.Key)
	query := `SELECT body FROM rule_hits WHERE ` + f.where
	if q.Each > 0 {
		query = `SELECT body FROM (SELECT body, at, id, row_number() OVER (PARTITION BY effect, rules ORDER BY at DESC, id DESC) AS n
			FROM rule_hits WHERE ` + f.where + `) WHERE n <= ?`
		f.args = append(f.args, q.Each)
	}
	all, err := collect(ctx, s.read, scanBody[schemas.RuleHit], query+` ORDER BY at DESC, id DESC LIMIT ?`, append(f.args, q.Limit)...)
	if err != nil {
		return nil, fmt.Errorf("reading what the rules did: %w", err)
	}
	return all, nil
}
