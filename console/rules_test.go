package console_test

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"testing"
	"time"

	"leadline/console"
	"leadline/schemas"
)

// shelf is a book of rules in memory.
type shelf struct {
	mu   sync.Mutex
	sets map[string]schemas.RuleSet
}

func (s *shelf) Rules(_ context.Context, org string) (schemas.RuleSet, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	set := s.sets[org]
	set.Org = org
	return set, nil
}

func (s *shelf) SetRules(_ context.Context, org, author string, wanted []schemas.LearningRule, version int64) (schemas.RuleSet, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	set := s.sets[org]
	if version >= 0 && version != set.Version {
		return set, console.ErrRulesChanged
	}
	set = schemas.RuleSet{Org: org, Version: set.Version + 1, Author: author, ChangedAt: began, Rules: wanted}
	if err := schemas.CheckRules(set); err != nil {
		return set, &schemas.InvalidQuery{Field: "rules", Problem: err.Error()}
	}
	s.sets[org] = set
	return set, nil
}

func (*shelf) Presets() []schemas.LearningRule {
	return []schemas.LearningRule{{ID: "p", Type: schemas.RuleTopic, Text: "what they ask for", Focus: schemas.ProductAsk, Enabled: true}}
}

func TestRulesAreReadAndReplacedByTheirVersion(t *testing.T) {
	t.Parallel()
	tokens := openTokens(t)
	books := &shelf{sets: make(map[string]schemas.RuleSet)}
	d := describe(t, console.Handler(console.Options{Store: openHarbour(t), Token: token, Tokens: tokens, Rules: books}))
	made := func(permission string, customer *string) string {
		return mint(t, tokens, schemas.APIToken{Name: permission, Permissions: []string{permission}, Company: customer})
	}
	reader, admin := made(schemas.PermissionRead, nil), made(schemas.PermissionAdmin, nil)
	bound := made(schemas.PermissionRead, ptr("co_amber"))
	const rules = "/orgs/harbour/rules"
	set := func(version any, rules ...map[string]any) map[string]any {
		return map[string]any{"version": version, "author": "mara", "rules": append([]map[string]any{}, rules...)}
	}
	secret := map[string]any{"id": "k", "type": "keyword", "text": " secret "}
	topic := map[string]any{"type": "topic", "text": "moving data", "recorder": "zoom", "disabled": true}
	for _, c := range []struct {
		name, method, path, with string
		body                     any
		want                     int
		version                  int64
	}{
		{"before there are any", http.MethodGet, rules, reader, nil, 200, 0},
		{"the first set", http.MethodPut, rules, admin, set(0, secret), 200, 1},
		{"a stale version", http.MethodPut, rules, admin, set(0), 409, 0},
		{"a version to come", http.MethodPut, rules, admin, set(2), 409, 0},
		{"the present version", http.MethodPut, rules, admin, set(1, secret, topic), 200, 2},
		{"any version", http.MethodPut, rules, token, set(nil, topic), 200, 3},
		{"no version", http.MethodPut, rules, token, set(-1, topic), 400, 0},
		{"a rule without a text", http.MethodPut, rules, token, set(3, map[string]any{"type": "keyword", "text": " "}), 400, 0},
		{"a field that there is not", http.MethodPut, rules, token, map[string]any{"rule": 1}, 400, 0},
		{"afterwards", http.MethodGet, rules, reader, nil, 200, 3},
		{"presets", http.MethodGet, rules + "/presets", reader, nil, 200, 0},
		{"who may only read", http.MethodPut, rules, reader, set(nil), 403, 0},
		{"a customer's token", http.MethodGet, rules, bound, nil, 403, 0},
		{"another organisation's", http.MethodGet, "/orgs/foreign/rules", admin, nil, 403, 0},
		{"nobody", http.MethodPut, rules, "", set(nil), 401, 0},
		{"a name that is none", http.MethodGet, "/orgs/Harbour/rules", token, nil, 400, 0},
	} {
		w := d.ask(c.method, c.path, c.with, c.body)
		var got console.RuleSet
		if w.Code == http.StatusOK {
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
				t.Error(err)
			}
		}
		if w.Code != c.want || got.Version != c.version {
			t.Errorf("%s: %d with version %d: %.300s", c.name, w.Code, got.Version, w.Body)
		}
	}
	kept, _ := books.Rules(t.Context(), harbour)
	if len(kept.Rules) != 1 || kept.Rules[0].ID != "topic-1" || kept.Rules[0].Enabled || kept.Rules[0].Recorder != "zoom" || kept.Author != "mara" {
		t.Errorf("what is kept: %+v", kept)
	}
	none := describe(t, console.Handler(console.Options{Store: openHarbour(t), Token: token}))
	for _, method := range []string{http.MethodGet, http.MethodPut} {
		var body any
		if method == http.MethodPut {
			body = set(0)
		}
		if w := none.ask(method, rules, token, body); w.Code != http.StatusNotImplemented {
			t.Errorf("%s without a book: %d", method, w.Code)
		}
	}
}

var _ console.RuleBook = (*shelf)(nil)

// away is a book that cannot be reached.
type away struct{ shelf }

func (*away) Rules(ctx context.Context, _ string) (schemas.RuleSet, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Millisecond)
	defer cancel()
	<-ctx.Done()
	return schemas.RuleSet{}, ctx.Err()
}

func TestRulesThatCannotBeReadAreAskedForLater(t *testing.T) {
	t.Parallel()
	d := describe(t, console.Handler(console.Options{Store: openHarbour(t), Token: token, Rules: new(away)}))
	w := d.ask(http.MethodGet, "/orgs/harbour/rules", token, nil)
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
