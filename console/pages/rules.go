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
	// Excluded are the last meetings that a keyword rule kept out, by the rule's
	// id; OffTopic those that were about none of the topics.
	Excluded map[string][]console.Meeting
	OffTopic []console.Meeting
}

// lastSkipped is how many meetings are gone through for those that rules kept out.
const lastSkipped = 200

// skipped says what each rule kept from being learned.
func (s *Site) skipped(ctx context.Context, v *visit, made *rulesPage) error {
	q := schemas.MeetingQuery{Scope: v.scope(), Learning: schemas.LearningExcluded, Limit: lastSkipped}
	excluded, err := s.local.Meetings(ctx, q)
	if err != nil {
		return err
	}
	made.Excluded = make(map[string][]console.Meeting)
	for _, m := range excluded {
		for _, r := range made.Set.Rules {
			if strings.Contains(m.LearningWhy, "rule "+r.ID+":") {
				made.Excluded[r.ID] = append(made.Excluded[r.ID], m)
			}
		}
	}
	q.Learning = schemas.LearningOffTopic
	made.OffTopic, err = s.local.Meetings(ctx, q)
	return err
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
		if err := s.skipped(ctx, v, &made); err != nil {
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
