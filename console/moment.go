package console

import "time"

const momentForms = "A time as in 2026-03-02T09:00:00Z, or a day as in 2026-03-02, which is its beginning in UTC."

// ParseMoment reads a time that narrows a search: RFC 3339, or a day. No text is
// the zero time. The field is what an *schemas.InvalidQuery names.
func ParseMoment(field, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, form := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(form, text); err == nil {
			return at.UTC(), nil
		}
	}
	return time.Time{}, invalid(field, "%.40q is neither a time as in 2026-03-02T09:00:00Z nor a day as in 2026-03-02", text)
}
