package sinktest

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"leadline/schemas"
	"leadline/sinks/embedding"
	"leadline/sinks/sink"
)

// VectorStore is a store of entries that searches by vectors too.
type VectorStore interface {
	EntryStore
	embedding.Store
	Embed(q embedding.Asker)
}

// Vectors is the suite of a store of vectors. Each subtest has a store of its
// own: which vectors are served concerns all organisations.
func Vectors(t *testing.T, open Open[VectorStore]) {
	t.Helper()
	for name, test := range map[string]func(*suite[VectorStore]){
		"what no word finds is found by its vector":            foundByVector,
		"vectors are seen within their entries' scope only":    vectorScopes,
		"older vectors never replace newer ones":               vectorVersions,
		"equal texts are known":                                knownVectors,
		"another model is served when it is complete":          switched,
		"without the question's vector words are searched for": wordsAlone,
	} {
		open.each(t, name, test)
	}
}

// spaces of three numbers, one for each of the topics that angles has.
var space = embedding.Space{Model: "topics", QueryModel: "topics-asked", Dimension: 3}

// angle is a vector that points at one of three topics, and a little elsewhere.
func angle(topic int, aside float64) []float32 {
	v := make([]float32, 3)
	v[topic], v[(topic+1)%3] = float32(math.Cos(aside)), float32(math.Sin(aside))
	return v
}

// asker answers by the text, and counts.
type asker struct {
	vectors map[string][]float32
	asked   map[embedding.Space]int
}

func (a *asker) Vector(_ context.Context, s embedding.Space, text string) []float32 {
	a.asked[s]++
	return a.vectors[text]
}

func (s *suite[S]) asks(to VectorStore, vectors map[string][]float32) *asker {
	a := &asker{vectors, make(map[embedding.Space]int)}
	to.Embed(a)
	return a
}

func vectorOf(r sink.Row[schemas.Entry], values []float32) embedding.Vector {
	v := embedding.Vector{Key: r.Key, Version: r.Version, Entry: r.Value, Values: values}
	if r.Value != nil {
		v.Digest = embedding.Digest(r.Value.Text)
	}
	return v
}

func begin(s *suite[VectorStore], of embedding.Space) string {
	s.Helper()
	generation, err := s.store.BeginVectors(s.Context(), of)
	s.must(err)
	return generation
}

// serve writes entries and vectors, and lets them be searched.
func serve(s *suite[VectorStore], rows []sink.Row[schemas.Entry], values [][]float32) {
	s.Helper()
	begin(s, space)
	write(s, s.store.EntrySink(), rows...)
	var all []embedding.Vector
	for i, r := range rows {
		all = append(all, vectorOf(r, values[i]))
	}
	s.must(s.store.PutVectors(s.Context(), space, all))
	s.must(s.store.ServeVectors(s.Context(), space))
	s.visible()
}

func (s *suite[S]) finds(store EntryStore, scope schemas.Scope, text string) []string {
	s.Helper()
	hits, err := store.Search(s.Context(), schemas.SearchQuery{Scope: scope, Text: text, Limit: 100})
	s.must(err)
	return entryIDs(hits)
}

func foundByVector(s *suite[VectorStore]) {
	rows := []sink.Row[schemas.Entry]{
		s.entry("1", "transcript:0", "Wir kündigen den Vertrag zum Jahresende.", 1),
		s.entry("2", "transcript:0", "The weather was fine.", 1),
		s.entry("3", "transcript:0", "The lighthouse is old.", 1),
	}
	serve(s, rows, [][]float32{angle(0, 0.1), angle(1, 0.1), angle(2, 0.1)})
	a := s.asks(s.store, map[string][]float32{"cancellation of the agreement": angle(0, 0), "weather lighthouse": angle(2, 0)})
	if got := s.finds(s.store, s.staff(), "cancellation of the agreement"); len(got) == 0 || got[0] != "fathom:1:transcript:0" {
		s.Errorf("got %v, want the German one first", got)
	}
	// Both have one of the words; the vector decides.
	if got := s.finds(s.store, s.staff(), "weather lighthouse"); len(got) < 2 || got[0] != "fathom:3:transcript:0" {
		s.Errorf("got %v, want the lighthouse first", got)
	}
	if a.asked[space] != 2 {
		s.Errorf("asked %v, want twice in the served space", a.asked)
	}
}

func vectorScopes(s *suite[VectorStore]) {
	entry := func(recording string, state schemas.State, companies ...string) sink.Row[schemas.Entry] {
		r := s.entry(recording, "transcript:0", "nothing of note "+recording, 1, companies...)
		r.Value.State = string(state)
		return r
	}
	both := entry("both", schemas.StateMatched, "acme", "zeta")
	both.Value.EndUsers = []string{"ines"}
	foreign := *s
	foreign.org += "x"
	rows := []sink.Row[schemas.Entry]{
		both, entry("acme", schemas.StateMatched, "acme"), entry("zeta", schemas.StateMatched, "zeta"),
		entry("unmatched", schemas.StateUnmatched), entry("internal", schemas.StateInternal, "acme"),
		foreign.entry("foreign", "transcript:0", "nothing of note", 1, "acme"),
	}
	values := make([][]float32, len(rows))
	for i := range values {
		values[i] = angle(0, 0.01*float64(i))
	}
	serve(s, rows, values)
	s.asks(s.store, map[string][]float32{"lighthouse": angle(0, 0)})
	for _, c := range scopes(s.org) {
		hits, err := s.store.Search(s.Context(), schemas.SearchQuery{Scope: c.scope, Text: "lighthouse", Limit: 100})
		s.must(err)
		got := make([]string, len(hits))
		for i, h := range hits {
			got[i] = h.Entry.RecordingID
		}
		slices.Sort(got)
		if !slices.Equal(got, c.sees) {
			s.Errorf("%s finds %v, want %v", c.name, got, c.sees)
		}
	}
	// The entry leaves the scope, and its vector is not there yet.
	moved := entry("acme", schemas.StateMatched, "zeta")
	moved.Version = 2
	write(s, s.store.EntrySink(), moved)
	if got := s.finds(s.store, schemas.Scope{Org: s.org, Company: "acme"}, "lighthouse"); !slices.Equal(got, []string{"fathom:both:transcript:0"}) {
		s.Errorf("after it moved acme finds %v", got)
	}
}

