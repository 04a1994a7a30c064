package elasticsearch_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"leadline/schemas"
	"leadline/sinks/elasticsearch"
	"leadline/sinks/embedding"
	"leadline/sinks/sink"
)

func TestPreparingOftenAndAtOnceMakesOneIndex(t *testing.T) {
	t.Parallel()
	o := options(t)
	if err := made(t, o).Check(t.Context()); !errors.Is(err, elasticsearch.ErrMissing) {
		t.Errorf("before: %v, want ErrMissing", err)
	}
	var wait sync.WaitGroup
	errs := make([]error, 6)
	for i := range errs {
		s := made(t, o)
		wait.Go(func() { errs[i] = errors.Join(s.Prepare(t.Context()), s.Prepare(t.Context())) })
	}
	wait.Wait()
	must(t, errors.Join(errs...))
	must(t, made(t, o).Check(t.Context()))
	if got := raw[map[string]any](t, http.MethodGet, "/"+o.Name+"-0*", nil); len(got) != 1 {
		t.Errorf("%d indices, want 1", len(got))
	}
	templates := raw[struct {
		All []any `json:"index_templates"`
	}](t, http.MethodGet, "/_index_template/"+o.Name, nil)
	if len(templates.All) != 1 {
		t.Errorf("%d templates, want 1", len(templates.All))
	}
}

func TestAnotherBuildsMappingIsRefusedUntilItIsReindexed(t *testing.T) {
	t.Parallel()
	o := options(t)
	before := prepared(t, o)
	write(t, before, entry(0, 1, "lighthouse"), gone(1, 4))
	o.OfAnotherBuild()
	after := made(t, o)
	for name, do := range map[string]func(context.Context) error{"Check": after.Check, "Prepare": after.Prepare} {
		if err := do(t.Context()); !errors.Is(err, elasticsearch.ErrOutdated) {
			t.Errorf("%s: %v, want ErrOutdated", name, err)
		}
	}
	report, err := after.Reindex(t.Context())
	must(t, err)
	if report.Copied != 2 || report.From == report.To {
		t.Errorf("%+v, want 2 documents copied to another index", report)
	}
	must(t, after.Check(t.Context()))
	if again, err := after.Reindex(t.Context()); err != nil || again.From != again.To || again.Copied != 0 {
		t.Errorf("again: %+v, %v, want nothing to do", again, err)
	}
	write(t, after, entry(1, 3, "lighthouse")) // older than its tombstone
	if got := found(t, after, "lighthouse"); len(got) != 1 {
		t.Errorf("found %v, want one", got)
	}
	if removed, err := after.RemoveOld(t.Context()); err != nil || len(removed) != 1 || removed[0] != report.From {
		t.Errorf("removed %v, %v, want %s", removed, err, report.From)
	}
	if removed, err := after.RemoveOld(t.Context()); err != nil || len(removed) != 0 {
		t.Errorf("removed %v again, %v", removed, err)
	}
	if err := before.Check(t.Context()); !errors.Is(err, elasticsearch.ErrOutdated) {
		t.Errorf("the build before: %v, want ErrOutdated", err)
	}
}

// truth is what a store must show after rows came in any order.
type truth map[int]sink.Row[schemas.Entry]

func (tr truth) row(n int, version uint64) sink.Row[schemas.Entry] {
	r := entry(n, version, fmt.Sprintf("lighthouse version %d", version))
	if (n+int(version))%4 == 0 {
		r = gone(n, version)
	}
	if version > tr[n].Version {
		tr[n] = r
	}
	return r
}

func (tr truth) check(t *testing.T, s *elasticsearch.Store) {
	t.Helper()
	for n, want := range tr {
		all, err := s.MeetingEntries(t.Context(), staff, entry(n, 0, "").Value.MeetingID)
		must(t, err)
		var got *schemas.Hit
		for _, h := range all {
			if schemas.EntryKey(h.Entry.MeetingID, h.Entry.ID) == want.Key {
				got = &h
			}
		}
		switch {
		case want.Value == nil && got != nil:
			t.Errorf("key %d: version %d, want it gone", n, got.Version)
		case want.Value != nil && got == nil:
			t.Errorf("key %d: gone, want version %d", n, want.Version)
		case got != nil && (got.Version != want.Version || got.Entry.Text != want.Value.Text):
			t.Errorf("key %d: version %d, want %d", n, got.Version, want.Version)
		}
	}
}

func TestReindexingUnderWritesLosesAndRevivesNothing(t *testing.T) {
	t.Parallel()
	o := options(t)
	before := prepared(t, o)
	o.OfAnotherBuild()
	after := made(t, o)

	const keys = 300
	random := rand.New(rand.NewPCG(3, 5))
	want := truth{}
	var seed []sink.Row[schemas.Entry]
	for n := range keys {
		seed = append(seed, want.row(n, uint64(1+random.IntN(20))))
	}
	write(t, before, seed...)

	const always = 100_000
	write(t, before, entry(always, 1, "cormorant"))

	done := make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() { // a sink of the build before: its documents fit both mappings
		for batch := 0; ; batch++ {
			var b sink.Batch[schemas.Entry]
			for range 20 {
				b = append(b, want.row(random.IntN(keys), uint64(1+random.IntN(40+batch))))
			}
			for before.EntrySink().Write(t.Context(), b) != nil {
				if t.Context().Err() != nil {
					return
				}
			}
			select {
			case <-done:
				if batch > 20 {
					return
				}
			default:
			}
		}
	})
	reads := 0
	wait.Go(func() { // a reader never meets a missing, doubled or half alias
		for {
			hits, err := after.MeetingEntries(t.Context(), staff, entry(always, 0, "").Value.MeetingID)
			if err != nil || len(hits) != 1 {
				t.Errorf("a reader gets %d entries: %v", len(hits), err)
				return
			}
			reads++
			select {
			case <-done:
				return
			default:
			}
		}
	})
	report, err := after.Reindex(t.Context())
	close(done)
	wait.Wait()
	must(t, err)
	if report.Copied != keys+1 || reads == 0 {
		t.Errorf("copied %d documents beside %d reads, want all %d of the index before", report.Copied, reads, keys+1)
	}
	must(t, after.Check(t.Context()))
	must(t, after.Refresh(t.Context()))
	want.check(t, after)
}

