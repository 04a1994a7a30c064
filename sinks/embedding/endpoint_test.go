package embedding_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"leadline/sinks/embedding"
)

// model is a server of embeddings: a text's vector points at the topic that it
// names, and how far aside depends on the model.
type model struct {
	mu     sync.Mutex
	texts  map[string][]string // that were asked for, by model
	status int                 // of every answer; 0 is 200
	denied int                 // answers of another status than that
	refuse string              // a word that it takes no text with
	hold   map[string]chan struct{}
}

// topics have two words each.
var topics = [][2]string{{"price", "cost"}, {"export", "download"}, {"outage", "downtime"}}

func (m *model) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Model string
		Input []string
	}
	if r.URL.Path != "/v1/embeddings" || r.Header.Get("Authorization") != "Bearer key" || json.NewDecoder(r.Body).Decode(&asked) != nil {
		http.Error(w, "no", http.StatusNotFound)
		return
	}
	m.mu.Lock()
	held := m.hold[asked.Model]
	m.mu.Unlock()
	if held != nil {
		select {
		case <-held:
		case <-r.Context().Done():
			return
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.status != 0 {
		m.denied++
		http.Error(w, "not now", m.status)
		return
	}
	type one struct {
		Index     int       `json:"index"`
		Embedding []float32 `json:"embedding"`
	}
	var data []one
	for i, text := range asked.Input {
		if m.refuse != "" && strings.Contains(text, m.refuse) {
			http.Error(w, `{"error": "too long"}`, http.StatusBadRequest)
			return
		}
		v := []float32{0.1, 0.1, 0.1}
		for t, words := range topics {
			if strings.Contains(text, words[0]) || strings.Contains(text, words[1]) {
				v[t] += 5
			}
		}
		data = append([]one{{i, v}}, data...) // in any order
	}
	if m.texts == nil {
		m.texts = make(map[string][]string)
	}
	m.texts[asked.Model] = append(m.texts[asked.Model], asked.Input...)
	_ = json.NewEncoder(w).Encode(map[string]any{"data": data})
}

func (m *model) asked(name string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.texts[name])
}

func (m *model) denials() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.denied
}

func (m *model) answers(status int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.status = status
}

// endpoint is one of a server that does what it is told.
func endpoint(t testing.TB, h http.Handler, perSecond float64) *embedding.Endpoint {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	e, err := embedding.NewEndpoint(embedding.EndpointOptions{
		URL: server.URL + "/v1", Key: "key", Batch: 2, PerSecond: perSecond, Client: &http.Client{Transport: transport},
	})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestTextsComeBackInTheirOrderAndOfLengthOne(t *testing.T) {
	t.Parallel()
	m := &model{}
	all, err := endpoint(t, m, 0).Embed(t.Context(), "m", 3, []string{"price", "export", "outage", "export of the price", "x"})
	if err != nil || len(all) != 5 {
		t.Fatalf("%v, %v", all, err)
	}
	for i, v := range all[:3] {
		length := 0.0
		for _, x := range v {
			length += float64(x) * float64(x)
		}
		if math.Abs(length-1) > 1e-5 || v[i] < 0.9 {
			t.Errorf("text %d: %v", i, v)
		}
	}
}

func TestAnswersThatAreNoneAreErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status  int
		body    string
		refused bool
	}{
		"another dimension": {200, `{"data": [{"index": 0, "embedding": [1, 2]}]}`, false},
		"too few":           {200, `{"data": []}`, false},
		"twice":             {200, `{"data": [{"index": 0, "embedding": [1, 2, 3]}, {"index": 0, "embedding": [1, 2, 3]}]}`, false},
		"no place":          {200, `{"data": [{"index": 7, "embedding": [1, 2, 3]}]}`, false},
		"no length":         {200, `{"data": [{"index": 0, "embedding": [0, 0, 0]}]}`, true},
		"no number":         {200, `{"data": [{"index": 0, "embedding": [1, "x", 3]}]}`, false},
		"beyond float32":    {200, `{"data": [{"index": 0, "embedding": [1e39, 0, 0]}]}`, false},
		"no JSON":           {200, `<html>`, false},
		"without end":       {200, `{"data": [{"index": 0, "embedding": [` + strings.Repeat("1, ", 100_000), false},
		"too long":          {400, `{"error": {"message": "too long"}}`, true},
		"too large":         {413, ``, true},
		"a wrong key":       {401, `no`, false},
		"too many":          {429, `later`, false},
		"down":              {503, ``, false},
		"elsewhere":         {302, ``, false},
	} {
		e := endpoint(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, c.body)
		}), 0)
		_, err := e.Embed(t.Context(), "m", 3, []string{"x"})
		var refused *embedding.Refused
		if err == nil || errors.As(err, &refused) != c.refused {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "key") && !strings.Contains(c.body, "key") {
			t.Errorf("%s: the error tells the key: %v", name, err)
		}
	}
}

func TestRequestsAreNoMoreThanTheEndpointTakes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e, err := embedding.NewEndpoint(embedding.EndpointOptions{URL: "http://model.example/v1", PerSecond: 2, Batch: 1, Client: &http.Client{
			Transport: roundTrip(func(*http.Request) (*http.Response, error) {
				body := `{"data": [{"embedding": [1, 0]}]}`
				return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(body)), Header: http.Header{}}, nil
			}),
		}})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if _, err := e.Embed(t.Context(), "m", 2, []string{"1", "2", "3", "4", "5"}); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took < 2*time.Second {
			t.Errorf("five requests at two a second took %v", took)
		}
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestAnAddressIsChecked(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"", "model", "ftp://model/v1", "http://", "http://user:secret@ho st/v1"} {
		if _, err := embedding.NewEndpoint(embedding.EndpointOptions{URL: url}); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", url, err)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	for _, body := range []string{`{"data": [{"index": 0, "embedding": [1, 2, 3]}]}`, `{"data": null}`, `[]`, `{"data": [{"embedding": null}]}`} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := embedding.NewEndpoint(embedding.EndpointOptions{URL: "http://model.example/v1", Client: &http.Client{
			Transport: roundTrip(func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(string(body))), Header: http.Header{}}, nil
			}),
		}})
		if err != nil {
			t.Fatal(err)
		}
		all, err := e.Embed(context.Background(), "m", 3, []string{"x"})
		if err == nil && (len(all) != 1 || len(all[0]) != 3) {
			t.Error(fmt.Sprint(all))
		}
	})
}
