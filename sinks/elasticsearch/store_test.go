package elasticsearch_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"leadline/schemas"
	"leadline/sinks/elasticsearch"
	"leadline/sinks/sink"
	"leadline/sinks/sink/sinktest"
)

// server is the engine's URL.
func server(t testing.TB) string {
	t.Helper()
	at := os.Getenv("ELASTICSEARCH_URL")
	if at == "" {
		t.Skip("ELASTICSEARCH_URL is not set: start an Elasticsearch 8, such as ../shared/engines/elasticsearch/start")
	}
	return at
}

// options name indices of this test's own, which go when it ends.
func options(t testing.TB) elasticsearch.Options {
	t.Helper()
	o := elasticsearch.Options{Addresses: []string{server(t)}, Name: fmt.Sprintf("leadline-test-%x", rand.Uint64())}
	t.Cleanup(func() {
		for _, pattern := range []string{"-0*", "-vectors-*"} {
			for name := range raw[map[string]any](t, http.MethodGet, "/"+o.Name+pattern, nil) {
				raw[any](t, http.MethodDelete, "/"+name, nil)
			}
		}
		raw[any](t, http.MethodDelete, "/_index_template/"+o.Name+"*", nil)
	})
	return o
}

func made(t testing.TB, o elasticsearch.Options) *elasticsearch.Store {
	t.Helper()
	s, err := elasticsearch.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func prepared(t testing.TB, o elasticsearch.Options) *elasticsearch.Store {
	t.Helper()
	s := made(t, o)
	must(t, s.Prepare(t.Context()))
	return s
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// raw asks the engine without the store.
func raw[T any](t testing.TB, method, path string, body any) T {
	t.Helper()
	var sent bytes.Buffer
	if text, is := body.(string); is {
		sent.WriteString(text)
	} else if body != nil {
		must(t, json.NewEncoder(&sent).Encode(body))
	}
	req, err := http.NewRequestWithContext(context.Background(), method, server(t)+path, &sent)
	must(t, err)
	req.Header.Set("Content-Type", "application/json")
	res, err := (&http.Client{Transport: transport}).Do(req)
	must(t, err)
	defer res.Body.Close()
	said, err := io.ReadAll(res.Body)
	must(t, err)
	if res.StatusCode >= 300 && method != http.MethodDelete {
		t.Fatalf("%s %s: %d %.500s", method, path, res.StatusCode, said)
	}
	var v T
	if err := json.Unmarshal(said, &v); err != nil && res.StatusCode < 300 {
		t.Fatalf("%s %s: %v in %.300s", method, path, err, said)
	}
	return v
}

func entry(n int, version uint64, text string) sink.Row[schemas.Entry] {
	meeting := schemas.MeetingID("acme", schemas.Fathom, fmt.Sprint(n/20))
	id := fmt.Sprintf("fathom:%d:transcript:%d", n/20, n%20)
	return sink.Row[schemas.Entry]{Key: schemas.EntryKey(meeting, id), Version: version, Value: &schemas.Entry{
		ID: id, MeetingID: meeting, Org: "acme", Provider: schemas.Fathom, RecordingID: fmt.Sprint(n / 20),
		Kind: schemas.EntryTranscript, Title: "Quarterly review", Text: text, Speakers: []string{"Ines", "Ugo"},
		State: string(schemas.StateMatched), Companies: []string{fmt.Sprint("company", n/20%35)},
		MeetingAt: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC),
	}}
}

func gone(n int, version uint64) sink.Row[schemas.Entry] {
	return sink.Row[schemas.Entry]{Key: entry(n, 0, "").Key, Version: version}
}

var staff = schemas.Scope{Org: "acme", HeldBack: true}

func write(t testing.TB, s *elasticsearch.Store, rows ...sink.Row[schemas.Entry]) {
	t.Helper()
	must(t, s.EntrySink().Write(t.Context(), rows))
	must(t, s.Refresh(t.Context()))
}

func found(t testing.TB, s *elasticsearch.Store, text string) []string {
	t.Helper()
	hits, err := s.Search(t.Context(), schemas.SearchQuery{Scope: staff, Text: text, Limit: 100})
	must(t, err)
	ids := []string{}
	for _, h := range hits {
		ids = append(ids, h.Entry.ID)
	}
	return ids
}

// TestEntries has two shards, and requests that hold a few entries each, so
// that routing and splitting are under the same suite.
func TestEntries(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.Shards, o.BulkBytes = 2, 32<<10
	s := prepared(t, o)
	sinktest.Entries(t, func(*testing.T) (sinktest.EntryStore, func(context.Context) error) {
		return s, s.Refresh
	})
}

func TestRanking(t *testing.T) {
	t.Parallel()
	sinktest.Ranked(t, func(t *testing.T) (sinktest.EntryStore, func(context.Context) error) {
		s := prepared(t, options(t))
		return s, s.Refresh
	})
}

func TestOptionsThatMakeNoSenseAreRefused(t *testing.T) {
	t.Parallel()
	for _, o := range []elasticsearch.Options{
		{}, {Addresses: []string{"localhost:9200"}}, {Addresses: []string{"ftp://x"}},
		{Addresses: []string{"http://x"}, Name: "Big"}, {Addresses: []string{"http://x"}, Name: "a,b"},
		{Addresses: []string{"http://x"}, Shards: -1},
		{Addresses: []string{"http://x"}, BulkBytes: -1}, {Addresses: []string{"http://x"}, Replicas: -1},
	} {
		if _, err := elasticsearch.New(o); err == nil {
			t.Errorf("%+v is taken", o)
		}
	}
	_, err := elasticsearch.New(elasticsearch.Options{Addresses: []string{"htp://user:secret@host"}})
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("the error of a wrong address tells its password: %v", err)
	}
}

func TestVectors(t *testing.T) {
	t.Parallel()
	sinktest.Vectors(t, func(t *testing.T) (sinktest.VectorStore, func(context.Context) error) {
		o := options(t)
		s := prepared(t, o)
		return s, func(ctx context.Context) error {
			return errors.Join(s.Refresh(ctx), refreshed(t, "/"+o.Name+"-vectors-*"))
		}
	})
}

func refreshed(t testing.TB, index string) error {
	raw[any](t, http.MethodPost, index+"/_refresh", nil)
	return nil
}
