package elasticsearch_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"leadline/schemas"
	"leadline/sinks/embedding"
	"leadline/sinks/sink"
)

// transport is not net/http's own: whichever httptest server closes also closes the idle connections of that one.
var transport = http.DefaultTransport.(*http.Transport).Clone()

// between stands between the client and the engine. It sees bulk requests by
// their number, from 0, and may answer itself, or change the engine's answer.
type between struct {
	n      int
	before func(n int, body []byte) (status int)
	after  func(n int, items []map[string]map[string]any)
}

func (b *between) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "/_bulk") {
		return transport.RoundTrip(r)
	}
	n := b.n
	b.n++
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if b.before != nil {
		if status := b.before(n, body); status != 0 {
			return &http.Response{
				StatusCode: status, Header: http.Header{"X-Elastic-Product": {"Elasticsearch"}}, Request: r,
				Body: io.NopCloser(strings.NewReader("a page of the proxy")),
			}, nil
		}
	}
	res, err := transport.RoundTrip(r)
	if err != nil || b.after == nil {
		return res, err
	}
	defer res.Body.Close()
	var said struct {
		Items []map[string]map[string]any `json:"items"`
	}
	if err := json.NewDecoder(res.Body).Decode(&said); err != nil {
		return nil, err
	}
	b.after(n, said.Items)
	changed, err := json.Marshal(said)
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(changed)), int64(len(changed))
	return res, err
}

func TestWhatCannotBeStoredIsNamedAndTheRestIsStored(t *testing.T) {
	t.Parallel()
	s := prepared(t, options(t))
	long, late, far := entry(1, 1, "long speaker"), entry(3, 1, "year that JSON cannot say"), entry(5, 1, "customer")
	long.Value.Speakers = []string{strings.Repeat("x", 32_767)} // one byte above Lucene's limit
	late.Value.MeetingAt = time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)
	far.Value.Companies = []string{"acme", strings.Repeat("y", 40_000)}
	b := sink.Batch[schemas.Entry]{entry(0, 1, "sound"), long, entry(2, 1, "sound"), late, entry(4, 1, "sound"), far}
	err := s.EntrySink().Write(t.Context(), b)
	var bad *sink.Unstorable
	if !errors.As(err, &bad) || len(bad.Rows) != 3 || bad.Rows[1] == nil || bad.Rows[3] == nil || bad.Rows[5] == nil {
		t.Fatalf("got %v, want rows 1, 3 and 5 named", err)
	}
	for i, err := range bad.Rows {
		var rejected *schemas.Rejected
		if !errors.As(err, &rejected) || rejected.Reason != schemas.ReasonInvalid || len(err.Error()) > 1000 {
			t.Errorf("row %d: %v is no short rejection", i, err)
		}
	}
	must(t, s.Refresh(t.Context()))
	if got := found(t, s, "sound"); len(got) != 3 {
		t.Errorf("stored %v, want the three sound ones", got)
	}
}

func TestAnIndexOfAnotherBuildRefusesNothingForEver(t *testing.T) {
	t.Parallel()
	o := options(t)
	s := prepared(t, o)
	o.OfAnotherBuild()
	_, err := made(t, o).Reindex(t.Context())
	must(t, err)
	long := entry(1, 1, "long speaker")
	long.Value.Speakers = []string{strings.Repeat("x", 40_000)}
	err = s.EntrySink().Write(t.Context(), sink.Batch[schemas.Entry]{long})
	var bad *sink.Unstorable
	if err == nil || errors.As(err, &bad) {
		t.Errorf("a sink of the build before got %v, want an error that it waits for", err)
	}
}

func TestACrowdedClusterGetsTheSameBatchAgain(t *testing.T) {
	t.Parallel()
	o := options(t)
	crowded := map[string]any{"status": 429, "error": map[string]any{"type": "es_rejected_execution_exception", "reason": "queue is full"}}
	proxy := &between{
		before: func(n int, _ []byte) int {
			return map[int]int{0: http.StatusTooManyRequests, 1: http.StatusBadGateway}[n]
		},
		after: func(n int, items []map[string]map[string]any) {
			if n == 2 {
				items[1]["index"] = crowded
			}
		},
	}
	o.Transport = proxy
	s := prepared(t, o)
	b := sink.Batch[schemas.Entry]{entry(0, 1, "sound"), entry(20, 1, "sound"), gone(2, 1)}
	for try := range 3 {
		err := s.EntrySink().Write(t.Context(), b)
		var bad *sink.Unstorable
		if err == nil || errors.As(err, &bad) {
			t.Fatalf("try %d: got %v, want an error that passes", try, err)
		}
	}
	write(t, s, b...)
	if got := found(t, s, "sound"); len(got) != 2 {
		t.Errorf("stored %v, want both", got)
	}
	if proxy.n != 4 {
		t.Errorf("%d requests, want 4: the client repeats by itself", proxy.n)
	}
}

