package embedded

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"leadline/schemas"
	"leadline/sinks/sink"
)

// How results are ranked: by BM25, over the terms that are left of the query.
const (
	// A title is repeated in every entry of its meeting: a word in it says
	// which meeting, but not which passage.
	weightTitle = 0.4
	weightText  = 1.0
	// Neighbouring pairs repeat each other: three characters are two pairs and
	// three single ones.
	weightGrams = 0.5

	// affordable is how many entries a query may touch before it drops its most
	// common words; 20,000 take some 70 ms.
	affordable = 20_000

	// maxMarkedBytes is the longest text that gets marks. highlight() copies
	// the text once for each mark; an entry is some 2 KB.
	maxMarkedBytes = 16 << 10
)

// Search returns the passages that hold any of the query's words, best first,
// of equally good ones by entry id. A query without any word finds nothing.
func (s *Store) Search(ctx context.Context, q schemas.SearchQuery) ([]schemas.Hit, error) {
	q, err := sink.CheckSearch(q)
	if err != nil {
		return nil, err
	}
	terms := termsOf(q.Text)
	if len(terms) == 0 {
		return nil, nil
	}
	var hits []schemas.Hit
	err = s.snapshot(ctx, func(tx *sql.Tx) error {
		if terms, err = rarest(ctx, tx, terms, affordable); err != nil {
			return err
		}
		found, err := rank(ctx, tx, q, anyOf(terms))
		if err != nil {
			return err
		}
		hits, err = s.hits(ctx, tx, found, terms)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("searching: %w", err)
	}
	return hits, nil
}

// rarest drops the most common terms of a query that would touch more entries
// than the budget. They would hardly change the order: what is everywhere
// distinguishes nothing. One term that is anywhere stays; of those that are
// above the budget by themselves, the first.
func rarest(ctx context.Context, tx *sql.Tx, terms []term, budget int) ([]term, error) {
	var most int
	if err := tx.QueryRowContext(ctx, `SELECT ifnull(max(id), 0) FROM entries`).Scan(&most); err != nil {
		return nil, err
	}
	if most <= budget || len(terms) == 1 {
		return terms, nil
	}
	type counted struct {
		term
		entries int
	}
	all := make([]counted, len(terms))
	for i, t := range terms {
		all[i].term = t
		err := tx.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM entries_fts WHERE entries_fts MATCH ? LIMIT ?)`,
			t.expression(), budget+1).Scan(&all[i].entries)
		if err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(all, func(a, b counted) int { return cmp.Compare(a.entries, b.entries) })
	var kept []term
	sum, matching := 0, false
	for _, c := range all {
		sum += c.entries
		if matching && sum > budget {
			break
		}
		kept, matching = append(kept, c.term), matching || c.entries > 0
	}
	return kept, nil
}

type ranked struct {
	id    int64
	score float64
}

// rank applies scope and kinds inside the query: an entry outside of them is
// never a candidate.
func rank(ctx context.Context, tx *sql.Tx, q schemas.SearchQuery, match string) ([]ranked, error) {
	f := entryRows.within(q.Scope)
	if len(q.Kinds) > 0 {
		kinds := make([]any, len(q.Kinds))
		for i, k := range q.Kinds {
			kinds[i] = k
		}
		f.and("e.kind IN (?"+strings.Repeat(", ?", len(kinds)-1)+")", kinds...)
	}
	args := append([]any{weightTitle, weightText, weightGrams, match}, f.args...)
	// CROSS JOIN keeps SQLite from starting at the organisation's entries and
	// asking the index for each of them.
	return collect(ctx, tx, func(r *sql.Rows) (ranked, error) {
		var found ranked
		err := r.Scan(&found.id, &found.score)
		return found, err
	}, `SELECT e.id, bm25(entries_fts, ?, ?, ?) AS score FROM entries_fts CROSS JOIN entries e ON e.id = entries_fts.rowid
		WHERE entries_fts MATCH ? AND `+f.where+` ORDER BY score, e.entry, e.meeting LIMIT ?`, append(args, q.Limit)...)
}

// hits reads what rank found. This is a query of its own for each: in that of
// rank SQLite would highlight every candidate before it sorts them.
func (s *Store) hits(ctx context.Context, tx *sql.Tx, found []ranked, terms []term) ([]schemas.Hit, error) {
	read, err := tx.PrepareContext(ctx, `SELECT `+entryColumns+`,
			CASE WHEN octet_length(e.text) <= ? THEN highlight(entries_fts, 1, ?, ?) END
		FROM entries_fts CROSS JOIN entries e ON e.id = entries_fts.rowid
		WHERE entries_fts MATCH ? AND entries_fts.rowid = ?`)
	if err != nil {
		return nil, err
	}
	defer read.Close() //nolint:errcheck // the transaction ends with it
	match := anyOf(terms)
	hits := make([]schemas.Hit, len(found))
	for i, f := range found {
		var marked sql.NullString
		h, err := scanEntry(read.QueryRowContext(ctx, maxMarkedBytes, s.opening, s.closing, match, f.id), &marked)
		if err != nil {
			return nil, err
		}
		h.Score = -f.score // bm25() is the smaller the better
		if marked.Valid {
			ranges := s.unmark(marked.String, indexable(h.Entry.Text))
			h.Marks = apart(append(ranges, gramMarks(h.Entry.Text, terms)...))
		}
		hits[i] = h
	}
	return hits, nil
}
