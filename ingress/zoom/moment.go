package zoom

import (
	"encoding/json"
	"time"
)

// moment is a time of an answer, zero where it cannot be read. As a time.Time it would end the reading of what it is in,
// and what stands behind it would be lost: the id, or the address of a file.
type moment struct{ time.Time }

// UnmarshalJSON takes everything.
func (m *moment) UnmarshalJSON(raw []byte) error {
	var t time.Time
	if json.Unmarshal(raw, &t) == nil {
		m.Time = t
	}
	return nil
}
