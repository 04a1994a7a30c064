package elasticsearch

import (
	"net/url"
	"strings"

	"leadline/schemas"
)

// within is THE scope: the filters that every read starts with. Customers see
// the entries of matched meetings that link to them; staff see those of all
// matched ones, and the others as Scope.States says.
func within(s schemas.Scope) []object {
	// The alias leaves tombstones out too. An alias that was made by hand may not.
	f := []object{is("deleted", false), is("org", s.Org)}
	if states := s.States(); states != nil {
		names := make([]string, len(states))
		for i, s := range states {
			names[i] = string(s)
		}
		f = append(f, isOneOf("state", names))
	}
	if s.Company != "" {
		f = append(f, is("companies", s.Company))
	}
	if s.EndUser != "" {
		f = append(f, is("end_users", s.EndUser))
	}
	return f
}

func is(field string, value any) object {
	return object{"term": object{field: object{"value": value}}}
}

func isOneOf(field string, values []string) object {
	return object{"terms": object{field: values}}
}

// whole makes an answer that lacks a shard an error. It would look like a
// whole one.
func whole() url.Values { return url.Values{"allow_partial_search_results": {"false"}} }

// of asks the organisation's shard only, and always the same copy of it: copies
// count deleted documents differently, and would order equal hits differently.
func of(org string) url.Values {
	v := whole()
	v.Set("preference", hashed(org))
	if !strings.Contains(org, ",") { // which separates two values
		v.Set("routing", org)
	}
	return v
}

// matching is the scope with what else an entry must be.
func matching(q schemas.SearchQuery) []object {
	f := within(q.Scope)
	for _, narrow := range []struct {
		field  string
		values []string
	}{{"kind", q.Kinds}, {"provider", q.Providers}, {"speakers", q.Speakers}, {"companies", q.Companies}} {
		if len(narrow.values) > 0 {
			f = append(f, isOneOf(narrow.field, narrow.values))
		}
	}
	if len(q.Languages) > 0 {
		var any []object
		for _, tag := range q.Languages {
			any = append(any, is("language", tag), object{"prefix": object{"language": object{"value": tag + "-"}}})
		}
		f = append(f, object{"bool": object{"should": any, "minimum_should_match": 1}})
	}
	during := object{}
	if !q.Since.IsZero() {
		during["gte"] = q.Since.UTC()
	}
	if !q.Until.IsZero() {
		during["lt"] = q.Until.UTC()
	}
	if len(during) > 0 {
		f = append(f, object{"range": object{"meeting_at": during}})
	}
	return f
}
