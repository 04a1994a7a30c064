package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"leadline/sinks/elasticsearch"
)

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// elasticsearch measures its sink beside net/http, which sends the same bodies
// to _bulk and looks at nothing but whether all went well.
func (b *bench) elasticsearch(ctx context.Context, all *sunk) error {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	defer transport.CloseIdleConnections()
	name := "leadline-bench-" + strings.ToLower(b.Incarnation)
	var bodies [][]byte
	recording := false
	store, err := elasticsearch.New(elasticsearch.Options{
		Addresses: b.Elasticsearch, Name: name,
		Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if recording && strings.HasSuffix(r.URL.Path, "/_bulk") {
				body, err := io.ReadAll(r.Body)
				if err != nil {
					return nil, err
				}
				bodies, r.Body = append(bodies, body), io.NopCloser(bytes.NewReader(body))
			}
			return transport.RoundTrip(r)
		}),
	})
	if err != nil {
		return err
	}
	n := all.pieces()
	inIndex := func(fill func(context.Context) error) side {
		return func(ctx context.Context) (_ []float64, err error) {
			if err := store.Prepare(ctx); err != nil {
				return nil, err
			}
			defer func() { err = errors.Join(err, store.Drop(context.WithoutCancel(ctx))) }()
			began := start()
			if err := fill(ctx); err != nil {
				return nil, err
			}
			values := began.each(n)
			if err := store.Refresh(ctx); err != nil {
				return nil, err
			}
			held, err := counted(ctx, transport, b.Elasticsearch[0]+"/"+name+"/_count")
			if err == nil && held != n {
				err = wrong("the index holds %d documents of %d", held, n)
			}
			return values, err
		}
	}
	bySink := func(ctx context.Context) error { return write(ctx, store.EntrySink(), all.entries) }
	recording = true
	if _, err := inIndex(bySink)(ctx); err != nil {
		return err
	}
	recording = false
	byHand := func(ctx context.Context) error {
		for _, body := range bodies {
			if err := bulk(ctx, transport, b.Elasticsearch[0]+"/"+name+"-write/_bulk?filter_path=errors", body); err != nil {
				return err
			}
		}
		return nil
	}
	_, err = b.measure(ctx, throughput("Elasticsearch sink, entries", "entry", 0.9), inIndex(bySink), inIndex(byHand))
	return err
}

func bulk(ctx context.Context, transport http.RoundTripper, url string, body []byte) error {
	var answer struct {
		Errors *bool `json:"errors"`
	}
	if err := call(ctx, transport, http.MethodPost, url, body, &answer); err != nil {
		return err
	}
	if answer.Errors == nil || *answer.Errors {
		return wrong("documents were refused")
	}
	return nil
}

func counted(ctx context.Context, transport http.RoundTripper, url string) (int, error) {
	var answer struct {
		Count int `json:"count"`
	}
	err := call(ctx, transport, http.MethodGet, url, nil, &answer)
	return answer.Count, err
}

func call(ctx context.Context, transport http.RoundTripper, method, url string, body []byte, answer any) error {
	r, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return errors.New("an address of Elasticsearch is no URL") // which may hold a password
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := transport.RoundTrip(r)
	if err != nil {
		return fmt.Errorf("asking Elasticsearch: %w", err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(answer); err != nil {
		return fmt.Errorf("reading Elasticsearch's answer: %w", err)
	}
	return nil
}
