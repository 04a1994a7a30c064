package schemas

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// Types of learning rules.
const (
	// RuleTopic lets a meeting be learned from that is about it. With several,
	// one is enough; with none, all are learned from.
	RuleTopic = "topic"
	// RuleKeyword keeps a meeting that has the phrase from being learned at all.
	RuleKeyword = "keyword"
	// RuleInstruction guides what is drawn out; it keeps nothing away.
	RuleInstruction = "instruction"
)

// LearningRule is one rule of an organisation.
type LearningRule struct {
	ID       string `avro:"id"`
	Type     string `avro:"type"`
	Text     string `avro:"text"`
	Recorder string `avro:"recorder"` // fathom, zoom; empty for all
	// Focus is the kind of distillate that a topic of ours stands for; empty for
	// a topic in an organisation's own words.
	Focus     string    `avro:"focus"`
	Enabled   bool      `avro:"enabled"`
	Author    string    `avro:"author"` // who changed it last,
	ChangedAt time.Time `avro:"changed_at"`
}

// RuleSet is all rules of an organisation, in their order. Its key is the
// organisation: rules change together or not at all.
type RuleSet struct {
	Org       string         `avro:"org"`
	Version   int64          `avro:"version"` // rises by one with each change; 0 is an organisation without rules
	Author    string         `avro:"author"`
	ChangedAt time.Time      `avro:"changed_at"`
	Rules     []LearningRule `avro:"rules"`
}

// For is the set without what is off or for another recorder.
func (s RuleSet) For(recorder string) RuleSet {
	var rules []LearningRule
	for _, r := range s.Rules {
		if r.Enabled && (r.Recorder == "" || r.Recorder == recorder) {
			rules = append(rules, r)
		}
	}
	s.Rules = rules
	return s
}

// Of lists the rules of a type, in their order.
func (s RuleSet) Of(sort string) []LearningRule {
	var rules []LearningRule
	for _, r := range s.Rules {
		if r.Type == sort {
			rules = append(rules, r)
		}
	}
	return rules
}

// Limits of a rule set: it goes to a model with each part of each meeting, and
// 100 rules of 500 characters are 12,000 tokens, more than any team has written.
const (
	MaxRules    = 100
	MaxRuleText = 500
)

var ruleID = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)

// CheckRules names the first rule and field that is wrong, as in
// rules[2].text: is empty.
func CheckRules(s RuleSet) error {
	if err := CheckOrg(s.Org); err != nil {
		return err
	}
	if len(s.Rules) > MaxRules {
		return fmt.Errorf("rules: %d of them, at most %d", len(s.Rules), MaxRules)
	}
	seen := make(map[string]bool)
	for i, r := range s.Rules {
		if err := checkRule(r); err != nil {
			return fmt.Errorf("rules[%d].%w", i, err)
		}
		if seen[r.ID] {
			return fmt.Errorf("rules[%d].id: %q is taken by a rule before it", i, r.ID)
		}
		seen[r.ID] = true
	}
	return nil
}

func checkRule(r LearningRule) error {
	switch {
	case !ruleID.MatchString(r.ID):
		return fmt.Errorf("id: %.70q: want 1 to 63 of a-z, 0-9, _ and -", r.ID)
	case r.Type != RuleTopic && r.Type != RuleKeyword && r.Type != RuleInstruction:
		return fmt.Errorf("type: %.40q: want topic, keyword or instruction", r.Type)
	case strings.TrimSpace(r.Text) == "":
		return fmt.Errorf("text: is empty")
	case !utf8.ValidString(r.Text):
		return fmt.Errorf("text: is not UTF-8")
	case utf8.RuneCountInString(r.Text) > MaxRuleText:
		return fmt.Errorf("text: %d characters, at most %d", utf8.RuneCountInString(r.Text), MaxRuleText)
	case r.Recorder != "" && r.Recorder != Fathom && r.Recorder != Zoom:
		return fmt.Errorf("recorder: %.40q: want fathom or zoom, or nothing for all", r.Recorder)
	case r.Focus != "" && r.Type != RuleTopic:
		return fmt.Errorf("focus: goes with the type topic only")
	case r.Focus != "" && !IsKind(r.Focus):
		return fmt.Errorf("focus: %.40q: want one of %s", r.Focus, strings.Join(Kinds, ", "))
	}
	return nil
}

// IsKind says whether it is a kind of distillate.
func IsKind(kind string) bool {
	for _, k := range Kinds {
		if k == kind {
			return true
		}
	}
	return false
}
