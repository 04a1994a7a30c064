package sink

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"leadline/schemas"
)

// maxQueryBytes is some two hundred words: a question, not a document. Each
// word costs the store a list to merge.
const maxQueryBytes = 2 << 10

var (
	entryKinds = []string{schemas.EntryTranscript, schemas.EntrySummary, schemas.EntryActionItems, schemas.EntryDistilled}
	states     = []schemas.State{"", schemas.StateMatched, schemas.StateInternal, schemas.StateUnmatched, schemas.StateGrouped}
)

// CheckScope refuses a scope that names no organisation: a filter on nothing
// would be no filter. Its errors, and those of the others, are
// schemas.InvalidQuery.
func CheckScope(s schemas.Scope) error {
	if s.Org == "" {
		return &schemas.InvalidQuery{Field: "org", Problem: "is required"}
	}
	return nil
}

// CheckMeetings returns the query with its defaults filled in.
func CheckMeetings(q schemas.MeetingQuery) (schemas.MeetingQuery, error) {
	if err := CheckScope(q.Scope); err != nil {
		return q, err
	}
	if !slices.Contains(states, q.State) {
		return q, &schemas.InvalidQuery{Field: "state", Problem: fmt.Sprintf("%.40q is none of %q", q.State, states[1:])}
	}
	if q.Learning != "" && !slices.Contains(schemas.Learnings, q.Learning) {
		return q, &schemas.InvalidQuery{Field: "learning", Problem: fmt.Sprintf("%.40q is none of %q", q.Learning, schemas.Learnings)}
	}
	if q.Learning != "" && (q.Scope.Company != "" || q.Scope.EndUser != "") {
		return q, &schemas.InvalidQuery{Field: "learning", Problem: "is not within a customer's scope"}
	}
	if q.Provider != "" && q.Provider != schemas.Fathom && q.Provider != schemas.Zoom {
		return q, &schemas.InvalidQuery{Field: "recorder", Problem: fmt.Sprintf("%.40q is none of %q", q.Provider, []string{schemas.Fathom, schemas.Zoom})}
	}
	if !q.Until.IsZero() && !q.Since.Before(q.Until) {
		return q, &schemas.InvalidQuery{Field: "until", Problem: "is not after since"}
	}
	var err error
	q.Limit, err = limit(q.Limit, 50, 500)
	return q, err
}

// CheckSearch returns the query with its defaults filled in.
func CheckSearch(q schemas.SearchQuery) (schemas.SearchQuery, error) {
	if err := CheckScope(q.Scope); err != nil {
		return q, err
	}
	switch {
	case strings.TrimSpace(q.Text) == "":
		return q, &schemas.InvalidQuery{Field: "q", Problem: "is empty"}
	case len(q.Text) > maxQueryBytes:
		return q, &schemas.InvalidQuery{Field: "q", Problem: fmt.Sprintf("has %d bytes, of at most %d", len(q.Text), maxQueryBytes)}
	}
	for _, k := range q.Kinds {
		if !slices.Contains(entryKinds, k) {
			return q, &schemas.InvalidQuery{Field: "kind", Problem: fmt.Sprintf("%.40q is none of %q", k, entryKinds)}
		}
	}
	for field, values := range map[string][]string{"provider": q.Providers, "speaker": q.Speakers, "company": q.Companies, "language": q.Languages} {
		if err := checkValues(field, values); err != nil {
			return q, err
		}
	}
	if !q.Since.IsZero() && !q.Until.IsZero() && !q.Since.Before(q.Until) {
		return q, &schemas.InvalidQuery{Field: "until", Problem: "is not after since"}
	}
	var err error
	q.Limit, err = limit(q.Limit, 10, 100)
	return q, err
}

// maxValues and maxValueBytes bound what a filter costs.
const (
	maxValues     = 100
	maxValueBytes = 1 << 10
)

func checkValues(field string, values []string) error {
	if len(values) > maxValues {
		return &schemas.InvalidQuery{Field: field, Problem: fmt.Sprintf("has %d values, of at most %d", len(values), maxValues)}
	}
	for _, v := range values {
		if v == "" || len(v) > maxValueBytes {
			return &schemas.InvalidQuery{Field: field, Problem: fmt.Sprintf("a value has %d bytes, want 1 to %d", len(v), maxValueBytes)}
		}
	}
	return nil
}

// Behind is where a page of hits begins: behind the hit of that time and key.
type Behind struct {
	At  int64 // ms since 1970
	Key string
}

// CheckRuleHits returns the query with its defaults filled in, and where its page
// begins.
func CheckRuleHits(q schemas.RuleHitQuery) (schemas.RuleHitQuery, Behind, error) {
	behind := Behind{At: math.MaxInt64}
	if err := CheckScope(schemas.Scope{Org: q.Org}); err != nil {
		return q, behind, err
	}
	if q.Effect != "" && !slices.Contains(schemas.HitEffects, q.Effect) {
		return q, behind, &schemas.InvalidQuery{Field: "effect", Problem: fmt.Sprintf("%.40q is none of %q", q.Effect, schemas.HitEffects)}
	}
	if q.Each < 0 {
		return q, behind, &schemas.InvalidQuery{Field: "each", Problem: fmt.Sprintf("%d is below 0", q.Each)}
	}
	if q.Before != "" {
		at, key, _ := strings.Cut(q.Before, "/")
		n, err := strconv.ParseInt(at, 10, 64)
		if err != nil || key == "" {
			return q, behind, &schemas.InvalidQuery{Field: "before", Problem: "is no cursor of a hit"}
		}
		behind = Behind{At: n, Key: key}
	}
	var err error
	q.Limit, err = limit(q.Limit, 50, 500)
	return q, behind, err
}

// CheckDirectory returns the query with its defaults filled in.
func CheckDirectory(q schemas.DirectoryQuery) (schemas.DirectoryQuery, error) {
	if err := CheckScope(schemas.Scope{Org: q.Org}); err != nil {
		return q, err
	}
	if !slices.Contains(schemas.DirectorySorts, q.Sort) {
		return q, &schemas.InvalidQuery{Field: "sort", Problem: fmt.Sprintf("%.40q is none of %q", q.Sort, schemas.DirectorySorts)}
	}
	var err error
	q.Limit, err = limit(q.Limit, 100, 1000)
	return q, err
}

func limit(asked, unasked, most int) (int, error) {
	if asked == 0 {
		return unasked, nil
	}
	if asked < 0 || asked > most {
		return 0, &schemas.InvalidQuery{Field: "limit", Problem: fmt.Sprintf("%d is not between 1 and %d", asked, most)}
	}
	return asked, nil
}