func vectorVersions(s *suite[VectorStore]) {
	row := s.entry("1", "transcript:0", "nothing of note", 5)
	other := s.entry("2", "transcript:0", "something else", 1)
	serve(s, []sink.Row[schemas.Entry]{row, other}, [][]float32{angle(0, 0), angle(1, 0)})
	s.asks(s.store, map[string][]float32{"lighthouse": angle(0, 0)})
	older := row
	older.Version = 4
	gone := row
	gone.Version, gone.Value = 3, nil
	s.must(s.store.PutVectors(s.Context(), space, []embedding.Vector{vectorOf(older, angle(2, 0)), vectorOf(gone, nil)}))
	s.visible()
	if got := s.finds(s.store, s.staff(), "lighthouse"); len(got) != 2 || got[0] != "fathom:1:transcript:0" {
		s.Errorf("after older ones: %v", got)
	}
	gone.Version = 6
	s.must(s.store.PutVectors(s.Context(), space, []embedding.Vector{vectorOf(gone, nil), vectorOf(row, angle(0, 0))}))
	s.visible()
	if got := s.finds(s.store, s.staff(), "lighthouse"); !slices.Equal(got, []string{"fathom:2:transcript:0"}) {
		s.Errorf("after it went: %v", got)
	}
}

func knownVectors(s *suite[VectorStore]) {
	row := s.entry("1", "transcript:0", "said before", 1)
	serve(s, []sink.Row[schemas.Entry]{row}, [][]float32{angle(1, 0.3)})
	digest := embedding.Digest("said before")
	known, err := s.store.KnownVectors(s.Context(), space, []string{digest, embedding.Digest("never")})
	s.must(err)
	if len(known) != 1 || len(known[digest]) != 3 || math.Abs(float64(known[digest][1])-math.Cos(0.3)) > 0.01 {
		s.Errorf("known: %v", known)
	}
}

func switched(s *suite[VectorStore]) {
	rows := []sink.Row[schemas.Entry]{s.entry("1", "transcript:0", "nothing", 1), s.entry("2", "transcript:0", "of note", 1)}
	serve(s, rows, [][]float32{angle(0, 0), angle(1, 0)})
	a := s.asks(s.store, map[string][]float32{"lighthouse": angle(0, 0)})
	next := embedding.Space{Model: "better", QueryModel: "better", Dimension: 3}
	first := begin(s, next)
	if again := begin(s, next); again != first {
		s.Errorf("a space that is there has another generation: %s, %s", first, again)
	}
	s.must(s.store.PutVectors(s.Context(), next, []embedding.Vector{vectorOf(rows[0], angle(1, 0)), vectorOf(rows[1], angle(0, 0))}))
	s.visible()
	if got := s.finds(s.store, s.staff(), "lighthouse"); got[0] != "fathom:1:transcript:0" || a.asked[next] > 0 {
		s.Errorf("before it is complete: %v, asked %v", got, a.asked)
	}
	s.must(s.store.ServeVectors(s.Context(), next))
	s.must(s.store.ServeVectors(s.Context(), next)) // as after a kill
	s.visible()
	if got := s.finds(s.store, s.staff(), "lighthouse"); got[0] != "fathom:2:transcript:0" || a.asked[next] != 1 {
		s.Errorf("when it is complete: %v, asked %v", got, a.asked)
	}
	// The space before is gone: who comes back to it begins anew.
	old := begin(s, space)
	if known, err := s.store.KnownVectors(s.Context(), space, []string{embedding.Digest("nothing")}); err != nil || len(known) > 0 {
		s.Errorf("of the space before %v is known, %v", known, err)
	}
	if old == first {
		s.Errorf("a new space has the generation %s of another", old)
	}
}

func wordsAlone(s *suite[VectorStore]) {
	rows := []sink.Row[schemas.Entry]{s.entry("1", "transcript:0", "the lighthouse", 1), s.entry("2", "transcript:0", "of note", 1)}
	write(s, s.store.EntrySink(), rows...)
	a := s.asks(s.store, nil)
	want := []string{"fathom:1:transcript:0"}
	if got := s.finds(s.store, s.staff(), "lighthouse"); !slices.Equal(got, want) || len(a.asked) > 0 {
		s.Errorf("before there are vectors: %v, asked %v", got, a.asked)
	}
	serve(s, rows, [][]float32{angle(0, 0), angle(1, 0)})
	if got := s.finds(s.store, s.staff(), "lighthouse"); !slices.Equal(got, want) {
		s.Errorf("when the endpoint fails: %v", got)
	}
	if fmt.Sprint(a.asked) == "map[]" {
		s.Log("the store still believes that no space is served")
	}
}
