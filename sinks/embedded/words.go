package embedded

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"leadline/sinks/embedded/inverted"
	"leadline/sinks/embedded/nearest"
	"leadline/sinks/passage"
)

// words is what the entries of each organisation are found by, in memory. It is
// read from the file after a start, a second for some 30,000 entries, and
// follows it by the number that each change gets. Until it is read, searches
// are answered by the file's own index.
type words struct {
	ready     atomic.Bool
	following sync.Mutex // held while reading; guards analysis
	analysis  *analysis
	at        atomic.Int64 // the last change that is in

	mu   sync.RWMutex
	orgs map[string]*inverted.Index
}

func newWords() *words {
	return &words{analysis: newAnalysis(), orgs: make(map[string]*inverted.Index)}
}

func (w *words) of(org string) *inverted.Index {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.orgs[org]
}

func (w *words) make(org string) *inverted.Index {
	if x := w.of(org); x != nil {
		return x
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	x := inverted.New()
	w.orgs[org] = x
	return x
}

// followed is how many changes are taken in at once.
const followed = 500

// follow takes in every change that the reader sees.
func (w *words) follow(ctx context.Context, from querier) error {
	for {
		var last sql.NullInt64
		if err := from.QueryRowContext(ctx, `SELECT max(changed) FROM entries`).Scan(&last); err != nil {
			return fmt.Errorf("looking for changed entries: %w", err)
		}
		if last.Int64 <= w.at.Load() {
			return nil
		}
		if err := w.some(ctx, from); err != nil {
			return fmt.Errorf("reading changed entries: %w", err)
		}
	}
}

func (w *words) some(ctx context.Context, from querier) error {
	w.following.Lock()
	defer w.following.Unlock()
	type change struct {
		at, id              int64
		live                bool
		org, kind, language string
		title, text         string
		speakers            string
	}
	all, err := collect(ctx, from, func(r *sql.Rows) (c change, err error) {
		return c, r.Scan(&c.at, &c.id, &c.live, &c.org, &c.kind, &c.language, &c.title, &c.text, &c.speakers)
	}, `SELECT changed, id, live, org, kind, ifnull(language, ''), ifnull(title, ''), ifnull(text, ''), ifnull(speakers, '[]')
		FROM entries WHERE changed > ? ORDER BY changed LIMIT ?`, w.at.Load(), followed)
	if err != nil || len(all) == 0 {
		return err
	}
	put, gone := make(map[string][]inverted.Document), make(map[string][]int64)
	for _, c := range all {
		if !c.live {
			gone[c.org] = append(gone[c.org], c.id)
			continue
		}
		var speakers []string
		if err := json.Unmarshal([]byte(c.speakers), &speakers); err != nil {
			return fmt.Errorf("decoding who speaks: %w", err)
		}
		put[c.org] = append(put[c.org], w.analysis.document(c.id, c.kind, c.language, c.title, c.text, speakers))
	}
	for org, documents := range put {
		w.make(org).Put(documents)
	}
	for org, ids := range gone {
		w.make(org).Remove(ids)
	}
	w.at.Store(all[len(all)-1].at)
	return nil
}

// Warm reads into memory what searches are answered from, and returns when it
// is there. Open begins with it by itself.
func (s *Store) Warm(ctx context.Context) error {
	if err := s.words.follow(ctx, s.read); err != nil {
		return err
	}
	s.words.ready.Store(true)
	return nil
}

// keep warms, and then takes changes in soon after they are written, so that
// the next search has less to do. What fails here is tried again, and told of,
// by that search.
func (s *Store) keep(ctx context.Context) {
	for {
		_ = s.Warm(ctx)
		select {
		case <-ctx.Done():
			return
		case <-s.wrote:
		}
	}
}

// narrow is how many entries a scope may have for all of them to be listed
// before they are ranked. Beyond that the best are ranked first, and those that
// are out of the scope left out then.
const narrow = 20_000

// best are the best chunks within the filter, by the index in memory. The
// filter decides: the index knows of no customer.
func (s *Store) best(ctx context.Context, tx *sql.Tx, n narrowing, terms []inverted.Term, limit int) ([]passage.Chunk, error) {
	x := s.words.of(n.org)
	if x == nil {
		return nil, nil
	}
	end := passage.Part(ctx, "scope")
	ids, err := n.list(ctx, tx, narrow)
	end()
	if err != nil {
		return nil, err
	}
	var is func(id int64) bool
	if ids != nil {
		is = func(id int64) bool { _, in := ids[id]; return in }
	}
	for size := limit; ; size *= 4 {
		end = passage.Part(ctx, "words")
		found, more := x.Best(terms, n.groups, is, size)
		end()
		end = passage.Part(ctx, "names")
		kept, err := n.keep(ctx, tx, found, limit)
		end()
		if err != nil {
			return nil, err
		}
		if len(kept) >= limit || !more {
			return parted(x, terms, kept), nil
		}
	}
}

// parted adds what each of the terms gives to the scores, and whose voices the
// chunks are.
func parted(x *inverted.Index, terms []inverted.Term, found []identified) []passage.Chunk {
	ids, chunks := make([]int64, len(found)), make([]passage.Chunk, len(found))
	for i, f := range found {
		ids[i], chunks[i] = f.id, f.Chunk
	}
	for i, parts := range x.Parts(terms, ids) {
		chunks[i].Parts = parts
	}
	for i, voices := range x.Labels(ids) {
		if voices != "" {
			chunks[i].Voices = strings.Split(voices, "\n")
		}
	}
	return chunks
}

// identified is a chunk with its row.
type identified struct {
	id int64
	passage.Chunk
}

// narrowing is a filter and what is known of it beforehand.
type narrowing struct {
	filter
	org    string
	groups uint8
	from   string // of entries that the filter leaves few of; empty where it does not
	first  []any  // its arguments
}

// list returns the ids and names within a filter that leaves few; nil where it leaves
// more than most, or is no such filter.
func (n narrowing) list(ctx context.Context, tx *sql.Tx, most int) (map[int64]nearest.Name, error) {
	if n.from == "" {
		return nil, nil
	}
	args := append(append(append([]any{}, n.first...), n.args...), most+1)
	type named struct {
		id int64
		nearest.Name
	}
	found, err := collect(ctx, tx, func(r *sql.Rows) (e named, err error) { return e, r.Scan(&e.id, &e.Meeting, &e.Entry) },
		`SELECT e.id, e.meeting, e.entry FROM `+n.from+` AND `+n.where+` LIMIT ?`, args...)
	if err != nil || len(found) > most {
		return nil, err
	}
	ids := make(map[int64]nearest.Name, len(found))
	for _, e := range found {
		ids[e.id] = e.Name
	}
	return ids, nil
}

// keep leaves out what the filter does, and gives the others their names, in
// their order.
func (n narrowing) keep(ctx context.Context, tx *sql.Tx, found []inverted.Scored, limit int) ([]identified, error) {
	type named struct {
		id             int64
		meeting, entry string
	}
	var kept []identified
	for len(found) > 0 && len(kept) < limit {
		some := found[:min(len(found), limit)]
		found = found[len(some):]
		ids, scores := make([]int64, len(some)), make(map[int64]float64, len(some))
		for i, f := range some {
			ids[i], scores[f.ID] = f.ID, f.Score
		}
		list, err := json.Marshal(ids)
		if err != nil {
			return nil, err
		}
		within, err := collect(ctx, tx, func(r *sql.Rows) (e named, err error) { return e, r.Scan(&e.id, &e.meeting, &e.entry) },
			`SELECT e.id, e.meeting, e.entry FROM json_each(?) j CROSS JOIN entries e ON e.id = j.value
				WHERE `+n.where+` ORDER BY j.key`, append([]any{string(list)}, n.args...)...)
		if err != nil {
			return nil, err
		}
		for _, e := range within[:min(len(within), limit-len(kept))] {
			kept = append(kept, identified{e.id, passage.Chunk{Meeting: e.meeting, Entry: e.entry, Score: scores[e.id]}})
		}
	}
	return kept, nil
}
