package command

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"leadline/deploy/boot"
	"leadline/ingress/recorder"
	"leadline/schemas"
	"leadline/sinks/embedded"
	"leadline/sinks/embedding"
	"leadline/sinks/sink"
)

// embeddingFlags say which model gives entries and questions their vectors.
type embeddingFlags struct {
	EmbeddingsURL        string          `name:"embeddings-url" env:"LEADLINE_EMBEDDINGS_URL" help:"Address, with /v1, of an endpoint with OpenAI's API of embeddings. Default: none, searches are by words alone."`
	EmbeddingsKey        recorder.Secret `name:"embeddings-key" env:"LEADLINE_EMBEDDINGS_KEY" help:"Its API key. Better in the environment, or in a file."`
	EmbeddingsKeyFile    string          `name:"embeddings-key-file" env:"LEADLINE_EMBEDDINGS_KEY_FILE" type:"path" help:"File that holds it."`
	EmbeddingsModel      string          `name:"embeddings-model" env:"LEADLINE_EMBEDDINGS_MODEL" help:"Name of the model for what was said. Another one embeds everything anew, and is used when that is done."`
	EmbeddingsQueryModel string          `name:"embeddings-query-model" env:"LEADLINE_EMBEDDINGS_QUERY_MODEL" help:"Name of the model for what is asked. Default: the same."`
	EmbeddingsDimension  int             `name:"embeddings-dimension" env:"LEADLINE_EMBEDDINGS_DIMENSION" help:"How many numbers a vector of the model has."`
	EmbeddingsPerSecond  float64         `name:"embeddings-per-second" env:"LEADLINE_EMBEDDINGS_PER_SECOND" default:"10" help:"Requests that the endpoint takes; 0 is no limit."`
	EmbeddingsBatch      int             `name:"embeddings-batch" env:"LEADLINE_EMBEDDINGS_BATCH" default:"16" help:"Texts of a request, at most 16."`
	EmbeddingsTimeout    time.Duration   `name:"embeddings-timeout" env:"LEADLINE_EMBEDDINGS_TIMEOUT" default:"30s" help:"How long a request may take."`
}

// Validate names the flag that is wrong.
func (f *embeddingFlags) Validate() error {
	if f.EmbeddingsURL == "" {
		if f.EmbeddingsModel != "" {
			return errors.New("--embeddings-model wants --embeddings-url")
		}
		return nil
	}
	switch {
	case f.EmbeddingsModel == "":
		return errors.New("--embeddings-url wants --embeddings-model")
	case f.EmbeddingsDimension < 1 || f.EmbeddingsDimension > 4096: // what Elasticsearch takes
		return fmt.Errorf("--embeddings-dimension=%d: want 1 to 4096", f.EmbeddingsDimension)
	case f.EmbeddingsPerSecond < 0:
		return fmt.Errorf("--embeddings-per-second=%v: want 0 or more", f.EmbeddingsPerSecond)
	case f.EmbeddingsBatch < 1 || f.EmbeddingsBatch > 16:
		return fmt.Errorf("--embeddings-batch=%d: want 1 to 16", f.EmbeddingsBatch)
	case f.EmbeddingsTimeout <= 0 || f.EmbeddingsTimeout > 30*time.Second:
		return fmt.Errorf("--embeddings-timeout=%v: want more than 0 and at most 30s", f.EmbeddingsTimeout)
	case f.EmbeddingsKey.Reveal() != "" && f.EmbeddingsKeyFile != "":
		return errors.New("LEADLINE_EMBEDDINGS_KEY and LEADLINE_EMBEDDINGS_KEY_FILE are both set")
	}
	if _, err := embedding.NewEndpoint(embedding.EndpointOptions{URL: f.EmbeddingsURL}); err != nil {
		return fmt.Errorf("--embeddings-url %w", err)
	}
	return nil
}

// embeddings are what a process does with the model.
type embeddings struct {
	space     embedding.Space
	endpoint  *embedding.Endpoint
	metrics   *embedding.Metrics
	questions *embedding.Questions
}

