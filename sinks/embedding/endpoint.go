package embedding

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/time/rate"

	"leadline/schemas"
)

// Endpoint is a server with OpenAI's API of embeddings
// (https://platform.openai.com/docs/api-reference/embeddings).
type Endpoint struct {
	url     string
	key     string
	client  *http.Client
	limiter *rate.Limiter
	batch   int
}

// EndpointOptions say where it is and how much it takes.
type EndpointOptions struct {
	URL       string       // with /v1
	Key       string       // empty where it wants none
	PerSecond float64      // requests; 0 is no limit
	Batch     int          // texts of a request
	Client    *http.Client // with a time-out
}

// NewEndpoint checks the options. It does not connect.
func NewEndpoint(o EndpointOptions) (*Endpoint, error) {
	u, err := url.Parse(o.URL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, errors.New("is no http or https address") // which may hold a password
	}
	limit := rate.Inf
	if o.PerSecond > 0 {
		limit = rate.Limit(o.PerSecond)
	}
	return &Endpoint{
		url: strings.TrimSuffix(o.URL, "/") + "/embeddings", key: o.Key, client: o.Client,
		limiter: rate.NewLimiter(limit, 1), batch: max(o.Batch, 1),
	}, nil
}

// Refused says that the endpoint will never take this text.
type Refused struct {
	Status int
	Reason string // as the endpoint said, shortened and escaped
}

func (r *Refused) Error() string {
	return fmt.Sprintf("the endpoint answered %d: %s", r.Status, r.Reason)
}

// Embed returns a vector of length 1 for each text, by the model. Its errors
// are *Refused, and others that may pass.
func (e *Endpoint) Embed(ctx context.Context, model string, dimension int, texts []string) ([][]float32, error) {
	var all [][]float32
	for len(texts) > 0 {
		n := min(len(texts), e.batch)
		some, err := e.request(ctx, model, dimension, texts[:n])
		if err != nil {
			return nil, err
		}
		all, texts = append(all, some...), texts[n:]
	}
	return all, nil
}

// maxNumberBytes is of one number in JSON, with its comma.
const maxNumberBytes = 32

func (e *Endpoint) request(ctx context.Context, model string, dimension int, texts []string) ([][]float32, error) {
	if err := e.limiter.Wait(ctx); err != nil {
		return nil, fmt.Errorf("waiting for the endpoint's turn: %w", err)
	}
	body, err := json.Marshal(map[string]any{"model": model, "input": texts, "encoding_format": "float"})
	if err != nil {
		return nil, fmt.Errorf("encoding a request: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("making a request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	if e.key != "" {
		req.Header.Set("Authorization", "Bearer "+e.key)
	}
	res, err := e.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("asking for embeddings: %w", err)
	}
	defer res.Body.Close()
	limit := int64(len(texts))*int64(dimension+64)*maxNumberBytes + 64<<10
	raw, err := io.ReadAll(io.LimitReader(res.Body, limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading embeddings: %w", err)
	case res.StatusCode != http.StatusOK:
		return nil, trouble(res.StatusCode, raw)
	case int64(len(raw)) > limit:
		return nil, fmt.Errorf("the endpoint answered with more than %d bytes: is the dimension %d?", limit, dimension)
	}
	return decode(raw, len(texts), dimension)
}

// trouble sorts errors. A key or a name that is wrong is put right by a person,
// and the same texts are taken then.
func trouble(status int, raw []byte) error {
	reason := schemas.Excerpt(string(raw[:min(len(raw), 300)]))
	switch status {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		return &Refused{Status: status, Reason: reason}
	}
	return fmt.Errorf("the endpoint answered %d: %s", status, reason)
}

func decode(raw []byte, n, dimension int) ([][]float32, error) {
	var answer struct {
		Data []struct {
			Index     *int      `json:"index"`
			Embedding []float32 `json:"embedding"`
		} `json:"data"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return nil, fmt.Errorf("decoding embeddings: %w", err)
	}
	if len(answer.Data) != n {
		return nil, fmt.Errorf("the endpoint answered %d embeddings for %d texts", len(answer.Data), n)
	}
	all := make([][]float32, n)
	for i, d := range answer.Data {
		at := i
		if d.Index != nil {
			at = *d.Index
		}
		if at < 0 || at >= n || all[at] != nil {
			return nil, fmt.Errorf("the endpoint answered twice or never for text %d", at)
		}
		if len(d.Embedding) != dimension {
			return nil, fmt.Errorf("an embedding has %d numbers, and the dimension is said to be %d", len(d.Embedding), dimension)
		}
		if !unit(d.Embedding) {
			return nil, &Refused{Status: http.StatusOK, Reason: "an embedding has no length"} // asked again, it has none either
		}
		all[at] = d.Embedding
	}
	return all, nil
}

// unit makes the vector's length 1; false where it has none.
func unit(v []float32) bool {
	sum := 0.0
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	length := math.Sqrt(sum)
	if length == 0 || math.IsNaN(length) || math.IsInf(length, 0) {
		return false
	}
	for i := range v {
		v[i] = float32(float64(v[i]) / length)
	}
	return true
}
