package elasticsearch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"leadline/schemas"
	"leadline/sinks/passage"
	"leadline/sinks/sink"
)

const (
	// weightTitle: a title is repeated in every entry of its meeting. A word in
	// it says which meeting, but not which passage.
	weightTitle = "title^0.4"

	// weightAsking is what a word counts that only asks.
	weightAsking = 0.5
	// weightMeeting is what a passage gets of the score of its meeting's summary.
	weightMeeting = 1.0
	// pool is how many chunks passages are made of, summaries how many meetings
	// may lift theirs.
	pool      = 400
	summaries = 200

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
	about, asks := passage.Split(clipped(q.Text))
	anyIn := func(fields []string) object {
		return anyOf([]object{wordsOf(about, 1, fields, options), wordsOf(asks, weightAsking, fields, options)})
	}
	end := passage.Part(ctx, "words")
	found, err := s.rank(ctx, q, eachOf(about, asks, searched(), options), anyIn(searched()))
	end()
	if err != nil {
		return nil, fmt.Errorf("searching: %w", err)
	}
	end = passage.Part(ctx, "passages")
	page, err := passage.Page(passage.Rank(found.chunks, found.meetings), q.After, q.Limit)
	end()
	if err != nil {
		return nil, err
	}
	defer passage.Part(ctx, "reading and marks")()
	fields := found.fields(page)
	hits, err := s.hits(ctx, q, anyIn(fields), fields, page)
	if err != nil {
		return nil, fmt.Errorf("reading what was found: %w", err)
	}
	return hits, nil
}

func anyOf(queries []object) object {
	return object{"bool": object{"minimum_should_match": 1, "should": queries}}
}

// eachOf asks for the words one by one, by numbers that a hit's Parts go by. The
// sum is the same as of all at once.
func eachOf(about, asks string, fields []string, options object) object {
	var each []object
	add := func(text string, boost float64) {
		for _, word := range strings.Fields(text) {
			match := maps.Clone(options)
			match["_name"] = strconv.Itoa(len(each))
			each = append(each, wordsOf(word, boost, fields, match))
		}
	}
	add(about, 1)
	add(asks, weightAsking)
	return anyOf(each)
}

func wordsOf(text string, boost float64, fields []string, options object) object {
	match := object{"query": text, "type": "most_fields", "fields": fields, "boost": boost}
	for k, v := range options {
		match[k] = v
	}
	return object{"multi_match": match}
}

// ranked is what passages are made of.
type ranked struct {
	chunks   []passage.Chunk
	meetings map[string]float64 // scores of summaries
	field    map[chunkID]string // of the tongue that the chunk's text is in
}

type chunkID struct{ meeting, entry string }

