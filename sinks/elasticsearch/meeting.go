package elasticsearch

import (
	"context"
	"fmt"
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
	reading := s.pages("/"+s.readAlias()+"/_search", of(scope.Org))
	for !reading.last {
		found, err := reading.next(ctx, object{
			"query": object{"bool": object{"filter": append(within(scope), is("meeting_id", id))}},
			"sort":  []object{{"id": "asc"}}, // which is one entry of the meeting
		})
		if err != nil {
			return nil, fmt.Errorf("reading the entries of a meeting: %w", err)
		}
		all = append(all, s.decoded(found)...)
	}
	slices.SortFunc(all, func(a, b schemas.Hit) int { return sink.CompareEntries(a.Entry, b.Entry) })
	return all, nil
}
