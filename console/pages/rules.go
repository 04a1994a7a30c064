package pages

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"leadline/console"
	"leadline/schemas"
)

// rulesPage has the rules in their order, and what somebody was writing when it
// could not be saved.
type rulesPage struct {
	Known   bool // there is a book of rules
	Set     console.RuleSet
	Kinds   []string
	Written schemas.LearningRule
	CanTry  bool
	Member  bool
	Trial   *Trial // what somebody tried
	Tried   string // the rule that was tried; empty is a new one
	// Hits are the last of each rule, by its id; OffTopic those of meetings that
	// are about none of the topics.
	Hits     map[string][]console.RuleHit
	OffTopic []console.RuleHit
}

const (
	// lastHits is how many of each rule are shown, and of each set of topics that
	// a meeting is about none of.
	lastHits = 10
	// mostHits is those of all rules that there may be, and more.
	mostHits = 500
)

// hits says what each rule did.
func (s *Site) hits(ctx context.Context, v *visit, made *rulesPage) error {
	all, err := s.local.RuleHits(ctx, schemas.RuleHitQuery{Org: v.session.org, Each: lastHits, Limit: mostHits})
	if err != nil {
		return err
	}
	made.Hits = make(map[string][]console.RuleHit)
	for _, h := range all {
		switch {
		case h.Effect != schemas.HitOffTopic:
			for _, id := range h.Rules {
				made.Hits[id] = append(made.Hits[id], h)
			}
		case len(made.OffTopic) < lastHits:
			made.OffTopic = append(made.OffTopic, h)
		}
	}
	return nil
}

func (s *Site) rules(ctx context.Context, v *visit) (answer, error) {
	return s.rulesWith(ctx, v, schemas.LearningRule{Type: schemas.RuleTopic}, 0, "")
}

func (s *Site) rulesWith(ctx context.Context, v *visit, written schemas.LearningRule, status int, problem string) (answer, error) {
	made := rulesPage{
		Kinds: schemas.Kinds, Written: written, CanTry: s.Trial != nil, Member: v.session.may(schemas.RoleMember),
	}
	if s.Rules != nil {
		set, err := s.Rules.Rules(ctx, v.session.org)
		if err != nil {
			return answer{}, err
		}
		made.Known, made.Set = true, console.RulesOf(set)
		if err := s.hits(ctx, v, &made); err != nil {
			return answer{}, err
		}
	}
	return answer{status: status, name: "rules", title: "Learning Rules", problem: problem, data: made}, nil
}

// changeRules makes one change of the set that the visitor saw. What somebody
// else has changed meanwhile is shown first.
func (s *Site) changeRules(ctx context.Context, v *visit) (answer, error) {
	if s.Rules == nil {
		return s.rules(ctx, v)
	}
	written := writtenRule(v)
	version, err := strconv.ParseInt(v.PostFormValue("version"), 10, 64)
	if err != nil || version < 0 {
		return s.rulesWith(ctx, v, written, http.StatusBadRequest, "The form has no version. Nothing was changed.")
	}
	set, err := s.Rules.Rules(ctx, v.session.org)
	if err != nil {
		return answer{}, err
	}
	do, id := v.PostFormValue("do"), v.PostFormValue("id")
	try := do == "try" && s.Trial != nil
	switch {
	case try && id == "":
		do = "add"
	case try:
		do = "save"
	}
	changed, note, err := changed(set.Rules, do, id, written)
	if err == nil && try {
		if err = schemas.CheckRules(schemas.RuleSet{Org: v.session.org, Rules: changed}); err == nil {
			return s.try(ctx, v, changed, written)
		}
		err = &schemas.InvalidQuery{Field: "rules", Problem: err.Error()}
	}
	if err == nil {
		v.about = strings.TrimSpace(do + " " + id)
		_, err = s.Rules.SetRules(ctx, v.session.org, v.session.who, changed, version)
	}
	switch {
	case errors.Is(err, console.ErrRulesChanged), err != nil && set.Version != version:
		return s.rulesWith(ctx, v, written, http.StatusConflict, "Somebody else has changed the rules meanwhile. These are theirs; yours was not saved.")
	case isInvalid(err):
		return s.rulesWith(ctx, v, written, http.StatusUnprocessableEntity, sentence(err))
	case err != nil:
		return answer{}, err
	}
	v.session.tell(note)
	return answer{to: "/rules"}, nil
}

func writtenRule(v *visit) schemas.LearningRule {
	return schemas.LearningRule{
		Type: v.PostFormValue("type"), Text: strings.TrimSpace(v.PostFormValue("text")), Recorder: v.PostFormValue("recorder"),
		Focus: v.PostFormValue("focus"), Enabled: true,
	}
}

// changed is the rules after one change, and what to tell of it.
func changed(rules []schemas.LearningRule, do, id string, written schemas.LearningRule) ([]schemas.LearningRule, string, error) {
	rules = slices.Clone(rules)
	if do == "add" {
		written.ID = freeID(rules, written.Type)
		return append(rules, written), "The rule was added.", nil
	}
	i := slices.IndexFunc(rules, func(r schemas.LearningRule) bool { return r.ID == id })
	if i < 0 {
		return nil, "", &schemas.InvalidQuery{Field: "id", Problem: "names no rule"}
	}
	switch do {
	case "on", "off":
		rules[i].Enabled = do == "on"
		return rules, "The rule was switched " + do + ".", nil
	case "remove":
		return slices.Delete(rules, i, i+1), "The rule was removed.", nil
	case "up":
		if i > 0 {
			rules[i-1], rules[i] = rules[i], rules[i-1]
		}
		return rules, "The rule was moved up.", nil
	case "down":
		if i+1 < len(rules) {
			rules[i+1], rules[i] = rules[i], rules[i+1]
		}
		return rules, "The rule was moved down.", nil
	case "save":
		written.ID, written.Enabled = id, rules[i].Enabled
		rules[i] = written
		return rules, "The rule was saved.", nil
	}
	return nil, "", &schemas.InvalidQuery{Field: "do", Problem: "is nothing that can be done to a rule"}
}

// freeID is the type and a number that no rule has.
func freeID(rules []schemas.LearningRule, sort string) string {
	for n := 1; ; n++ {
		id := fmt.Sprintf("%s-%d", sort, n)
		if !slices.ContainsFunc(rules, func(r schemas.LearningRule) bool { return r.ID == id }) {
			return id
		}
	}
}
