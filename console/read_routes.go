package console

import (
	"context"
	"net/http"
	"slices"

	"leadline/schemas"
)

// How many a page has unless it is told otherwise.
const (
	defaultMeetings = 50
	defaultPassages = 10
)

// meetingPage answers a list of meetings. Next is what to give as before for
// the page that follows, null when this one was not full.
type meetingPage struct {
	Meetings []Meeting `json:"meetings"`
	Next     *string   `json:"next"`
}

type entryList struct {
	Entries []Entry `json:"entries"`
}

// passageList answers a search. Next is what to give as after, likewise.
type passageList struct {
	Results []Passage `json:"results"`
	Next    *string   `json:"next"`
}

var (
	meetingsParams = []param{
		customerParam, endUserParam, beforeParam, limitParam(500, "How many meetings; 50 unless it is said."),
		{name: "state", kind: paramText, values: []string{"matched", "internal", "unmatched", "grouped"}, says: "Only meetings in this state; those that are grouped are listed only when asked for."},
		{name: "learning", kind: paramText, values: schemas.Learnings, says: "Only meetings of which this became; not within a customer's scope."},
	}
	meetingParams = []param{customerParam, endUserParam}
	actionParams  = []param{
		customerParam, endUserParam, beforeParam, {name: "all", kind: paramFlag, says: "Also those that are done."},
	}
	contextParams = []param{
		{name: "question", kind: paramText, most: maxQuery, says: "What the assistant was asked, at most 2 KiB. Without one the answer is what is new."},
		{name: "tokens", kind: paramNumber, most: maxTokens, says: "The budget, 200 to 32000; 2000 unless it is said."},
		{name: "format", kind: paramText, values: []string{"json", "markdown"}, says: "Instead of the header Accept: text/markdown."},
		customerParam,
	}
	searchParams = []param{
		{name: "q", kind: paramText, required: true, most: maxQuery, says: "The words to look for, at most 2 KiB."},
		customerParam, endUserParam,
		{
			name: "kind", kind: paramText, many: true, says: "Only these kinds of entries.",
			values: []string{schemas.EntryTranscript, schemas.EntrySummary, schemas.EntryActionItems, schemas.EntryDistilled},
		},
		{name: "provider", kind: paramText, many: true, says: "Only of these recorders: fathom, zoom."},
		{name: "speaker", kind: paramText, many: true, says: "Only where one of these speaks: names, as the transcript has them."},
		{name: "company", kind: paramText, many: true, says: "Only of meetings about one of these: ids. Within a customer's scope it may be that customer only."},
		{name: "language", kind: paramText, many: true, says: "Only in these languages: en is en and en-GB, en-GB only itself."},
		{name: "since", kind: paramTime, says: "Only of meetings that began then or later."},
		{name: "until", kind: paramTime, says: "Only of meetings that began before."},
		{name: "after", kind: paramText, most: maxCursor, says: "The cursor: next of the page before, or that of a passage. The other parameters must be the same."},
		limitParam(100, "How many passages; 10 unless it is said."),
		{name: "held_back", kind: paramFlag, says: "Also unmatched and internal meetings; never within a customer's scope."},
	}
)

// readRoutes are what is read.
var readRoutes = []route{
	{
		name: "meetings", method: http.MethodGet, path: "/orgs/{org}/meetings", permission: schemas.PermissionRead,
		summary: "List meetings, newest first.", params: meetingsParams, answer: meetingPage{}, do: (*api).meetings,
	},
	{
		name: "meeting", method: http.MethodGet, path: "/orgs/{org}/meetings/{provider}/{recording}", permission: schemas.PermissionRead,
		summary: "Tell all about one meeting.", params: meetingParams, answer: MeetingDetail{}, do: (*api).meeting,
	},
	{
		name: "entries", method: http.MethodGet, path: "/orgs/{org}/meetings/{provider}/{recording}/entries", permission: schemas.PermissionRead,
		summary: "List the searchable pieces of one meeting.", params: meetingParams, answer: entryList{}, do: (*api).entries,
	},
	{
		name: "search", method: http.MethodGet, path: "/orgs/{org}/search", permission: schemas.PermissionRead,
		summary: "Search what was said, best passages first.", params: searchParams, answer: passageList{}, do: (*api).search,
	},
	{
		name: "customer", method: http.MethodGet, path: "/orgs/{org}/customers/{id}", permission: schemas.PermissionRead,
		summary: "Sum up one customer.", params: meetingParams, answer: Customer{}, do: (*api).customer,
	},
	{
		name: "action_items", method: http.MethodGet, path: "/orgs/{org}/action_items", permission: schemas.PermissionRead,
		summary: "List action items, those of the newest meetings first.", params: actionParams, answer: ActionPage{}, do: (*api).actionItems,
	},
	{
		name: "customer_context", method: http.MethodGet, path: "/orgs/{org}/customers/{id}/context", permission: schemas.PermissionRead,
		summary: "Gather what an assistant should know of a customer, within a budget of tokens.",
		params:  contextParams, answer: CustomerContext{}, do: (*api).customerContext,
	},
	{
		name: "end_user_context", method: http.MethodGet, path: "/orgs/{org}/end_users/{email}/context", permission: schemas.PermissionRead,
		summary: "The same of one end user.", params: contextParams, answer: CustomerContext{}, do: (*api).endUserContext,
	},
	{
		name: "tally", method: http.MethodGet, path: "/orgs/{org}/tally", permission: schemas.PermissionRead, staff: true,
		summary: "Count what there is of an organisation.", answer: Tally{}, do: (*api).tally,
	},
}

