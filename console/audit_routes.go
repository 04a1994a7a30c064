package console

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	"leadline/schemas"
)

// AuditLog takes what is changed by the API, and tells of all changes. Note is
// called once for each request that changes something; its error says that the
// change is not in the log, which has counted and logged that. Last may be
// called again.
type AuditLog interface {
	Note(ctx context.Context, e schemas.AuditEntry) error
	Last(ctx context.Context, org string, most int) ([]schemas.AuditEntry, error)
}

// Change tells who changed what, or tried to.
type Change struct {
	At     time.Time `json:"at"`
	Who    string    `json:"who" doc:"an e-mail address; operator: who came by the instance's own link; token ID; command line: USER"`
	Role   string    `json:"role" doc:"read_only, member, admin; empty for a token"`
	Action string    `json:"action" doc:"the form or the route"`
	About  string    `json:"about"`
	Result string    `json:"result" doc:"done, refused, failed"`
}

type changeList struct {
	Changes []Change `json:"changes"`
}

var errNoAudit = errors.New("this Leadline keeps no audit log: it runs without Kafka")

// defaultChanges are as many as fit onto a few screens.
const defaultChanges = 100

// auditRoutes are for administrators.
var auditRoutes = []route{{
	name: "changes", method: http.MethodGet, path: "/orgs/{org}/changes", permission: schemas.PermissionAdmin, staff: true,
	summary: "List who changed what, the newest first.", params: []param{limitParam(1000, "How many; 100 unless it is said.")},
	answer: changeList{}, do: (*api).changes,
}}

func (a *api) changes(ctx context.Context, c *call) (any, error) {
	org, limit := c.scope().Org, c.number("limit", defaultChanges)
	if c.err == nil && a.Audit == nil {
		c.fail(errNoAudit)
	}
	if c.err != nil {
		return nil, c.err
	}
	all, err := a.Audit.Last(ctx, org, cmp.Or(limit, defaultChanges))
	list := changeList{Changes: []Change{}}
	for _, e := range all {
		list.Changes = append(list.Changes, Change{At: e.At.UTC(), Who: e.Who, Role: e.Role, Action: e.Action, About: e.About, Result: e.Result})
	}
	return list, err
}

// note tells the log of a request that was to change something. Reading by POST
// is for a long question.
func (a *api) note(ctx context.Context, t route, c *call, r *http.Request, failed error) {
	if a.Audit == nil || t.method == http.MethodGet || t.permission == schemas.PermissionRead {
		return
	}
	asked := *c // what is wrong with the request has been said
	e := schemas.AuditEntry{
		Org: asked.scope().Org, Who: "token " + c.access.Token, Action: t.name, About: r.URL.EscapedPath(), Result: schemas.AuditDone,
	}
	if e.Org == "" {
		return
	}
	if failed != nil {
		e.Result = schemas.AuditRefused
		if problemOf(failed).Status >= http.StatusInternalServerError {
			e.Result = schemas.AuditFailed
		}
	}
	_ = a.Audit.Note(ctx, e) // it has counted and logged its own failure, and the change is made
}
