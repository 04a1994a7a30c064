package console_test

import (
	"context"
	"net/http"
	"testing"

	"leadline/console"
	"leadline/schemas"
)

// ledger keeps what was noted.
type ledger struct{ all []schemas.AuditEntry }

func (l *ledger) Note(_ context.Context, e schemas.AuditEntry) error {
	l.all = append([]schemas.AuditEntry{e}, l.all...)
	return nil
}

func (l *ledger) Last(_ context.Context, _ string, most int) ([]schemas.AuditEntry, error) {
	return l.all[:min(most, len(l.all))], nil
}

func TestChangesByTheAPIAreInTheAuditLog(t *testing.T) {
	t.Parallel()
	store := openHarbour(t)
	log := new(ledger)
	h := console.Handler(console.Options{Store: store, Token: token, Audit: log, Directory: console.NewDirectory(store, &desk{store: store})})
	for _, step := range []struct{ method, path, body, action, result string }{
		{http.MethodPost, "/unmatched/resolve", `{"name":"nowhere.example","ignore":true}`, "resolve", schemas.AuditDone},
		{http.MethodPost, "/unmatched/resolve", `{"name":"nowhere.example"}`, "resolve", schemas.AuditRefused},
	} {
		before := len(log.all)
		do(t, h, step.method, step.path, "application/json", step.body)
		if len(log.all) != before+1 {
			t.Fatalf("%s: %d entries", step.body, len(log.all)-before)
		}
		e := log.all[0]
		if e.Org != harbour || e.Who != "token instance" || e.Action != step.action || e.Result != step.result || e.About != "/api/v1/orgs/harbour"+step.path {
			t.Errorf("%s: %+v", step.body, e)
		}
	}
	var list struct {
		Changes []console.Change `json:"changes"`
	}
	read(t, h, "/harbour/changes?limit=1", &list)
	if len(list.Changes) != 1 || list.Changes[0].Result != schemas.AuditRefused || len(log.all) != 2 {
		t.Errorf("%+v, %d entries", list, len(log.all))
	}
}
