package embedded

import (
	"strings"

	"leadline/schemas"
)

// filter is a condition and its arguments.
type filter struct {
	where string
	args  []any
}

func (f *filter) and(where string, args ...any) {
	f.where += " AND " + where
	f.args = append(f.args, args...)
}

// linked names a table whose rows have a scope, and the table of its links.
// The names are constants of this package.
type linked struct{ links, column, id, row string }

var (
	entryRows   = linked{links: "entry_links", column: "entry", id: "e.id", row: "e"}
	meetingRows = linked{links: "meeting_links", column: "meeting", id: "m.id", row: "m"}
)

// within is THE scope: every read of meetings and entries starts with it.
// Customers see matched meetings that link to them; staff see all matched
// ones, and the others as Scope.States says.
func (l linked) within(s schemas.Scope) filter {
	f := filter{where: l.row + ".live = 1 AND " + l.row + ".org = ?", args: []any{s.Org}}
	if states := s.States(); states != nil {
		f.and(l.row+".state IN (?, ?)", string(states[0]), string(states[len(states)-1]))
	}
	if s.Company != "" {
		l.linksTo(&f, schemas.SortCompany, s.Company)
	}
	if s.EndUser != "" {
		l.linksTo(&f, schemas.SortEndUser, s.EndUser)
	}
	return f
}

func (l linked) linksTo(f *filter, sort, customer string) {
	f.and(l.linkTo(), sort, customer)
}

func (l linked) linkTo() string {
	return "EXISTS (SELECT 1 FROM " + l.links + " l WHERE l." + l.column + " = " + l.id + " AND l.sort = ? AND l.customer = ?)"
}

// matching is the scope with what else an entry must be: one outside of it is
// never a candidate.
func matching(q schemas.SearchQuery) filter {
	f := entryRows.within(q.Scope)
	f.oneOf("e.kind = ?", q.Kinds)
	f.oneOf("e.provider = ?", q.Providers)
	f.oneOf("EXISTS (SELECT 1 FROM json_each(e.speakers) WHERE value = ?)", q.Speakers)
	if len(q.Companies) > 0 {
		any := filter{}
		for i, id := range q.Companies {
			if i > 0 {
				any.where += " OR "
			}
			any.where += entryRows.linkTo()
			any.args = append(any.args, schemas.SortCompany, id)
		}
		f.and("("+any.where+")", any.args...)
	}
	f.oneOf("instr(e.language || '-', ? || '-') = 1", q.Languages)
	if !q.Since.IsZero() {
		f.and("e.meeting_at >= ?", q.Since.UnixMilli())
	}
	if !q.Until.IsZero() {
		f.and("e.meeting_at < ?", q.Until.UnixMilli())
	}
	return f
}

// oneOf wants the condition for at least one of the values, where there are any.
func (f *filter) oneOf(condition string, values []string) {
	if len(values) == 0 {
		return
	}
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = v
	}
	f.and("("+strings.Repeat(condition+" OR ", len(values)-1)+condition+")", args...)
}

// narrowed is matching with where to begin when that leaves few entries: at the
// customer's links, which are in an index.
func narrowed(q schemas.SearchQuery) narrowing {
	n := narrowing{filter: matching(q), org: q.Scope.Org, groups: groupsOf(q.Kinds)}
	const links = `entry_links first CROSS JOIN entries e ON e.id = first.entry WHERE first.sort = ? AND first.customer = ?`
	switch {
	case q.Scope.EndUser != "":
		n.from, n.first = links, []any{schemas.SortEndUser, q.Scope.EndUser}
	case q.Scope.Company != "":
		n.from, n.first = links, []any{schemas.SortCompany, q.Scope.Company}
	case len(q.Companies) == 1:
		n.from, n.first = links, []any{schemas.SortCompany, q.Companies[0]}
	case len(q.Speakers)+len(q.Languages)+len(q.Providers)+len(q.Companies) > 0 || !q.Since.IsZero() || !q.Until.IsZero():
		n.from = `entries e WHERE 1 = 1`
	}
	return n
}
