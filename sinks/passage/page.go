package passage

import (
	"encoding/base64"
	"encoding/json"
	"slices"

	"leadline/schemas"
)

// position is where in the order of Rank a passage stands.
type position struct {
	Score   float64  `json:"s"`
	Entries []string `json:"e"`
	Meeting string   `json:"m"`
}

// Cursor says where the passage stands, for Page.
func (p Passage) Cursor() string {
	raw, err := json.Marshal(position{p.Score, p.Entries, p.Meeting})
	if err != nil {
		return "" // a score that is no number
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// Page returns the passages behind the cursor; from the first, where it is
// empty. It says where to go on, not what was seen: where entries changed
// meanwhile, a page may repeat what an earlier one had.
func Page(all []Passage, after string, limit int) ([]Passage, error) {
	if after != "" {
		raw, err := base64.RawURLEncoding.DecodeString(after)
		var at position
		if err == nil {
			err = json.Unmarshal(raw, &at)
		}
		if err != nil || len(at.Entries) == 0 {
			return nil, &schemas.InvalidQuery{Field: "after", Problem: "is no cursor of a search"}
		}
		last := Passage{Meeting: at.Meeting, Entries: at.Entries, Score: at.Score}
		from := slices.IndexFunc(all, func(p Passage) bool { return compare(p, last) > 0 })
		if from < 0 {
			return nil, nil
		}
		all = all[from:]
	}
	return all[:min(len(all), limit)], nil
}
