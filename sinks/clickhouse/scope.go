package clickhouse

import "leadline/schemas"

// inScope is THE scope: every read of meetings has it. Customers see matched
// meetings that link to them; staff see all matched ones, and the others as
// Scope.States says.
const inScope = `org = {org:String} AND (state IN {states:Array(String)} OR {held_back:Bool})
	AND ({company:String} = '' OR has(links.company_id, {company:String}))
	AND ({end_user:String} = '' OR has(links.end_user_id, {end_user:String}))`

// scoped are the parameters of inScope, and further ones.
func scoped(s schemas.Scope, more ...any) []any {
	states := s.States()
	return append([]any{
		named("org", s.Org), named("company", s.Company), named("end_user", s.EndUser),
		named("states", each(states, func(s schemas.State) string { return string(s) })), named("held_back", states == nil),
	}, more...)
}