func (a *api) meetings(ctx context.Context, c *call) (any, error) {
	q := schemas.MeetingQuery{
		Scope: c.scope(), State: schemas.State(c.text("state")), Learning: c.text("learning"), Limit: c.number("limit", defaultMeetings), Before: c.text("before"),
	}
	if c.err != nil {
		return nil, c.err
	}
	all, err := a.local.Meetings(ctx, q)
	if err != nil {
		return nil, err
	}
	page := meetingPage{Meetings: all}
	if len(all) == q.Limit {
		page.Next = &all[len(all)-1].ID
	}
	return page, nil
}

func (a *api) meeting(ctx context.Context, c *call) (any, error) {
	scope, id := c.scope(), c.meetingID()
	if c.err != nil {
		return nil, c.err
	}
	return a.local.Meeting(ctx, scope, id)
}

func (a *api) entries(ctx context.Context, c *call) (any, error) {
	scope, id := c.scope(), c.meetingID()
	if c.err != nil {
		return nil, c.err
	}
	all, err := a.local.Entries(ctx, scope, id)
	if err != nil {
		return nil, err
	}
	return entryList{all}, nil
}

func (a *api) search(ctx context.Context, c *call) (any, error) {
	q := schemas.SearchQuery{
		Scope: c.scope(), Text: c.text("q"), Kinds: c.texts("kind"), Providers: c.texts("provider"), Speakers: c.texts("speaker"),
		Companies: c.texts("company"), Languages: c.texts("language"), Since: c.moment("since"), Until: c.moment("until"),
		Limit: c.number("limit", defaultPassages), After: c.text("after"),
	}
	if c.err != nil {
		return nil, c.err
	}
	if one := c.access.Company; one != "" && slices.ContainsFunc(q.Companies, func(id string) bool { return id != one }) {
		return nil, errForbidden
	}
	all, err := a.local.Search(ctx, q)
	if err != nil {
		return nil, err
	}
	list := passageList{Results: all}
	if len(all) == q.Limit {
		list.Next = &all[len(all)-1].Cursor
	}
	return list, nil
}

func (a *api) customer(ctx context.Context, c *call) (any, error) {
	scope, id := c.scope(), c.segment("id")
	if c.err != nil {
		return nil, c.err
	}
	return a.local.Customer(ctx, scope, id)
}

func (a *api) tally(ctx context.Context, c *call) (any, error) {
	scope := c.scope()
	if c.err != nil {
		return nil, c.err
	}
	return a.local.Tally(ctx, scope.Org)
}

func (a *api) actionItems(ctx context.Context, c *call) (any, error) {
	q := ActionQuery{Scope: c.scope(), All: c.flag("all"), Before: c.text("before")}
	if c.err != nil {
		return nil, c.err
	}
	return a.local.ActionItems(ctx, q)
}

func (a *api) customerContext(ctx context.Context, c *call) (any, error) {
	return a.context(ctx, c, ContextQuery{Customer: c.segment("id")})
}

func (a *api) endUserContext(ctx context.Context, c *call) (any, error) {
	return a.context(ctx, c, ContextQuery{Email: c.segment("email")})
}

func (a *api) context(ctx context.Context, c *call, q ContextQuery) (any, error) {
	q.Scope, q.Question, q.Tokens = c.scope(), c.text("question"), c.number("tokens", 0)
	if c.err != nil {
		return nil, c.err
	}
	return a.local.Context(ctx, q)
}
