package embedded

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"leadline/schemas"
	"leadline/sinks/embedded/inverted"
	"leadline/sinks/passage"
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
	// weightAsking is what a word counts that only asks, weightPart one of those
	// that signs join.
	weightAsking = 0.5
	weightPart   = 0.5

	// weightMeeting is what a passage gets of the score of its meeting's summary.
	weightMeeting = 1.0
	// pool is how many chunks passages are made of, summaries how many meetings
	// may lift theirs.
	pool      = 400
	summaries = 200

	// affordable is how many entries a query may touch before it drops its most
	// common words; 20,000 take some 70 ms.
	affordable = 20_000

	// maxMarkedBytes is the longest text that gets marks; an entry is some 2 KB.
	maxMarkedBytes = 64 << 10
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
		tongues, err := spoken(ctx, tx, q.Scope.Org)
		if err != nil {
			return err
		}
		terms = stemmed(terms, tongues)
		a := newAnalysis()
		wanted := a.wanted(terms)
		found, meetings, err := s.rank(ctx, tx, q, terms, wanted)
		if err != nil {
			return err
		}
		end := passage.Part(ctx, "passages")
		page, err := passage.Page(passage.Rank(found, meetings), q.After, q.Limit)
		end()
		if err != nil {
			return err
		}
		defer passage.Part(ctx, "reading and marks")()
		hits, err = s.hits(ctx, tx, matching(q), page, func(e schemas.Entry) [][2]int { return a.marks(e.Language, e.Text, wanted) })
		return err
	})
	if invalid := (*schemas.InvalidQuery)(nil); errors.As(err, &invalid) {
		return nil, invalid
	}
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

// rank finds the best chunks of what is asked for, and the scores of the best
// summaries in the scope, by meeting.
func (s *Store) rank(ctx context.Context, tx *sql.Tx, q schemas.SearchQuery, terms []term, wanted []inverted.Term) ([]passage.Chunk, map[string]float64, error) {
	var best func(q schemas.SearchQuery, limit int) ([]passage.Chunk, error)
	if s.words.ready.Load() {
		if err := s.words.follow(ctx, tx); err != nil {
			return nil, nil, err
		}
		best = func(q schemas.SearchQuery, limit int) ([]passage.Chunk, error) {
			return s.best(ctx, tx, narrowed(q), wanted, limit)
		}
	} else {
		terms, err := rarest(ctx, tx, terms, affordable)
		if err != nil {
			return nil, nil, err
		}
		best = func(q schemas.SearchQuery, limit int) ([]passage.Chunk, error) {
			return bestInFile(ctx, tx, matching(q), anyOf(terms), limit)
		}
	}
	found, err := best(q, pool)
	if err != nil {
		return nil, nil, err
	}
	beside, err := s.neighbourhood(ctx, tx, q)
	if err != nil {
		return nil, nil, err
	}
	near, err := beside.near(ctx, tx, q, pool)
	if err != nil {
		return nil, nil, err
	}
	sums, err := best(schemas.SearchQuery{Scope: q.Scope, Kinds: []string{schemas.EntrySummary}}, summaries)
	if err != nil {
		return nil, nil, err
	}
	meetings := make(map[string]float64, len(sums))
	for _, c := range sums {
		meetings[c.Meeting] = weightMeeting * c.Score
	}
	found, meetings = passage.Fuse(passage.Heard(q.Text, found), near, meetings)
	return found, meetings, nil
}

// bestInFile finds the best entries by the file's own index.
func bestInFile(ctx context.Context, tx *sql.Tx, f filter, match string, limit int) ([]passage.Chunk, error) {
	args := append([]any{weightTitle, weightText, weightGrams, match}, f.args...)
	// CROSS JOIN keeps SQLite from starting at the organisation's entries and
	// asking the index for each of them. bm25() is the smaller the better.
	return collect(ctx, tx, func(r *sql.Rows) (passage.Chunk, error) {
		var c passage.Chunk
		err := r.Scan(&c.Meeting, &c.Entry, &c.Score)
		c.Score = -c.Score
		return c, err
	}, `SELECT e.meeting, e.entry, bm25(entries_fts, ?, ?, ?) AS score FROM entries_fts CROSS JOIN entries e ON e.id = entries_fts.rowid
		WHERE entries_fts MATCH ? AND `+f.where+` ORDER BY score, e.entry, e.meeting LIMIT ?`, append(args, limit)...)
}

// hits reads the passages.
func (s *Store) hits(ctx context.Context, tx *sql.Tx, f filter, passages []passage.Passage, mark func(schemas.Entry) [][2]int) ([]schemas.Hit, error) {
	read, err := tx.PrepareContext(ctx, `SELECT `+entryColumns+` FROM entries e WHERE e.meeting = ? AND e.entry = ? AND `+f.where) //nolint:gosec // the parts are constants of this package, the values are arguments
	if err != nil {
		return nil, err
	}
	defer read.Close() //nolint:errcheck // the transaction ends with it
	hits := make([]schemas.Hit, 0, len(passages))
	for _, p := range passages {
		var parts []schemas.Hit
		for _, entry := range p.Entries {
			h, err := scanEntry(read.QueryRowContext(ctx, append([]any{p.Meeting, entry}, f.args...)...))
			if errors.Is(err, sql.ErrNoRows) {
				continue // the transcript ends before it
			}
			if err != nil {
				return nil, err
			}
			h.Marks = mark(h.Entry)
			parts = append(parts, h)
		}
		hits = append(hits, p.Hit(parts))
	}
	return hits, nil
}