func TestAReindexThatWasCutOffIsFinishedByTheNext(t *testing.T) {
	t.Parallel()
	o := options(t)
	before := prepared(t, o)
	want := truth{}
	write(t, before, want.row(0, 1), want.row(1, 2), want.row(2, 3), want.row(4, 4))
	o.OfAnotherBuild()
	cut, stop := context.WithCancel(t.Context())
	killed := o
	killed.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
		res, err := transport.RoundTrip(r)
		if r.URL.Path == "/_aliases" { // the alias for writing has moved
			stop()
		}
		return res, err
	})
	if _, err := made(t, killed).Reindex(cut); err == nil {
		t.Fatal("was not cut off")
	}
	after := made(t, o)
	if err := after.Check(t.Context()); !errors.Is(err, elasticsearch.ErrReindexing) {
		t.Errorf("Check: %v, want ErrReindexing", err)
	}
	want.check(t, after) // readers see the index before, whole
	must(t, after.EntrySink().Write(t.Context(), sink.Batch[schemas.Entry]{want.row(0, 7), want.row(4, 1)}))
	_, err := after.Reindex(t.Context())
	must(t, err)
	must(t, after.Check(t.Context()))
	want.check(t, after)
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestATombstoneGuardsUntilItIsPurged(t *testing.T) {
	t.Parallel()
	s := prepared(t, options(t))
	write(t, s, entry(0, 1, "lighthouse"), gone(0, 5), gone(1, 5), entry(2, 5, "lighthouse"))
	if n, err := s.Purge(t.Context(), time.Now().Add(-time.Hour)); err != nil || n != 0 {
		t.Errorf("purged %d of the last hour: %v", n, err)
	}
	write(t, s, entry(0, 4, "lighthouse"))
	if got := found(t, s, "lighthouse"); len(got) != 1 {
		t.Errorf("found %v, want one: a tombstone was passed", got)
	}
	if n, err := s.Purge(t.Context(), time.Now().Add(time.Minute)); err != nil || n != 2 {
		t.Errorf("purged %d: %v, want 2", n, err)
	}
	must(t, s.Refresh(t.Context()))
	if n, err := s.Purge(t.Context(), time.Now().Add(time.Minute)); err != nil || n != 0 {
		t.Errorf("purged %d again: %v", n, err)
	}
	if got := found(t, s, "lighthouse"); len(got) != 1 {
		t.Errorf("found %v, want the living one", got)
	}
}

func TestTombstonesOfVectorsArePurgedToo(t *testing.T) {
	t.Parallel()
	o := options(t)
	s := prepared(t, o)
	served, next := embedding.Space{Model: "m", QueryModel: "m", Dimension: 2}, embedding.Space{Model: "n", QueryModel: "n", Dimension: 2}
	put := func(in embedding.Space, rows ...sink.Row[schemas.Entry]) {
		t.Helper()
		for _, r := range rows {
			v := embedding.Vector{Key: r.Key, Version: r.Version, Entry: r.Value}
			if r.Value != nil {
				v.Digest, v.Values = embedding.Digest(r.Value.Text), []float32{1, 0}
			}
			must(t, s.PutVectors(t.Context(), in, []embedding.Vector{v}))
		}
		must(t, refreshed(t, "/"+o.Name+"-vectors-*"))
	}
	purge := func(before time.Time, want int) {
		t.Helper()
		if n, err := s.Purge(t.Context(), before); err != nil || n != want {
			t.Errorf("purged %d: %v, want %d", n, err, want)
		}
		must(t, refreshed(t, "/"+o.Name+"-vectors-*"))
	}
	knows := func(text string) bool {
		t.Helper()
		known, err := s.KnownVectors(t.Context(), served, []string{embedding.Digest(text)})
		must(t, err)
		return len(known) > 0
	}
	_, err := s.BeginVectors(t.Context(), served)
	must(t, err)
	must(t, s.ServeVectors(t.Context(), served))
	_, err = s.BeginVectors(t.Context(), next) // which is filled beside it
	must(t, err)
	put(served, entry(0, 1, "erased"), gone(0, 5), entry(1, 5, "alive"), entry(2, 1, "back"), gone(2, 2), entry(2, 3, "back"))
	put(next, gone(0, 5))
	purge(time.Now().Add(-time.Hour), 0)
	put(served, entry(0, 4, "erased"))
	if knows("erased") {
		t.Error("a tombstone was passed")
	}
	purge(time.Now().Add(time.Minute), 2) // one of each space
	purge(time.Now().Add(time.Minute), 0)
	if !knows("alive") || !knows("back") {
		t.Error("a vector of what lives was purged")
	}
}
