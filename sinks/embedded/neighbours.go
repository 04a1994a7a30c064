package embedded

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"sync"

	"leadline/schemas"
	"leadline/sinks/embedded/nearest"
	"leadline/sinks/embedding"
	"leadline/sinks/passage"
)

// Embed makes searches use vectors, where a space of them is served. It is to be
// called before the first search.
func (s *Store) Embed(q embedding.Asker) { s.questions = q }

// vectors is the served space in memory. It follows the file as words does.
type vectors struct {
	mu         sync.Mutex
	space      embedding.Space
	generation string
	at         int64
	orgs       map[string]*nearest.Index
}

// follow takes in every change that the reader sees, and returns the
// organisation's index; nil where no space is served, or it has none.
func (v *vectors) follow(ctx context.Context, from querier, org string) (*nearest.Index, embedding.Space, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	space, generation, is, err := served(ctx, from)
	if err != nil || !is {
		return nil, space, err
	}
	if v.space != space || v.generation != generation {
		v.space, v.generation, v.at, v.orgs = space, generation, 0, make(map[string]*nearest.Index)
	}
	type change struct {
		at             int64
		org, kind      string
		meeting, entry string
		raw            []byte
	}
	for {
		all, err := collect(ctx, from, func(r *sql.Rows) (c change, err error) {
			return c, r.Scan(&c.at, &c.org, &c.meeting, &c.entry, &c.kind, &c.raw)
		}, `SELECT changed, org, meeting, entry, kind, vector FROM vectors WHERE space = ? AND changed > ? ORDER BY changed LIMIT ?`,
			space.ID(), v.at, followed)
		if err != nil {
			return nil, space, fmt.Errorf("reading vectors: %w", err)
		}
		if len(all) == 0 {
			return v.orgs[org], space, nil
		}
		for _, c := range all {
			x := v.orgs[c.org]
			if x == nil {
				x = nearest.New(space.Dimension)
				v.orgs[c.org] = x
			}
			name := nearest.Name{Meeting: c.meeting, Entry: c.entry}
			if c.raw == nil {
				x.Remove(name)
			} else if err := x.Put(name, groupOf(c.kind), c.raw); err != nil {
				return nil, space, fmt.Errorf("reading the vector of %.200q: %w", c.entry, err)
			}
			v.at = c.at
		}
	}
}

// neighbourhood is where what is near to a question is looked for.
type neighbourhood struct {
	index *nearest.Index // nil: there are no vectors
	to    []float32
}

// neighbourhood asks for the question's vector, once for all that is looked for.
func (s *Store) neighbourhood(ctx context.Context, tx *sql.Tx, q schemas.SearchQuery) (n neighbourhood, err error) {
	if s.questions == nil {
		return n, nil
	}
	x, space, err := s.vectors.follow(ctx, tx, q.Scope.Org)
	if err != nil || x == nil {
		return n, err
	}
	defer passage.Part(ctx, "question's vector")()
	if n.to = s.questions.Vector(ctx, space, q.Text); n.to != nil {
		n.index = x
	}
	return n, nil
}

// near are the chunks within what is asked for whose vectors are nearest to the
// question's, with their cosines.
func (h neighbourhood) near(ctx context.Context, tx *sql.Tx, q schemas.SearchQuery, limit int) ([]passage.Chunk, error) {
	if h.index == nil {
		return nil, nil
	}
	defer passage.Part(ctx, "vectors")()
	n := narrowed(q)
	ids, err := n.list(ctx, tx, narrow)
	if err != nil {
		return nil, err
	}
	var names []nearest.Name
	if ids != nil {
		names = make([]nearest.Name, 0, len(ids))
		for _, name := range ids {
			names = append(names, name)
		}
	}
	for size := limit; ; size *= 4 {
		found, more := h.index.Best(h.to, n.groups, names, size)
		kept, err := n.within(ctx, tx, found, limit)
		if err != nil || len(kept) >= limit || !more {
			return kept, err
		}
	}
}

// within leaves out what the filter does, and keeps the order.
func (n narrowing) within(ctx context.Context, tx *sql.Tx, found []nearest.Near, limit int) ([]passage.Chunk, error) {
	var kept []passage.Chunk
	for len(found) > 0 && len(kept) < limit {
		some := found[:min(len(found), limit)]
		found = found[len(some):]
		list, err := json.Marshal(some)
		if err != nil {
			return nil, err
		}
		within, err := collect(ctx, tx, func(r *sql.Rows) (at int, err error) { return at, r.Scan(&at) },
			`SELECT j.key FROM json_each(?) j CROSS JOIN entries e ON e.meeting = j.value ->> 'Meeting' AND e.entry = j.value ->> 'Entry'
				WHERE `+n.where+` ORDER BY j.key`, append([]any{string(list)}, n.args...)...)
		if err != nil {
			return nil, err
		}
		for _, at := range within[:min(len(within), limit-len(kept))] {
			kept = append(kept, passage.Chunk{Meeting: some[at].Meeting, Entry: some[at].Entry, Score: some[at].Cosine})
		}
	}
	return kept, nil
}
