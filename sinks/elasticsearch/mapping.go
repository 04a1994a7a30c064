package elasticsearch

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
)

// object is a JSON object. Its keys are encoded in order, so that equal ones
// have equal hashes.
type object = map[string]any

// indexSchema is what a document may hold and how it is analysed.
type indexSchema struct {
	mappings, analysis object
	hash               string // of both: part of the names of the indices
}

func newIndexSchema(more object) (indexSchema, error) {
	s := indexSchema{mappings: mappings(more), analysis: analysis()}
	raw, err := json.Marshal([]any{s.mappings, s.analysis})
	if err != nil {
		return s, fmt.Errorf("encoding the mapping: %w", err)
	}
	sum := sha256.Sum256(raw)
	s.hash = hex.EncodeToString(sum[:4])
	return s, nil
}

func mappings(more object) object {
	keyword, number := object{"type": "keyword"}, object{"type": "integer"}
	milliseconds, date := object{"type": "long"}, object{"type": "date"}
	// Returned and never looked for, so of any length.
	kept := object{"type": "keyword", "index": false, "doc_values": false}

	texts := object{}
	for _, t := range tongues {
		texts[t.field] = text(t)
	}
	fields := object{
		"id": keyword, "meeting_id": keyword, "org": keyword, "provider": keyword, "recording_id": keyword,
		"kind": keyword, "distilled": keyword, "speakers": keyword, "voices": keyword, "language": keyword,
		"state": keyword, "companies": keyword, "end_users": keyword,
		"turn_first": number, "turn_last": number, "start_ms": milliseconds, "end_ms": milliseconds,
		"meeting_at": date, "url": kept, "verbatim": kept,
		"title":   text(tongues[0]),
		"text":    object{"type": "object", "dynamic": "strict", "properties": texts},
		"deleted": object{"type": "boolean"}, "deleted_at": date,
	}
	maps.Copy(fields, more)
	return object{
		// A field that is not here is a build that differs from the index: better
		// an error than a guess at its type that stays for ever.
		"dynamic": "strict",
		// A document written without its organisation would lie in another shard,
		// and could be there in two versions.
		"_routing":   object{"required": true},
		"_meta":      object{"written_by": "leadline"},
		"properties": fields,
	}
}

func text(t tongue) object {
	return object{"type": "text", "analyzer": t.stored(), "search_analyzer": t.asked()}
}

// settings of a new index.
func (s *Store) settings() object {
	return object{
		"number_of_shards": s.options.Shards, "number_of_replicas": s.options.Replicas,
		// The default too, but said: an index that leaves it unsaid stops refreshing
		// when nobody searches, and then the first search waits.
		"refresh_interval": "1s",
		"analysis":         s.schema.analysis,
	}
}
