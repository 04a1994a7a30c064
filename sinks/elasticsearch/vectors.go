package elasticsearch

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"leadline/schemas"
	"leadline/sinks/embedding"
	"leadline/sinks/passage"
	"leadline/sinks/sink"
)

// Vectors are in indices of their own, one of each space, and an alias points
// at the one that searches use: an index of words does not change with a model.
// A document is an entry's vector with what it is narrowed by, and no words.

func (s *Store) vectorAlias() string { return s.options.Name + "-vectors" }

func (s *Store) vectorIndex(space embedding.Space) string { return s.vectorAlias() + "-" + space.ID() }

// vectorMeta is what an index of vectors says of itself.
type vectorMeta struct {
	Generation string `json:"generation"`
	Model      string `json:"model"`
	QueryModel string `json:"query_model"`
	Dimension  int    `json:"dimension"`
}

func (m vectorMeta) space() embedding.Space {
	return embedding.Space{Model: m.Model, QueryModel: m.QueryModel, Dimension: m.Dimension}
}

// vectorDocument is a document with its vector; a tombstone has none.
type vectorDocument struct {
	document
	Digest string    `json:"digest,omitempty"`
	Vector []float32 `json:"vector,omitempty"`
}

// BeginVectors is of embedding.Store.
func (s *Store) BeginVectors(ctx context.Context, space embedding.Space) (string, error) {
	meta := vectorMeta{strings.ToLower(rand.Text()[:8]), space.Model, space.QueryModel, space.Dimension}
	index := s.vectorIndex(space)
	err := s.ask(ctx, http.MethodPut, "/"+index, nil, object{
		"settings": object{"number_of_shards": s.options.Shards, "number_of_replicas": s.options.Replicas, "refresh_interval": "1s"},
		"mappings": vectorMappings(meta),
	}, nil)
	if err != nil && !isFault(err, "resource_already_exists_exception") {
		return "", fmt.Errorf("creating index %s: %w", index, err)
	}
	all, err := s.vectorIndices(ctx, index)
	if err != nil {
		return "", err
	}
	return all[index].Generation, nil
}

func vectorMappings(meta vectorMeta) object {
	keyword := object{"type": "keyword"}
	fields := object{
		"vector":     object{"type": "dense_vector", "dims": meta.Dimension, "index": true, "similarity": "cosine"},
		"digest":     keyword,
		"meeting_at": object{"type": "date"}, "deleted": object{"type": "boolean"}, "deleted_at": object{"type": "date"},
	}
	for _, name := range []string{"id", "meeting_id", "org", "provider", "kind", "speakers", "language", "state", "companies", "end_users"} {
		fields[name] = keyword
	}
	return object{"dynamic": "strict", "_routing": object{"required": true}, "_meta": meta, "properties": fields}
}

// vectorIndices reads what the indices of a name or an alias say of themselves.
func (s *Store) vectorIndices(ctx context.Context, name string) (map[string]vectorMeta, error) {
	var answer map[string]struct {
		Mappings struct {
			Meta vectorMeta `json:"_meta"`
		}
	}
	if err := s.ask(ctx, http.MethodGet, "/"+name+"/_mapping", nil, nil, &answer); err != nil {
		return nil, fmt.Errorf("reading the mapping of %s: %w", name, err)
	}
	all := make(map[string]vectorMeta, len(answer))
	for index, a := range answer {
		all[index] = a.Mappings.Meta
	}
	return all, nil
}

// KnownVectors is of embedding.Store.
func (s *Store) KnownVectors(ctx context.Context, space embedding.Space, digests []string) (map[string][]float32, error) {
	if len(digests) == 0 {
		return nil, nil
	}
	var found struct {
		Hits struct {
			Hits []struct {
				Source vectorDocument `json:"_source"`
			}
		}
	}
	err := s.ask(ctx, http.MethodPost, "/"+s.vectorIndex(space)+"/_search", whole(), object{
		"size": len(digests), "track_total_hits": false, "_source": []string{"digest", "vector"},
		"query": object{"bool": object{"filter": isOneOf("digest", digests)}}, "collapse": object{"field": "digest"},
	}, &found)
	if err != nil {
		return nil, err
	}
	known := make(map[string][]float32, len(found.Hits.Hits))
	for _, h := range found.Hits.Hits {
		known[h.Source.Digest] = h.Source.Vector
	}
	return known, nil
}

// PutVectors is of embedding.Store.
func (s *Store) PutVectors(ctx context.Context, space embedding.Space, all []embedding.Vector) error {
	ops := make([]operation, 0, len(all))
	bad := make(map[int]error)
	now := time.Now()
	for i, v := range all {
		d := vectorDocument{document: tombstone(v.Key, now)}
		if e := v.Entry; e != nil {
			d = vectorDocument{document: document{
				ID: e.ID, MeetingID: e.MeetingID, Org: e.Org, Provider: e.Provider, Kind: e.Kind, Speakers: e.Speakers,
				MeetingAt: e.MeetingAt, Language: e.Language, State: e.State, Companies: e.Companies, EndUsers: e.EndUsers,
			}, Digest: v.Digest, Vector: v.Values}
		}
		a := action{documentID(d.key()), d.Org, int64(v.Version), "external"} //nolint:gosec // at most sink.MaxVersion
		op, err := encode(i, "index", a, d)
		if err != nil { // a year that JSON cannot say
			bad[i] = fmt.Errorf("encoding the vector of %.200q: %w", v.Key, err)
			continue
		}
		ops = append(ops, op)
	}
	refused, err := s.bulk(ctx, s.vectorIndex(space), ops)
	if err != nil {
		return err
	}
	for i, f := range refused {
		bad[i] = f
	}
	if len(bad) > 0 {
		return &sink.Unstorable{Rows: bad}
	}
	return nil
}

