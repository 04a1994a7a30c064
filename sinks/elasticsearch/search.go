package elasticsearch

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"unicode"

	"leadline/schemas"
	"leadline/sinks/sink"
)

const (
	// weightTitle: a title is repeated in every entry of its meeting. A word in
	// it says which meeting, but not which passage.
	weightTitle = "title^0.4"

	// maxTerms bounds what one query merges: each term is looked for in some 17
	// fields, and 1024 clauses are the least that a node allows.
	maxTerms = 48

	// maxMarkedChars is how much of a text gets marks; an entry is some 2 KB.
	maxMarkedChars = 16 << 10
)

// Search returns the passages that hold any of the query's words, best first,
// of equally good ones by entry id. A query without any word finds nothing.
func (s *Store) Search(ctx context.Context, q schemas.SearchQuery) ([]schemas.Hit, error) {
	q, err := sink.CheckSearch(q)
	if err != nil {
		return nil, err
	}
	hits, err := s.search(ctx, q, object{})
	if err != nil || len(hits) > 0 {
		return hits, err
	}
	// Nothing but stop words was asked, perhaps: then they are what is meant.
	left, err := s.analyzed(ctx, q.Text)
	if err != nil || left > 0 {
		return nil, err
	}
	return s.search(ctx, q, object{"analyzer": tongues[0].stored()})
}

// search matches the text as words: nothing in it is read as a query.
func (s *Store) search(ctx context.Context, q schemas.SearchQuery, options object) ([]schemas.Hit, error) {
	match := object{"query": clipped(q.Text), "type": "most_fields", "fields": searched()}
	for k, v := range options {
		match[k] = v
	}
	filters := within(q.Scope)
	if len(q.Kinds) > 0 {
		filters = append(filters, isOneOf("kind", q.Kinds))
	}
	var found searchAnswer
	err := s.ask(ctx, http.MethodPost, "/"+s.readAlias()+"/_search", of(q.Scope.Org), object{
		"size": q.Limit, "version": true, "track_total_hits": false,
		"_source": object{"excludes": []string{"vector"}},
		"query":   object{"bool": object{"filter": filters, "must": object{"multi_match": match}}},
		"sort":    []object{{"_score": "desc"}, {"id": "asc"}, {"meeting_id": "asc"}},
		"highlight": object{
			"type": "unified", "number_of_fragments": 0, "max_analyzed_offset": maxMarkedChars,
			"pre_tags": []string{s.opening}, "post_tags": []string{s.closing},
			"fields": object{"text.*": object{}},
		},
	}, &found)
	if err != nil {
		return nil, fmt.Errorf("searching: %w", err)
	}
	return s.hits(found), nil
}

func (s *Store) hits(found searchAnswer) []schemas.Hit {
	hits := make([]schemas.Hit, len(found.Hits.Hits))
	for i, d := range found.Hits.Hits {
		hits[i] = schemas.Hit{Entry: d.Source.entry(), Version: uint64(d.Version), Score: d.Score} //nolint:gosec // was written from a uint64
		for _, marked := range d.Highlight {
			if len(marked) == 1 {
				hits[i].Marks = s.unmark(marked[0], d.Source.indexedText())
			}
		}
	}
	return hits
}

func searched() []string {
	fields := []string{weightTitle}
	for _, t := range tongues {
		fields = append(fields, "text."+t.field)
	}
	return fields
}

// analyzed counts the words that a query has beside its stop words.
func (s *Store) analyzed(ctx context.Context, text string) (int, error) {
	var said struct{ Tokens []struct{} }
	err := s.ask(ctx, http.MethodPost, "/"+s.readAlias()+"/_analyze", nil,
		object{"analyzer": tongues[0].asked(), "text": clipped(text)}, &said)
	if err != nil {
		return 0, fmt.Errorf("analysing a query: %w", err)
	}
	return len(said.Tokens), nil
}

// clipped is the first maxTerms different terms of a query: words, and single
// characters of scripts without spaces.
func clipped(query string) string {
	var kept strings.Builder
	seen := make(map[string]bool)
	terms := 0
	for _, word := range strings.Fields(query) {
		folded := strings.ToLower(word)
		if seen[folded] {
			continue
		}
		seen[folded] = true
		end, inside := len(word), false
		for i, r := range word {
			starts := false
			switch {
			case !unicode.In(r, unicode.L, unicode.N, unicode.M):
				inside = false
			case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul):
				starts, inside = true, false
			default:
				starts, inside = !inside, true
			}
			if !starts {
				continue
			}
			if terms == maxTerms {
				end = i
				break
			}
			terms++
		}
		kept.WriteString(word[:end])
		kept.WriteByte(' ')
		if end < len(word) {
			break
		}
	}
	return kept.String()
}
