package pages

import (
	"context"
	"net/http"
	"strings"
	"time"

	"leadline/schemas"
)

// AuditLog takes what is changed, and tells of it. Note is called once for each
// form; an error says that the change is made and not in the log. Last may be
// called again.
type AuditLog interface {
	Note(ctx context.Context, e schemas.AuditEntry) error
	Last(ctx context.Context, org string, most int) ([]schemas.AuditEntry, error)
}

const pageAudit = 200

type auditPage struct {
	Entries []schemas.AuditEntry
	Full    bool
}

// audit shows the last changes.
func (s *Site) audit(ctx context.Context, v *visit) (answer, error) {
	made := auditPage{}
	a := answer{name: "audit", title: "Changes"}
	if s.Audit == nil {
		a.problem = "This process keeps no log: it has no Kafka."
	} else {
		ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
		defer cancel()
		var err error
		if made.Entries, err = s.Audit.Last(ctx, v.session.org, pageAudit); err != nil {
			return answer{}, err
		}
	}
	made.Full = len(made.Entries) == pageAudit
	a.data = made
	return a, nil
}

// noted tells the log of a form: what came of it is in its answer.
func (s *Site) noted(ctx context.Context, v *visit, pattern string, status int) {
	path, isForm := strings.CutPrefix(pattern, "POST /")
	if !isForm || s.Audit == nil || path == "signout" {
		return
	}
	e := schemas.AuditEntry{
		Org: v.session.org, Who: v.session.who, Role: v.session.roleNow(), About: v.about,
		Action: strings.ReplaceAll(path, "/", " "), Result: schemas.AuditDone,
	}
	switch {
	case status >= http.StatusInternalServerError:
		e.Result = schemas.AuditFailed
	case status >= http.StatusBadRequest:
		e.Result = schemas.AuditRefused
	}
	if s.Audit.Note(ctx, e) != nil {
		v.session.tell("This is not in the log of changes, because Kafka did not take it.")
	}
}

// notedSignIn tells the log of somebody who came.
func (s *Site) notedSignIn(ctx context.Context, p person, how, result string) {
	if s.Audit != nil {
		// It has counted and logged what went wrong; nobody is kept out for it.
		_ = s.Audit.Note(ctx, schemas.AuditEntry{Org: p.org, Who: p.who, Role: p.role, Action: "signin", About: how, Result: result})
	}
}