// ServeVectors is of embedding.Store.
func (s *Store) ServeVectors(ctx context.Context, space embedding.Space) error {
	index := s.vectorIndex(space)
	if err := s.refresh(ctx, index); err != nil {
		return err
	}
	all, err := s.vectorIndices(ctx, s.vectorAlias()+"-*")
	if err != nil {
		return err
	}
	// Both at once: there is no moment at which searches have no vectors.
	actions := []object{{"add": object{"index": index, "alias": s.vectorAlias(), "filter": object{"term": object{"deleted": false}}}}}
	for old := range all {
		if old != index {
			actions = append(actions, object{"remove_index": object{"index": old}})
		}
	}
	if err := s.ask(ctx, http.MethodPost, "/_aliases", nil, object{"actions": actions}, nil); err != nil {
		return fmt.Errorf("moving alias %s to %s: %w", s.vectorAlias(), index, err)
	}
	return nil
}

// dropVectors deletes all of them.
func (s *Store) dropVectors(ctx context.Context) error {
	all, err := s.vectorIndices(ctx, s.vectorAlias()+"-*")
	if err != nil {
		return err
	}
	for index := range all {
		if err := s.ask(ctx, http.MethodDelete, "/"+index, nil, nil, nil); err != nil {
			return fmt.Errorf("deleting %s: %w", index, err)
		}
	}
	return nil
}

// Embed makes searches use vectors, where a space of them is served. It is to be
// called before the first search.
func (s *Store) Embed(q embedding.Asker) { s.questions = q }

// servedFor is how long it is believed which space is served. The index of the
// one before is gone when another is, and then it is asked again at once.
const servedFor = 10 * time.Second

// served is the space that searches use; false where there is none.
func (s *Store) served(ctx context.Context, again bool) (space embedding.Space, is bool, err error) {
	s.serving.Lock()
	defer s.serving.Unlock()
	if !again && time.Since(s.serving.at) < servedFor {
		return s.serving.space, s.serving.is, nil
	}
	all, err := s.vectorIndices(ctx, s.vectorAlias())
	if missing := (*fault)(nil); errors.As(err, &missing) && missing.Status == http.StatusNotFound {
		all, err = nil, nil
	}
	if err != nil {
		return space, false, err
	}
	s.serving.at, s.serving.is = time.Now(), len(all) == 1
	for _, meta := range all {
		s.serving.space = meta.space()
	}
	return s.serving.space, s.serving.is, nil
}

// nearby is what a search found by vectors.
type nearby struct{ cosines map[string]float64 } // by document

// still finds those of them that are among the entries still.
func (n *nearby) still() object {
	ids := slices.AppendSeq([]string{}, maps.Keys(n.cosines)) // never null
	return object{"constant_score": object{"filter": object{"ids": object{"values": ids}}}}
}

// near is what is nearest to the question; nil where there are no vectors.
func (s *Store) near(ctx context.Context, p part) (*nearby, error) {
	if s.questions == nil {
		return nil, nil
	}
	for again := range 2 {
		space, is, err := s.served(ctx, again > 0)
		if err != nil || !is {
			return nil, err
		}
		end := passage.Part(ctx, "question's vector")
		to := s.questions.Vector(ctx, space, p.query.Text)
		end()
		if to == nil {
			return nil, nil
		}
		end = passage.Part(ctx, "vectors")
		found, err := s.nearest(ctx, p, space, to)
		end()
		if f := (*fault)(nil); errors.As(err, &f) && f.Status == http.StatusNotFound {
			continue // another space is served by now
		}
		return found, err
	}
	return nil, nil
}

func (s *Store) nearest(ctx context.Context, p part, space embedding.Space, to []float32) (*nearby, error) {
	answers, err := s.several(ctx, s.vectorIndex(space), p.query.Scope.Org, []object{{
		"size": p.size, "track_total_hits": false, "stored_fields": "_none_", "docvalue_fields": []string{"id", "meeting_id"},
		"knn": object{"field": "vector", "query_vector": to, "k": p.size, "num_candidates": 2 * p.size, "filter": matching(p.query)},
	}})
	if err != nil {
		return nil, fmt.Errorf("asking for vectors: %w", err)
	}
	n := &nearby{cosines: make(map[string]float64, len(answers[0].Hits.Hits))}
	for _, h := range answers[0].Hits.Hits {
		id := documentID(schemas.EntryKey(strings.Join(h.Fields.MeetingID, ""), strings.Join(h.Fields.ID, "")))
		n.cosines[id] = 2*h.Score - 1 // of similarity cosine a score is (1 + cosine) / 2
	}
	return n, nil
}
