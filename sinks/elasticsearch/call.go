package elasticsearch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// maxAnswerBytes bounds what one answer may cost in memory.
const maxAnswerBytes = 256 << 20

var errTooLong = errors.New("the answer is longer than is read")

// fault is an error that Elasticsearch answered, of a request or of one item.
type fault struct {
	Status int
	Type   string `json:"type"`
	Reason string `json:"reason"`
	Cause  *fault `json:"caused_by"`
}

// Error quotes the reason: it may repeat a part of the document.
func (f *fault) Error() string {
	s := fmt.Sprintf("elasticsearch answered %d %s: %.300q", f.Status, f.Type, f.Reason)
	if f.Cause != nil {
		s += fmt.Sprintf(", because of %s: %.300q", f.Cause.Type, f.Cause.Reason)
	}
	return s
}

// isFault says whether err is an answer of this type.
func isFault(err error, kind string) bool {
	var f *fault
	return errors.As(err, &f) && f.Type == kind
}

// ask sends a JSON body, or none where it is nil, and reads the answer into
// what into points at.
func (s *Store) ask(ctx context.Context, method, path string, query url.Values, body, into any) error {
	return s.asked(ctx, maxAnswerBytes, method, path, query, body, into)
}

// asked is ask for an answer of at most so many bytes.
func (s *Store) asked(ctx context.Context, most int, method, path string, query url.Values, body, into any) error {
	var raw []byte
	if body != nil {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			return fmt.Errorf("encoding a request: %w", err)
		}
	}
	return s.send(ctx, most, method, path, query, raw, into)
}

func (s *Store) send(ctx context.Context, most int, method, path string, query url.Values, body []byte, into any) error {
	req, err := http.NewRequestWithContext(ctx, method, path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("making a request: %w", err)
	}
	req.URL.RawQuery = query.Encode()
	if len(body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := s.client.Perform(req)
	if err != nil {
		return fmt.Errorf("asking elasticsearch: %w", err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, int64(most)+1))
	switch {
	case err != nil:
		return fmt.Errorf("reading an answer: %w", err)
	case len(raw) > most:
		return fmt.Errorf("elasticsearch answered with more than %d bytes: %w", most, errTooLong)
	case res.StatusCode >= http.StatusMultipleChoices:
		return refusal(res.StatusCode, raw)
	case into == nil:
		return nil
	}
	return decode(raw, into)
}

func decode(raw []byte, into any) error {
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("decoding an answer: %w", err)
	}
	return nil
}

// refusal reads what it can: a proxy in between answers with a page.
func refusal(status int, raw []byte) *fault {
	f := &fault{}
	var said struct{ Error json.RawMessage }
	if json.Unmarshal(raw, &said) != nil || json.Unmarshal(said.Error, f) != nil {
		f = &fault{Type: "without a type", Reason: string(raw[:min(len(raw), 300)])}
	}
	f.Status = status
	return f
}
