package console

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"leadline/schemas"
)

// RuleBook reads and changes what organisations want learned. The API calls it,
// and may call it again. What breaks the rules for rules is an
// *schemas.InvalidQuery that names the field; ErrRulesChanged says that they
// are not of the version that the caller saw.
type RuleBook interface {
	Rules(ctx context.Context, org string) (schemas.RuleSet, error)
	// SetRules replaces all rules. A version below 0 replaces any.
	SetRules(ctx context.Context, org, author string, rules []schemas.LearningRule, version int64) (schemas.RuleSet, error)
	// ParseRules reads a rules file, in YAML or JSON.
	ParseRules(r io.Reader) ([]schemas.LearningRule, error)
	Presets() []schemas.LearningRule
}

// ErrRulesChanged says that somebody else was quicker.
var ErrRulesChanged = errors.New("the rules have been changed meanwhile: read them again")

// errMissing says that a change does not say what it changes.
var errMissing = errors.New("an If-Match header is needed: the version of the rules that are to be replaced, or *")

// Rule is a learning rule as the API shows it.
type Rule struct {
	ID        string    `json:"id"`
	Type      string    `json:"type"`
	Text      string    `json:"text"`
	Recorder  string    `json:"recorder,omitempty"`
	Focus     string    `json:"focus,omitempty"`
	Enabled   bool      `json:"enabled"`
	Author    string    `json:"author,omitempty"`
	ChangedAt time.Time `json:"changed_at,omitzero"`
}

// RuleSet is an organisation's rules as the API shows them.
type RuleSet struct {
	Org       string    `json:"org"`
	Version   int64     `json:"version"`
	Author    string    `json:"author,omitempty"`
	ChangedAt time.Time `json:"changed_at,omitzero"`
	Rules     []Rule    `json:"rules"`
}

// RulesOf shapes a set.
func RulesOf(s schemas.RuleSet) RuleSet {
	set := RuleSet{Org: s.Org, Version: s.Version, Author: s.Author, ChangedAt: s.ChangedAt.UTC(), Rules: make([]Rule, 0, len(s.Rules))}
	for _, r := range s.Rules {
		set.Rules = append(set.Rules, Rule{
			ID: r.ID, Type: r.Type, Text: r.Text, Recorder: r.Recorder, Focus: r.Focus, Enabled: r.Enabled,
			Author: r.Author, ChangedAt: r.ChangedAt.UTC(),
		})
	}
	return set
}

func (a *api) ruleSet(ctx context.Context, p *params) (any, error) {
	org := p.scope().Org
	if p.err != nil {
		return nil, p.err
	}
	set, err := a.rules.Rules(ctx, org)
	return RulesOf(set), err
}

func (a *api) rulePresets(_ context.Context, p *params) (any, error) {
	org := p.scope().Org
	if p.err != nil {
		return nil, p.err
	}
	return RulesOf(schemas.RuleSet{Org: org, Rules: a.rules.Presets()}), nil
}

// maxRules is the most that is read of a rules file.
const maxRules = 1 << 20

// replaceRules puts the body, a rules file, in the place of the rules of the version
// that If-Match names.
func (a *api) replaceRules(ctx context.Context, p *params) (any, error) {
	org, author := p.scope().Org, p.text("author")
	if p.err != nil {
		return nil, p.err
	}
	version := int64(-1)
	switch match := p.header.Get("If-Match"); match {
	case "":
		return nil, errMissing
	case "*":
	default:
		var err error
		if version, err = strconv.ParseInt(match, 10, 64); err != nil || version < 0 {
			return nil, invalid("If-Match", "%.40q is neither a version nor *", match)
		}
	}
	wanted, err := a.rules.ParseRules(io.LimitReader(p.body, maxRules))
	if err != nil {
		return nil, err
	}
	if author == "" {
		author = "api"
	}
	set, err := a.rules.SetRules(ctx, org, author, wanted, version)
	return RulesOf(set), err
}

// Option adds to what Handler serves.
type Option func(*api)

// WithRules also serves and changes learning rules.
func WithRules(b RuleBook) Option { return func(a *api) { a.rules = b } }

var ruleRoutes = []struct {
	route
	method string
}{
	{route{"rules", "/rules", nil, (*api).ruleSet}, http.MethodGet},
	{route{"rules_set", "/rules", []string{"author"}, (*api).replaceRules}, http.MethodPut},
	{route{"rules_presets", "/rules/presets", nil, (*api).rulePresets}, http.MethodGet},
}
