package console

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
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
	Presets() []schemas.LearningRule
}

// ErrRulesChanged says that somebody else was quicker.
var ErrRulesChanged = errors.New("the rules have been changed meanwhile: read them again")

// errNoRules says that there is nobody to keep rules.
var errNoRules = errors.New("this Leadline keeps no rules: it runs without Kafka")

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

// NewRules puts rules in the place of those of a version.
type NewRules struct {
	// Version guards against overwriting what somebody else has just changed.
	Version *int64    `json:"version" doc:"the version that is replaced; null replaces any"`
	Author  string    `json:"author,omitempty" doc:"who changes them"`
	Rules   []NewRule `json:"rules"`
}

// NewRule is a rule as somebody writes it.
type NewRule struct {
	ID       string `json:"id,omitempty" doc:"default: its type and place"`
	Type     string `json:"type" doc:"topic, keyword, instruction"`
	Text     string `json:"text"`
	Recorder string `json:"recorder,omitempty" doc:"fathom, zoom; default: all"`
	Focus    string `json:"focus,omitempty" doc:"the kind of distillate that an instruction is for"`
	Disabled bool   `json:"disabled,omitempty"`
}

// ruleRoutes: everybody may see what is learned, an administrator changes it.
var ruleRoutes = []route{
	{
		name: "rules", method: http.MethodGet, path: "/orgs/{org}/rules", permission: schemas.PermissionRead, staff: true,
		summary: "Read the Learning Rules, in their order.", answer: RuleSet{}, do: (*api).ruleSet,
	},
	{
		name: "set_rules", method: http.MethodPut, path: "/orgs/{org}/rules", permission: schemas.PermissionAdmin,
		summary: "Replace all Learning Rules. They hold for meetings that come afterwards.",
		body:    NewRules{}, answer: RuleSet{}, do: (*api).replaceRules,
	},
	{
		name: "rule_presets", method: http.MethodGet, path: "/orgs/{org}/rules/presets", permission: schemas.PermissionRead, staff: true,
		summary: "List ready-made rules.", answer: RuleSet{}, do: (*api).rulePresets,
	},
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

// ruled is the path's organisation, where there are rules at all.
func (a *api) ruled(c *call) (string, error) {
	scope := c.scope()
	if c.err == nil && a.Rules == nil {
		c.fail(errNoRules)
	}
	return scope.Org, c.err
}

func (a *api) ruleSet(ctx context.Context, c *call) (any, error) {
	org, err := a.ruled(c)
	if err != nil {
		return nil, err
	}
	set, err := a.Rules.Rules(ctx, org)
	return RulesOf(set), err
}

func (a *api) rulePresets(_ context.Context, c *call) (any, error) {
	org, err := a.ruled(c)
	if err != nil {
		return nil, err
	}
	return RulesOf(schemas.RuleSet{Org: org, Rules: a.Rules.Presets()}), nil
}

func (a *api) replaceRules(ctx context.Context, c *call) (any, error) {
	org, err := a.ruled(c)
	if err != nil {
		return nil, err
	}
	asked := c.body.(*NewRules)
	version := int64(-1)
	if asked.Version != nil {
		if version = *asked.Version; version < 0 {
			return nil, invalid("version", "%d is below 0", version)
		}
	}
	wanted := make([]schemas.LearningRule, len(asked.Rules))
	for i, r := range asked.Rules {
		wanted[i] = schemas.LearningRule{
			ID: r.ID, Type: r.Type, Text: strings.TrimSpace(r.Text), Recorder: r.Recorder, Focus: r.Focus, Enabled: !r.Disabled,
		}
		if r.ID == "" {
			wanted[i].ID = r.Type + "-" + strconv.Itoa(i+1)
		}
	}
	author := asked.Author
	if author == "" {
		author = "api"
	}
	set, err := a.Rules.SetRules(ctx, org, author, wanted, version)
	return RulesOf(set), err
}
