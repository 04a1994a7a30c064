package elasticsearch

import (
	"context"
	"fmt"
	"net/http"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// exactTo is up to how many meetings of a recorder the count is exact; beyond, it
// is off by a few in a hundred. More is not to be had.
const exactTo = 40_000

// Sources adds up an organisation's entries by recorder and kind, held back or
// not, and counts the meetings that have any.
func (s *Store) Sources(ctx context.Context, org string) (map[string]schemas.Holding, error) {
	scope := schemas.Scope{Org: org, HeldBack: true}
	if err := sink.CheckScope(scope); err != nil {
		return nil, err
	}
	type bucket struct {
		Key      string `json:"key"`
		Count    int    `json:"doc_count"`
		Meetings struct {
			Value int `json:"value"`
		} `json:"meetings"`
		Kinds struct {
			Buckets []struct {
				Key   string `json:"key"`
				Count int    `json:"doc_count"`
			} `json:"buckets"`
		} `json:"kinds"`
	}
	var answer struct {
		Aggregations struct {
			By struct {
				Buckets []bucket `json:"buckets"`
			} `json:"by"`
		} `json:"aggregations"`
	}
	err := s.ask(ctx, http.MethodPost, "/"+s.readAlias()+"/_search", of(org), object{
		"size": 0, "track_total_hits": false,
		"query": object{"bool": object{"filter": within(scope)}},
		"aggs": object{"by": object{"terms": object{"field": "provider", "size": maxBuckets}, "aggs": object{
			"kinds":    object{"terms": object{"field": "kind", "size": maxBuckets}},
			"meetings": object{"cardinality": object{"field": "meeting_id", "precision_threshold": exactTo}},
		}}},
	}, &answer)
	if err != nil {
		return nil, fmt.Errorf("summing up sources: %w", err)
	}
	all := make(map[string]schemas.Holding)
	for _, b := range answer.Aggregations.By.Buckets {
		source := schemas.Holding{Provider: b.Key, Searchable: b.Meetings.Value, Entries: make(map[string]int)}
		for _, k := range b.Kinds.Buckets {
			source.Entries[k.Key] = k.Count
		}
		all[b.Key] = source
	}
	return all, nil
}
