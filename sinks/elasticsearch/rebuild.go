package elasticsearch

import (
	"context"
	"fmt"
	"net/http"

	"leadline/sinks/sink"
)

// Count says how many entries are there, tombstones left out. The store has no
// other part.
func (s *Store) Count(ctx context.Context, _ sink.Part) (int, error) {
	err := s.refresh(ctx, s.readAlias())
	if isFault(err, "index_not_found_exception") {
		return 0, nil // lost, or Empty was cut off
	}
	if err != nil {
		return 0, err
	}
	var answer struct{ Count int }
	if err := s.ask(ctx, http.MethodGet, "/"+s.readAlias()+"/_count", nil, nil, &answer); err != nil {
		return 0, fmt.Errorf("counting entries: %w", err)
	}
	return answer.Count, nil
}

// Empty removes every entry with its version, by making the index anew; for
// that moment there is none to search. Vectors stay.
func (s *Store) Empty(ctx context.Context, _ sink.Part) error {
	st, err := s.stands(ctx)
	if err != nil {
		return err
	}
	for _, g := range st.all {
		if err := s.ask(ctx, http.MethodDelete, "/"+g.name, nil, nil, nil); err != nil {
			return fmt.Errorf("deleting %s: %w", g.name, err)
		}
	}
	return s.Prepare(ctx)
}
