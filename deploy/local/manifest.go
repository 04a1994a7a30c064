package local

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/twmb/avro"
)

// manifest is the checked list of schemas, by subject and in the order of their versions.
type manifest map[string][]manifestEntry

type manifestEntry struct {
	Schema
	compact string // the text without white space, by which equal schemas are found
	parsed  *avro.Schema
}

// newManifest refuses a list that was not only appended to: consumers find the schema of a record by its id, for as long as the
// record exists.
func newManifest(schemas []Schema) (manifest, error) {
	m := make(manifest)
	owner := make(map[int]Schema)
	for _, s := range schemas {
		name := fmt.Sprintf("subject %q version %d", s.Subject, s.Version)
		if s.Subject == "" || s.ID < 1 {
			return nil, fmt.Errorf("%s with id %d: needs a subject, and an id from 1", name, s.ID)
		}
		if other, taken := owner[s.ID]; taken {
			return nil, fmt.Errorf("%s: id %d already belongs to subject %q version %d", name, s.ID, other.Subject, other.Version)
		}
		owner[s.ID] = s
		parsed, err := avro.Parse(s.Text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		compact, err := compactJSON(s.Text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		m[s.Subject] = append(m[s.Subject], manifestEntry{s, compact, parsed})
	}
	for subject, entries := range m {
		slices.SortStableFunc(entries, func(a, b manifestEntry) int { return a.Version - b.Version })
		for i, e := range entries {
			if e.Version != i+1 {
				return nil, fmt.Errorf("subject %q: version %d where version %d was expected; versions run from 1 without gaps",
					subject, e.Version, i+1)
			}
		}
	}
	return m, nil
}

func compactJSON(text string) (string, error) {
	var out bytes.Buffer
	if err := json.Compact(&out, []byte(text)); err != nil {
		return "", fmt.Errorf("schema is not JSON: %w", err)
	}
	return out.String(), nil
}
