package elasticsearch

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
)

// Reindexed tells what Reindex did.
type Reindexed struct {
	From, To string // names of the indices; equal where there was nothing to do
	Copied   int    // documents, tombstones included
}

// Reindex moves everything to an index with this build's mapping, while sinks
// write and people read. The index before stays, closed to writes, until
// RemoveOld. After an error, or a kill, it is to be run again.
//
// In which order nothing is lost:
//
//  1. The next index is made, and the alias for writing moves to it. From here
//     on what is new is in the next index only; readers see the one before,
//     which stands still.
//  2. The index before is closed to writes. Elasticsearch answers when writes
//     that were under way are through, so that none comes after the copy.
//  3. Every document is copied with its version, tombstones too. Where a sink
//     was faster with a newer version the copy is refused, which is right; where
//     it was faster with an older one, of a replay, the copy overwrites it.
//  4. The alias for reading moves.
//
// Sinks of the build before wait after step 1: their documents do not fit the
// mapping, or they are the same.
func (s *Store) Reindex(ctx context.Context) (Reindexed, error) {
	st, err := s.stands(ctx)
	if err != nil {
		return Reindexed{}, err
	}
	if st.write == nil || st.read == nil {
		return Reindexed{}, fmt.Errorf("aliases %s and %s: %w", s.readAlias(), s.writeAlias(), ErrMissing)
	}
	before, next := *st.read, *st.write
	if next.hash != s.schema.hash {
		if before != next {
			return Reindexed{}, fmt.Errorf("%s is still to be filled from %s by its own build: %w", next.name, before.name, ErrReindexing)
		}
		if err := s.putTemplate(ctx); err != nil {
			return Reindexed{}, err
		}
		next = s.generation(st.newest() + 1)
		if err := s.create(ctx, next, object{}); err != nil {
			return Reindexed{}, err
		}
		if err := s.moveOnce(ctx, s.writeAlias(), writeAliasOptions(), before, next); err != nil {
			return Reindexed{}, err
		}
	}
	report := Reindexed{From: before.name, To: next.name}
	if before == next {
		return report, nil
	}
	if err := s.ask(ctx, http.MethodPut, "/"+before.name+"/_block/write", nil, nil, nil); err != nil {
		return report, fmt.Errorf("closing %s to writes: %w", before.name, err)
	}
	if err := s.refresh(ctx, before.name); err != nil {
		return report, err
	}
	if report.Copied, err = s.copy(ctx, before, next); err != nil {
		return report, fmt.Errorf("copying %s to %s: %w", before.name, next.name, err)
	}
	if err := s.refresh(ctx, next.name); err != nil {
		return report, err
	}
	return report, s.moveOnce(ctx, s.readAlias(), readAliasOptions(), before, next)
}

// moveOnce is content when another process has made the same move.
func (s *Store) moveOnce(ctx context.Context, alias string, options object, from, to generation) error {
	err := s.move(ctx, alias, options, from, to)
	if err == nil {
		return nil
	}
	st, again := s.stands(ctx)
	if again != nil {
		return err
	}
	at := st.read
	if alias == s.writeAlias() {
		at = st.write
	}
	if at != nil && *at == to {
		return nil
	}
	return err
}

// copy makes the documents anew from what they say, so that a mapping with
// other fields or tongues gets what it wants.
func (s *Store) copy(ctx context.Context, from, to generation) (int, error) {
	copied := 0
	err := s.scan(ctx, from.name, object{"match_all": object{}}, func(hits []storedDocument) error {
		ops := make([]operation, len(hits))
		for i, h := range hits {
			d := h.Source
			if !d.Deleted {
				e := d.entry()
				d = documentOf(&e)
			}
			var err error
			if ops[i], err = put(i, d, h.Version); err != nil {
				return fmt.Errorf("encoding %.200q: %w", h.ID, err)
			}
		}
		refused, err := s.bulk(ctx, to.name, ops)
		if err != nil {
			return err
		}
		for i, f := range refused {
			return fmt.Errorf("document %.200q: %w", hits[i].ID, f)
		}
		copied += len(hits)
		return nil
	})
	return copied, err
}

// storedDocument is a document as a search returns it.
type storedDocument struct {
	ID      string          `json:"_id"`
	Version int64           `json:"_version"`
	Score   float64         `json:"_score"`
	Source  document        `json:"_source"`
	Sort    json.RawMessage `json:"sort"`
	Fields  columns         `json:"fields"`
	// Words are the scores by the names of the queries.
	Words     map[string]float64 `json:"matched_queries"`
	Highlight map[string][]string
}

// columns are what a search told of a document without reading it: each has one
// value, or is missing; Voices has any number.
type columns struct {
	ID        []string `json:"id"`
	MeetingID []string `json:"meeting_id"`
	Language  []string `json:"language"`
	Voices    []string `json:"voices"`
}

type searchAnswer struct {
	PIT  string `json:"pit_id"`
	Hits struct{ Hits []storedDocument }
}

// scan calls do with the documents of one moment, some at a time.
func (s *Store) scan(ctx context.Context, index string, query object, do func([]storedDocument) error) error {
	var pit struct{ ID string }
	if err := s.ask(ctx, http.MethodPost, "/"+index+"/_pit", url.Values{"keep_alive": {"5m"}}, nil, &pit); err != nil {
		return fmt.Errorf("opening a point in time: %w", err)
	}
	// Left open it would keep the files of its moment for five minutes.
	defer func() {
		_ = s.ask(context.WithoutCancel(ctx), http.MethodDelete, "/_pit", nil, object{"id": pit.ID}, nil)
	}()
	reading := s.pages("/_search", whole())
	for !reading.last {
		found, err := reading.next(ctx, object{
			"query": query, "pit": object{"id": pit.ID, "keep_alive": "5m"}, "sort": []string{"_shard_doc"},
		})
		if err != nil {
			return fmt.Errorf("reading a page: %w", err)
		}
		if err := do(found.Hits.Hits); err != nil {
			return err
		}
		pit.ID = found.PIT
	}
	return nil
}

// RemoveOld deletes the indices of before the one that is read, and returns
// their names.
func (s *Store) RemoveOld(ctx context.Context) ([]string, error) {
	st, err := s.stands(ctx)
	if err != nil {
		return nil, err
	}
	var removed []string
	for _, g := range st.all {
		if st.read == nil || st.write == nil || g.number >= min(st.read.number, st.write.number) {
			break
		}
		if err := s.ask(ctx, http.MethodDelete, "/"+g.name, nil, nil, nil); err != nil {
			return removed, fmt.Errorf("deleting %s: %w", g.name, err)
		}
		removed = append(removed, g.name)
	}
	return removed, nil
}

// Drop deletes every index of the store's name, and its template: for stores
// that are made to be measured or tested.
func (s *Store) Drop(ctx context.Context) error {
	st, err := s.stands(ctx)
	if err != nil {
		return err
	}
	for _, g := range st.all {
		if err := s.ask(ctx, http.MethodDelete, "/"+g.name, nil, nil, nil); err != nil {
			return fmt.Errorf("deleting %s: %w", g.name, err)
		}
	}
	if err := s.dropVectors(ctx); err != nil {
		return err
	}
	if err := s.ask(ctx, http.MethodDelete, "/_index_template/"+s.options.Name+","+s.vectorAlias(), nil, nil, nil); err != nil {
		return fmt.Errorf("deleting the index templates: %w", err)
	}
	return nil
}
