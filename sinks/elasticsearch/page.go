package elasticsearch

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
)

// page is how many documents are read at a time. Most are of 4 KB, and some of
// megabytes: a page of such is asked for again with half as many.
const page = 100

// pages reads documents in an order.
type pages struct {
	store *Store
	path  string
	query url.Values
	size  int             // of the next page
	after json.RawMessage // where it begins
	last  bool            // nothing comes behind the one before
}

func (s *Store) pages(path string, query url.Values) *pages {
	return &pages{store: s, path: path, query: query, size: page}
}

// next is the next page, which may be empty.
func (p *pages) next(ctx context.Context, body object) (found searchAnswer, err error) {
	body["version"], body["track_total_hits"] = true, false
	if p.after != nil {
		body["search_after"] = p.after
	}
	for {
		most := p.store.options.pageBytes
		if p.size == 1 {
			most = maxAnswerBytes
		}
		body["size"] = p.size
		var raw json.RawMessage
		err = p.store.asked(ctx, most, http.MethodPost, p.path, p.query, body, &raw)
		// The node, too, refuses to hold what would be too long.
		if p.size > 1 && (errors.Is(err, errTooLong) || isFault(err, "circuit_breaking_exception")) {
			p.size /= 2
			continue
		}
		if err == nil {
			err = decode(raw, &found)
		}
		if err != nil {
			return found, err
		}
		n := len(found.Hits.Hits)
		if p.last = n < p.size; !p.last {
			p.after = found.Hits.Hits[n-1].Sort
		}
		if len(raw) < most/4 {
			p.size = min(2*p.size, page)
		}
		return found, nil
	}
}
