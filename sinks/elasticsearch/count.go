package elasticsearch

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// maxBuckets is how many meetings are counted with one request; a page of the
// console has at most 500.
const maxBuckets = 1000

// CountByMeeting counts the entries of meetings, by meeting id, that the scope
// may see. Meetings without any are left out.
func (s *Store) CountByMeeting(ctx context.Context, scope schemas.Scope, ids []string) (map[string]int, error) {
	if err := sink.CheckScope(scope); err != nil {
		return nil, err
	}
	counts := make(map[string]int)
	for some := range slices.Chunk(ids, maxBuckets) {
		if err := s.count(ctx, scope, "meeting_id", some, counts); err != nil {
			return nil, fmt.Errorf("counting the entries of meetings: %w", err)
		}
	}
	return counts, nil
}

// CountByKind counts all entries of an organisation, by their kind.
func (s *Store) CountByKind(ctx context.Context, org string) (map[string]int, error) {
	scope := schemas.Scope{Org: org, HeldBack: true}
	if err := sink.CheckScope(scope); err != nil {
		return nil, err
	}
	counts := make(map[string]int)
	if err := s.count(ctx, scope, "kind", nil, counts); err != nil {
		return nil, fmt.Errorf("counting entries: %w", err)
	}
	return counts, nil
}

// CountDistilled counts a company's distillates that the scope may see, by
// their kind. A scope that names a company is taken as it is.
func (s *Store) CountDistilled(ctx context.Context, scope schemas.Scope, company string) (map[string]int, error) {
	if err := sink.CheckScope(scope); err != nil {
		return nil, err
	}
	if scope.Company == "" {
		scope.Company = company
	}
	counts := make(map[string]int)
	if err := s.count(ctx, scope, "distilled", nil, counts); err != nil {
		return nil, fmt.Errorf("counting the distillates of %s: %w", company, err)
	}
	return counts, nil
}

// count adds up by the values of a field, those that are wanted or all. The
// buckets are as many as there can be values, so that no count is an estimate.
func (s *Store) count(ctx context.Context, scope schemas.Scope, field string, wanted []string, into map[string]int) error {
	filters := within(scope)
	if wanted != nil {
		filters = append(filters, isOneOf(field, wanted))
	}
	var answer struct {
		Aggregations struct {
			By struct {
				Buckets []struct {
					Key   string `json:"key"`
					Count int    `json:"doc_count"`
				}
			}
		}
	}
	err := s.ask(ctx, http.MethodPost, "/"+s.readAlias()+"/_search", of(scope.Org), object{
		"size": 0, "track_total_hits": false,
		"query": object{"bool": object{"filter": filters}},
		"aggs":  object{"by": object{"terms": object{"field": field, "size": maxBuckets}}},
	}, &answer)
	if err != nil {
		return err
	}
	for _, b := range answer.Aggregations.By.Buckets {
		into[b.Key] += b.Count
	}
	return nil
}
