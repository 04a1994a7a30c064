package embedded

import (
	"context"
	"database/sql"
	"fmt"
)

// indexing gives a batch's words to the index at the batch's end. Between two
// rows it must not: each statement that may touch the index sets a savepoint
// first, and FTS5 writes what it holds to the file at each savepoint, as a
// segment of its own that is merged with others later. Row by row that takes
// longer than all the rest.
type indexing struct {
	newest int64           // the row's number; those above are of this batch
	stale  map[int64][]any // rows from before the batch that it changed: id, title, text and grams as they are in the index; nil: they are not
	order  []int64         // of stale
}

// indexed begins a batch.
func (s *Store) indexed(ctx context.Context, w *writing) (*indexing, error) {
	i := &indexing{stale: make(map[int64][]any)}
	if err := w.on(ctx, s.put.newestEntry).QueryRowContext(ctx).Scan(&i.newest); err != nil {
		return nil, fmt.Errorf("looking for the newest entry: %w", err)
	}
	if _, err := w.ExecContext(ctx, `INSERT INTO entries_together (writer) VALUES (1)`); err != nil {
		return nil, fmt.Errorf("keeping words for the batch's end: %w", err)
	}
	return i, nil
}

// outdated is called before a row is changed. newer: its version is below.
func (s *Store) outdated(ctx context.Context, w *writing, meeting, entry string, version int64) (id int64, newer bool, err error) {
	var (
		has                int64
		live               bool
		title, text, grams sql.NullString
	)
	err = w.on(ctx, s.put.oldEntry).QueryRowContext(ctx, meeting, entry).Scan(&id, &has, &live, &title, &text, &grams)
	if err != nil || has >= version {
		return id, false, err
	}
	i := w.words
	if _, known := i.stale[id]; id <= i.newest && !known {
		i.order = append(i.order, id)
		i.stale[id] = nil
		if live {
			i.stale[id] = []any{id, title, text, grams}
		}
	}
	return id, true, nil
}

// finish is called once the batch's rows are written.
func (i *indexing) finish(ctx context.Context, w *writing) error {
	if _, err := w.ExecContext(ctx, `DELETE FROM entries_together`); err != nil {
		return fmt.Errorf("indexing words: %w", err)
	}
	for _, id := range i.order {
		if words := i.stale[id]; words != nil {
			if _, err := w.ExecContext(ctx, `INSERT INTO entries_fts (entries_fts, rowid, title, text, grams) VALUES ('delete', ?, ?, ?, ?)`, words...); err != nil {
				return fmt.Errorf("taking words out of the index: %w", err)
			}
		}
		if _, err := w.ExecContext(ctx, `INSERT INTO entries_fts (rowid, title, text, grams)
			SELECT id, title, text, grams FROM entries WHERE id = ? AND live = 1`, id); err != nil {
			return fmt.Errorf("indexing words: %w", err)
		}
	}
	if _, err := w.ExecContext(ctx, `INSERT INTO entries_fts (rowid, title, text, grams)
		SELECT id, title, text, grams FROM entries WHERE id > ? AND live = 1`, i.newest); err != nil {
		return fmt.Errorf("indexing words: %w", err)
	}
	return nil
}