// fields are those that the passages' texts are in. To mark words in all of the
// languages' fields takes twice as long, and the chunks of a transcript are in
// one language.
func (r ranked) fields(passages []passage.Passage) []string {
	in := make(map[string]bool)
	for _, p := range passages {
		for _, entry := range p.Entries {
			if field, found := r.field[chunkID{p.Meeting, entry}]; found {
				in["text."+field] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(in))
}

// rank asks for chunks and summaries at once, and which of those that are near
// are in the scope still: their vectors may be older than they.
func (s *Store) rank(ctx context.Context, q schemas.SearchQuery, each, words object) (ranked, error) {
	sums := schemas.SearchQuery{Scope: q.Scope, Text: q.Text, Kinds: []string{schemas.EntrySummary}}
	near, err := s.near(ctx, part{pool, q})
	if err != nil {
		return ranked{}, err
	}
	bodies := []object{ranking(part{pool, q}, each), ranking(part{summaries, sums}, words)}
	if near != nil {
		bodies = append(bodies, ranking(part{pool, q}, near.still()))
	}
	answers, err := s.several(ctx, s.readAlias(), q.Scope.Org, bodies)
	if err != nil {
		return ranked{}, err
	}
	found := ranked{meetings: make(map[string]float64), field: make(map[chunkID]string)}
	lists := make([][]passage.Chunk, len(answers))
	for i, a := range answers {
		var cosines map[string]float64
		if i >= 2 {
			cosines = near.cosines
		}
		if lists[i], err = found.read(a, cosines); err != nil {
			return ranked{}, err
		}
	}
	found.chunks = passage.Heard(q.Text, lists[0])
	for _, c := range lists[1] {
		found.meetings[c.Meeting] = weightMeeting * c.Score
	}
	if near != nil {
		found.chunks, found.meetings = passage.Fuse(found.chunks, lists[2], found.meetings)
	}
	return found, nil
}

// part is one of several searches that belong together.
type part struct {
	size  int
	query schemas.SearchQuery
}

// ranking tells which entries it finds from columns alone: to read some hundred
// documents for it, be it for their ids, takes longer than to find them.
func ranking(p part, must object) object {
	return object{
		"size": p.size, "track_total_hits": false, "stored_fields": "_none_",
		"query":           object{"bool": object{"filter": matching(p.query), "must": must}},
		"sort":            []object{{"_score": "desc"}, {"id": "asc"}, {"meeting_id": "asc"}},
		"docvalue_fields": []string{"language", "voices"},
	}
}

// read is what a search found, with its scores, or with those that are given by
// document.
func (r ranked) read(a searchAnswer, scores map[string]float64) ([]passage.Chunk, error) {
	all := make([]passage.Chunk, len(a.Hits.Hits))
	for i, d := range a.Hits.Hits {
		c := &all[i]
		if err := json.Unmarshal(d.Sort, &[]any{&c.Score, &c.Entry, &c.Meeting}); err != nil {
			return nil, fmt.Errorf("decoding what a hit is: %w", err)
		}
		r.field[chunkID{c.Meeting, c.Entry}] = fieldOf(strings.Join(d.Fields.Language, ""))
		c.Parts, c.Voices = partsOf(d.Words), d.Fields.Voices
		if scores != nil {
			c.Score = scores[documentID(schemas.EntryKey(c.Meeting, c.Entry))]
		}
	}
	return all, nil
}

// partsOf are the scores by words; those of the highest numbers may be missing.
func partsOf(words map[string]float64) []float64 {
	var parts []float64
	for name, score := range words {
		n, err := strconv.Atoi(name)
		if err != nil || n < 0 || n >= maxTerms {
			continue
		}
		for len(parts) <= n {
			parts = append(parts, 0)
		}
		parts[n] = score
	}
	return parts
}

// several asks more than one search of an index with one request.
func (s *Store) several(ctx context.Context, index, org string, bodies []object) ([]searchAnswer, error) {
	var body bytes.Buffer
	to := json.NewEncoder(&body)
	for _, b := range bodies {
		header := object{"index": index}
		for name, values := range of(org) {
			header[name] = values[0]
		}
		if err := errors.Join(to.Encode(header), to.Encode(b)); err != nil {
			return nil, err
		}
	}
	var answer struct {
		Responses []struct {
			searchAnswer
			Status int
			Error  *fault
		}
	}
	// What it says of each hit beside these is as much again.
	only := url.Values{
		"include_named_queries_score": {"true"},
		"filter_path": {"responses.status,responses.error,responses.hits.hits._score,responses.hits.hits.sort," +
			"responses.hits.hits.fields,responses.hits.hits.matched_queries"},
	}
	if err := s.send(ctx, maxAnswerBytes, http.MethodPost, "/_msearch", only, body.Bytes(), &answer); err != nil {
		return nil, err
	}
	if len(answer.Responses) != len(bodies) {
		return nil, fmt.Errorf("elasticsearch answered %d of %d searches", len(answer.Responses), len(bodies))
	}
	all := make([]searchAnswer, len(bodies))
	for i, r := range answer.Responses {
		if r.Error != nil {
			r.Error.Status = r.Status
			return nil, r.Error
		}
		all[i] = r.searchAnswer
	}
	return all, nil
}

// hits reads the passages, and marks the words in those fields; the neighbours
// in them need not have the words.
func (s *Store) hits(ctx context.Context, q schemas.SearchQuery, words object, fields []string, passages []passage.Passage) ([]schemas.Hit, error) {
	var ids []string
	for _, p := range passages {
		for _, entry := range p.Entries {
			ids = append(ids, documentID(schemas.EntryKey(p.Meeting, entry)))
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	marked := object{}
	for _, f := range fields {
		marked[f] = object{}
	}
	var found searchAnswer
	err := s.ask(ctx, http.MethodPost, "/"+s.readAlias()+"/_search", of(q.Scope.Org), object{
		"size": len(ids), "version": true, "track_total_hits": false,
		"query": object{"bool": object{"filter": append(matching(q), object{"ids": object{"values": ids}}), "should": words}},
		"sort":  []string{"_doc"},
		"highlight": object{
			"type": "unified", "number_of_fragments": 0, "max_analyzed_offset": maxMarkedChars,
			"pre_tags": []string{s.opening}, "post_tags": []string{s.closing},
			"fields": marked,
		},
	}, &found)
	if err != nil {
		return nil, err
	}
	read := make(map[string]schemas.Hit)
	for _, h := range s.decoded(found) {
		read[schemas.EntryKey(h.Entry.MeetingID, h.Entry.ID)] = h
	}
	hits := make([]schemas.Hit, 0, len(passages))
	for _, p := range passages {
		var parts []schemas.Hit
		for _, entry := range p.Entries {
			if h, there := read[schemas.EntryKey(p.Meeting, entry)]; there {
				parts = append(parts, h)
			}
		}
		if len(parts) == 0 {
			continue // it went between the two requests
		}
		hits = append(hits, p.Hit(parts))
	}
	return hits, nil
}

// decoded are the documents of an answer with their marks.
func (s *Store) decoded(found searchAnswer) []schemas.Hit {
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
