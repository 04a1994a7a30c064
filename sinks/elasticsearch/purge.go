package elasticsearch

import (
	"context"
	"fmt"
	"time"
)

// Purge removes the tombstones of entries, and of their vectors, that went before
// a time, and returns how many. Choose one before anything that may still be
// replayed: without its tombstone, an entry that is written again is there again.
func (s *Store) Purge(ctx context.Context, before time.Time) (int, error) {
	// Through the alias for writing: that for reading shows no tombstones.
	purged, err := s.purge(ctx, s.writeAlias(), before)
	if err != nil {
		return purged, fmt.Errorf("purging tombstones: %w", err)
	}
	spaces, err := s.vectorIndices(ctx, s.vectorAlias()+"-*")
	if err != nil {
		return purged, fmt.Errorf("purging tombstones of vectors: %w", err)
	}
	for index := range spaces {
		n, err := s.purge(ctx, index, before)
		purged += n
		if err != nil {
			return purged, fmt.Errorf("purging tombstones of vectors: %w", err)
		}
	}
	return purged, nil
}

func (s *Store) purge(ctx context.Context, from string, before time.Time) (purged int, err error) {
	old := object{"bool": object{"filter": []object{
		{"term": object{"deleted": true}},
		{"range": object{"deleted_at": object{"lt": before.UTC().Format(time.RFC3339Nano)}}},
	}}}
	err = s.scan(ctx, from, old, func(hits []storedDocument) error {
		ops := make([]operation, len(hits))
		for i, h := range hits {
			var err error
			// Of this version or an older one: an entry that came back meanwhile stays.
			a := action{h.ID, h.Source.Org, h.Version, "external_gte"}
			if ops[i], err = encode(i, "delete", a, nil); err != nil {
				return fmt.Errorf("encoding %.200q: %w", h.ID, err)
			}
		}
		refused, err := s.bulk(ctx, from, ops)
		if err != nil {
			return err
		}
		for _, f := range refused {
			return f
		}
		purged += len(hits)
		return nil
	})
	return purged, err
}
