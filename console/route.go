package console

import (
	"context"
	"net/http"
	"slices"
	"time"
)

// route is one place of the API, whole: how it is reached, who may, what it
// takes, what it answers, and what the OpenAPI document says of it. To add one
// is to add an entry to a table like readRoutes, and the table to routes.
type route struct {
	name    string // operationId, and the label of the metrics
	method  string // GET answers HEAD too
	path    string // below /api/v1; {org} is the organisation, any other part is in pathParts
	summary string // one sentence for who writes a client

	permission string // schemas.PermissionRead, ...; empty is any token
	staff      bool   // not for a token that is bound to a customer
	open       bool   // no token is needed

	params []param  // of the query; any other is refused
	body   any      // a zero value of what is sent as JSON; nil takes none
	stream []string // what is sent instead of a body, by media type; the route reads it itself
	answer any      // a zero value of what is answered as JSON; nil is 204, without a body
	status int      // of the answer where it is neither 200 nor 204

	failures []int // statuses that only some routes answer with

	most     int           // bytes of the body; 0 is maxBody
	patience time.Duration // how long it may take; 0 is patience

	do func(a *api, ctx context.Context, c *call) (any, error)
}

// routes is the whole API.
var routes = slices.Concat(
	readRoutes, directoryRoutes, matchRoutes, ruleRoutes, costRoutes, ruleHitRoutes, tokenRoutes, connectionRoutes, auditRoutes, openapiRoutes,
)

// param is a parameter of the query.
type param struct {
	name     string
	says     string
	kind     paramKind
	many     bool // it may be repeated
	required bool
	values   []string // all that it may be; nil is anything
	most     int      // of a number, or of a text's bytes; 0 is maxParam bytes
}

type paramKind string

const (
	paramText   paramKind = "string"
	paramNumber paramKind = "integer" // from 1
	paramFlag   paramKind = "boolean"
	paramTime   paramKind = "time"
)

// pathParts says what the variable parts of paths are.
var pathParts = map[string]string{ //nolint:gosec // says what a token is, and has none
	"org":       "The organisation: 1 to 63 of a-z, 0-9, _ and -.",
	"provider":  "The recorder: fathom, zoom.",
	"recording": "The recorder's id of the recording.",
	"email":     "The end user's e-mail address.",
	"token":     "The token's id.",
	"name":      "The connection's name; the first one's is default.",
	"type":      "company, end_user, decision, side, setting or same_call.",
	"entry":     "The entry's id; a side's and a setting's name; of a decision recorder/recording/company/ID or recorder/recording/end_user/ID, its slashes as %2F.",
	"id":        "The customer's id, its name or one of its domains.",
}

// The parameters that several routes share.
var (
	customerParam = param{name: "customer", kind: paramText, says: "Only what this customer may see: its id. A token that is bound to a customer needs none."}
	endUserParam  = param{name: "end_user", kind: paramText, says: "Only what this end user may see: the id."}
	beforeParam   = param{name: "before", kind: paramText, says: "The cursor: next of the page before."}
)

func limitParam(most int, says string) param {
	return param{name: "limit", kind: paramNumber, most: most, says: says}
}

// methods lists what the route answers to.
func (t route) methods() []string {
	if t.method == http.MethodGet {
		return []string{http.MethodGet, http.MethodHead}
	}
	return []string{t.method}
}

// code is the status of an answer that is not an error.
func (t route) code() int {
	switch {
	case t.status != 0:
		return t.status
	case t.answer == nil:
		return http.StatusNoContent
	}
	return http.StatusOK
}