func TestRequestsAreHalvedUntilTheyAreTaken(t *testing.T) {
	t.Parallel()
	const most = 4 << 10
	o := options(t)
	o.Transport = &between{before: func(_ int, body []byte) int {
		if len(body) > most {
			return http.StatusRequestEntityTooLarge
		}
		return 0
	}}
	s := prepared(t, o)
	var b sink.Batch[schemas.Entry]
	for n := range 40 {
		text := "sound"
		if n == 17 {
			text = strings.Repeat("long ", most)
		}
		b = append(b, entry(20*n, 1, text))
	}
	err := s.EntrySink().Write(t.Context(), b)
	var bad *sink.Unstorable
	var rejected *schemas.Rejected
	if !errors.As(err, &bad) || len(bad.Rows) != 1 || !errors.As(bad.Rows[17], &rejected) || rejected.Reason != schemas.ReasonTooLarge {
		t.Fatalf("got %v, want row 17 to be too large", err)
	}
	must(t, s.Refresh(t.Context()))
	if got := found(t, s, "sound"); len(got) != 39 {
		t.Errorf("stored %d, want 39", len(got))
	}
}

func TestAWriteWithoutItsAliasMakesNoIndex(t *testing.T) {
	t.Parallel()
	o := options(t)
	s := made(t, o)
	if err := s.EntrySink().Write(t.Context(), sink.Batch[schemas.Entry]{entry(0, 1, "x")}); err == nil {
		t.Error("was written somewhere")
	}
	if got := raw[map[string]any](t, http.MethodGet, "/"+o.Name+"*", nil); len(got) != 0 {
		t.Errorf("indices %v were made", got)
	}
}

func TestAKeyLongerThanAnIDIsAnEntryOfItsOwn(t *testing.T) {
	t.Parallel()
	s := prepared(t, options(t))
	long := func(last string, version uint64) sink.Row[schemas.Entry] {
		r := entry(0, version, "lighthouse")
		r.Value.ID = strings.Repeat("é", 400) + last
		r.Key = schemas.EntryKey(r.Value.MeetingID, r.Value.ID)
		return r
	}
	away := long("b", 2)
	away.Value = nil
	write(t, s, long("a", 1), long("b", 1), away)
	if got := found(t, s, "lighthouse"); !slices.Equal(got, []string{long("a", 1).Value.ID}) {
		t.Errorf("found %q", got)
	}
}

// What the sink of entries makes dead letters of comes to the vectors too, and must not hold up those behind it.
func TestAVectorThatCannotBeStoredHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	s := prepared(t, options(t))
	space := embedding.Space{Model: "m", QueryModel: "m", Dimension: 2}
	_, err := s.BeginVectors(t.Context(), space)
	must(t, err)
	long, late := entry(1, 1, "long speaker"), entry(2, 1, "year that JSON cannot say")
	long.Value.Speakers = []string{strings.Repeat("x", 32_767)}
	late.Value.MeetingAt = time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)
	var all []embedding.Vector
	for _, r := range []sink.Row[schemas.Entry]{entry(0, 1, "sound"), long, late, entry(3, 1, "sound too")} {
		all = append(all, embedding.Vector{
			Key: r.Key, Version: r.Version, Entry: r.Value, Digest: embedding.Digest(r.Value.Text), Values: []float32{1, 0},
		})
	}
	err = s.PutVectors(t.Context(), space, all)
	var bad *sink.Unstorable
	if !errors.As(err, &bad) || len(bad.Rows) != 2 || bad.Rows[1] == nil || bad.Rows[2] == nil {
		t.Errorf("got %v, want vectors 1 and 2 named", err)
	}
	must(t, s.ServeVectors(t.Context(), space)) // which refreshes
	known, err := s.KnownVectors(t.Context(), space, []string{all[0].Digest, all[1].Digest, all[2].Digest, all[3].Digest})
	if err != nil || len(known) != 2 || known[all[0].Digest] == nil || known[all[3].Digest] == nil {
		t.Errorf("the store has %v, %v, want the two sound ones", known, err)
	}
}

// The index of a model goes when another model is served, also where a process still writes to it.
func TestAVectorWithoutItsIndexMakesNone(t *testing.T) {
	t.Parallel()
	o := options(t)
	s := prepared(t, o)
	space := embedding.Space{Model: "m", QueryModel: "m", Dimension: 2}
	gone := embedding.Vector{Key: gone(0, 1).Key, Version: 1}
	if err := s.PutVectors(t.Context(), space, []embedding.Vector{gone}); err == nil {
		t.Error("was written somewhere")
	}
	if got := raw[map[string]any](t, http.MethodGet, "/"+o.Name+"-vectors-*", nil); len(got) != 0 {
		t.Errorf("indices %v were made", got)
	}
	if _, err := s.BeginVectors(t.Context(), space); err != nil {
		t.Fatal(err)
	}
	must(t, s.PutVectors(t.Context(), space, []embedding.Vector{gone}))
}
