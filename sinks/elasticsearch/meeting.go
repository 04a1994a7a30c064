package elasticsearch

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// MeetingEntries returns the entries of a meeting, as people read them; none of
// a meeting that is out of scope.
func (s *Store) MeetingEntries(ctx context.Context, scope schemas.Scope, id string) ([]schemas.Hit, error) {
	if err := sink.CheckScope(scope); err != nil {
		return nil, err
	}
	var all []schemas.Hit
	var after json.RawMessage
	for {
		body := object{
			"size": page, "version": true, "track_total_hits": false,
			"query": object{"bool": object{"filter": append(within(scope), is("meeting_id", id))}},
			"sort":  []object{{"id": "asc"}}, // which is one entry of the meeting
		}
		if after != nil {
			body["search_after"] = after
		}
		var found searchAnswer
		if err := s.ask(ctx, http.MethodPost, "/"+s.readAlias()+"/_search", of(scope.Org), body, &found); err != nil {
			return nil, fmt.Errorf("reading the entries of a meeting: %w", err)
		}
		all = append(all, s.decoded(found)...)
		n := len(found.Hits.Hits)
		if n < page {
			break
		}
		after = found.Hits.Hits[n-1].Sort
	}
	slices.SortFunc(all, func(a, b schemas.Hit) int { return sink.CompareEntries(a.Entry, b.Entry) })
	return all, nil
}