// open connects to nothing yet; it returns nil where no endpoint is configured.
func (f *embeddingFlags) open(p *plant) (*embeddings, error) {
	if f.EmbeddingsURL == "" {
		return nil, nil
	}
	key := f.EmbeddingsKey.Reveal()
	if f.EmbeddingsKeyFile != "" {
		raw, err := os.ReadFile(f.EmbeddingsKeyFile)
		if err != nil {
			return nil, &usageError{fmt.Errorf("LEADLINE_EMBEDDINGS_KEY_FILE: %w", err)}
		}
		key = strings.TrimSpace(string(raw))
	}
	e := &embeddings{
		space:   embedding.Space{Model: f.EmbeddingsModel, QueryModel: f.EmbeddingsQueryModel, Dimension: f.EmbeddingsDimension},
		metrics: embedding.NewMetrics(p.registry),
	}
	if e.space.QueryModel == "" {
		e.space.QueryModel = f.EmbeddingsModel
	}
	transport, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return nil, errors.New("net/http's default transport is another's")
	}
	var err error
	e.endpoint, err = embedding.NewEndpoint(embedding.EndpointOptions{
		URL: f.EmbeddingsURL, Key: key, PerSecond: f.EmbeddingsPerSecond, Batch: f.EmbeddingsBatch,
		Client: &http.Client{
			Timeout: f.EmbeddingsTimeout, Transport: transport.Clone(),
			// A key does not follow where an endpoint points to.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	})
	if err != nil {
		return nil, &usageError{fmt.Errorf("--embeddings-url %w", err)}
	}
	e.questions = embedding.NewQuestions(e.endpoint, e.metrics, p.log)
	return e, nil
}

// roles carry vectors into the store; none where there are no embeddings.
func (e *embeddings) roles(p *plant, sinks *sink.Metrics, name string, store embedding.Store) []boot.Role {
	if e == nil {
		return nil
	}
	c := &embedding.Carrier{
		Name: name, Space: e.space, Store: store, Endpoint: e.endpoint, Codec: p.codec, Metrics: e.metrics, Sinks: sinks, Log: p.log,
		MostRejected: p.mostRejected,
	}
	return []boot.Role{{Name: name, Run: func(ctx context.Context) error { return c.Run(ctx, p.kafka...) }}}
}

// ask makes searches of a store use vectors, where there are any.
func (e *embeddings) ask(store interface{ Embed(q embedding.Asker) }) {
	if e != nil {
		store.Embed(e.questions)
	}
}

// embed gives all entries of a store their vectors, without Kafka.
func (e *embeddings) embed(ctx context.Context, p *plant, store *embedded.Store) error {
	if e == nil {
		return nil
	}
	e.ask(store)
	if _, err := store.BeginVectors(ctx, e.space); err != nil {
		return err
	}
	c := &embedding.Carrier{Name: "eval", Space: e.space, Store: store, Endpoint: e.endpoint, Metrics: e.metrics, Log: p.log}
	if err := eachMeeting(ctx, store, func(b sink.Batch[schemas.Entry]) error { return c.Write(ctx, b) }); err != nil {
		return err
	}
	return store.ServeVectors(ctx, e.space)
}

// copy takes the vectors of entries from one store to another.
func (e *embeddings) copy(ctx context.Context, from, to embedding.Store, b sink.Batch[schemas.Entry]) error {
	if e == nil {
		return nil
	}
	if _, err := to.BeginVectors(ctx, e.space); err != nil {
		return err
	}
	digests := make([]string, len(b))
	for i, r := range b {
		digests[i] = embedding.Digest(r.Value.Text)
	}
	known, err := from.KnownVectors(ctx, e.space, digests)
	if err != nil {
		return err
	}
	var all []embedding.Vector
	for i, r := range b {
		if v := known[digests[i]]; v != nil {
			all = append(all, embedding.Vector{Key: r.Key, Version: r.Version, Entry: r.Value, Digest: digests[i], Values: v})
		}
	}
	return to.PutVectors(ctx, e.space, all)
}

// serve makes a store search by what was copied.
func (e *embeddings) serve(ctx context.Context, to embedding.Store) error {
	if e == nil {
		return nil
	}
	return to.ServeVectors(ctx, e.space)
}
