package elasticsearch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
)

// operation is one item of a bulk request.
type operation struct {
	row   int    // index of what it comes from
	lines []byte // the action and, unless it deletes, the document
}

// action is the first line of an item.
type action struct {
	ID          string `json:"_id"`
	Routing     string `json:"routing"`
	Version     int64  `json:"version"`
	VersionType string `json:"version_type"`
}

// put writes the document unless what is there has its version or a higher one.
func put(row int, d document, version int64) (operation, error) {
	return encode(row, "index", action{documentID(d.key()), d.Org, version, "external"}, d)
}

func encode(row int, verb string, a action, d any) (operation, error) {
	var b bytes.Buffer
	to := json.NewEncoder(&b) // ends each value with a line feed
	to.SetEscapeHTML(false)
	if err := to.Encode(map[string]action{verb: a}); err != nil {
		return operation{}, err
	}
	if d != nil {
		if err := to.Encode(d); err != nil {
			return operation{}, err
		}
	}
	return operation{row: row, lines: b.Bytes()}, nil
}

// atOnce is how many requests are under way: while a node's one processor is
// at the first, another one reads and answers the second.
const atOnce = 2

// worthwhile is the least body for which a request of its own is sent.
const worthwhile = 64 << 10

// bulk carries out the operations in as many requests as their size wants, and
// returns the rows that can never be stored. After an error the same may come
// again: what was done is older or equal then.
func (s *Store) bulk(ctx context.Context, target string, all []operation) (map[int]*fault, error) {
	total := 0
	for _, op := range all {
		total += len(op.lines)
	}
	limit := min(s.options.BulkBytes, max(worthwhile, total/atOnce+1))
	var (
		refused = refusals{of: make(map[int]*fault)}
		sending errgroup.Group
	)
	sending.SetLimit(atOnce)
	for len(all) > 0 {
		n, size := 0, 0
		for n < len(all) && (n == 0 || size+len(all[n].lines) <= limit) {
			size += len(all[n].lines)
			n++
		}
		part := all[:n]
		sending.Go(func() error { return s.request(ctx, target, part, &refused) })
		all = all[n:]
	}
	if err := sending.Wait(); err != nil {
		return nil, err
	}
	return refused.of, nil
}

// refusals are of the requests of a batch.
type refusals struct {
	mu sync.Mutex
	of map[int]*fault
}

func (r *refusals) add(row int, f *fault) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.of[row] = f
}

// request sends some operations as one request. Where that is more than a node
// or a proxy takes, it sends the halves.
func (s *Store) request(ctx context.Context, target string, ops []operation, refused *refusals) error {
	var body bytes.Buffer
	for _, op := range ops {
		body.Write(op.lines)
	}
	var answer struct {
		Items []map[string]struct {
			Status int
			Error  *fault
		}
	}
	err := s.send(ctx, maxAnswerBytes, http.MethodPost, "/"+target+"/_bulk", url.Values{
		"filter_path": {"items.*.status,items.*.error"},
		// Without its alias a write would create an index of the alias's name.
		"require_alias": {fmt.Sprint(target == s.writeAlias())},
	}, body.Bytes(), &answer)
	var f *fault
	switch {
	case errors.As(err, &f) && f.Status == http.StatusRequestEntityTooLarge && len(ops) > 1:
		half := len(ops) / 2
		if err := s.request(ctx, target, ops[:half], refused); err != nil {
			return err
		}
		return s.request(ctx, target, ops[half:], refused)
	case errors.As(err, &f) && f.Status == http.StatusRequestEntityTooLarge:
		refused.add(ops[0].row, f)
		return nil
	case err != nil:
		return fmt.Errorf("writing %d documents: %w", len(ops), err)
	case len(answer.Items) != len(ops):
		return fmt.Errorf("elasticsearch answered to %d of %d documents", len(answer.Items), len(ops))
	}
	var again []error
	for i, item := range answer.Items {
		for _, result := range item { // its one key is the verb
			f := result.Error
			if f == nil {
				f = &fault{}
			}
			f.Status = result.Status
			switch f.verdict() {
			case done:
			case never:
				refused.add(ops[i].row, f)
			case later:
				again = append(again, f)
			}
		}
	}
	if len(again) > 0 {
		return fmt.Errorf("writing %d of %d documents: %w", len(again), len(ops), again[0])
	}
	return nil
}

type verdict int

const (
	later verdict = iota
	done
	never
)

// verdict sorts what became of an item. What is not known to be the document's
// fault is tried again: a dead letter wants a person, a repetition does not.
func (f *fault) verdict() verdict {
	switch {
	case f.Type == "" && f.Status < http.StatusMultipleChoices && f.Status > 0:
		return done
	case f.Type == "" && f.Status == http.StatusNotFound: // a delete of what is gone
		return done
	case f.Status == http.StatusConflict: // this version or a newer one is there
		return done
	case f.Status == http.StatusRequestEntityTooLarge:
		return never
	case f.Status != http.StatusBadRequest:
		return later // 403 for a blocked index, 404 for a missing one, 429, 5xx
	}
	switch f.Type {
	case "mapper_parsing_exception", "document_parsing_exception":
		return never
	case "illegal_argument_exception":
		// The same type says that an alias has no index to write to. Lucene takes
		// terms of up to 32,766 bytes.
		if strings.Contains(f.Reason, "immense term") {
			return never
		}
	}
	return later // strict_dynamic_mapping_exception too: the index is of another build
}
