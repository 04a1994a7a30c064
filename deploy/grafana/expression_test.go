package grafana

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The dashboards and alerts use a small part of PromQL. What reads it here knows
// that part, and refuses everything else rather than overlook a name in it.
var (
	token     = regexp.MustCompile(`"[^"]*"|\[[^\]]*\]|[a-zA-Z_:][a-zA-Z0-9_:]*|[0-9.]+[smhdw]?|=~|!~|!=|==|>=|<=|[-+*/<>=(){},]|\s+`)
	functions = strings.Fields("sum max min avg count rate increase histogram_quantile absent clamp_min")
	lists     = strings.Fields("by without on ignoring group_left group_right")
	operators = strings.Fields("and or unless bool")
	// ambient are the labels that Prometheus adds to every series; see
	// prometheus.yml.
	ambient = strings.Fields("job instance role")
)

// used is what an expression names: metrics with the labels that are matched,
// and the labels that it keeps or drops.
type used struct {
	matched map[string][]string
	listed  []string
}

func read(expression string) (used, error) {
	u := used{matched: make(map[string][]string)}
	var tokens []string
	for rest := expression; rest != ""; {
		at := token.FindStringIndex(rest)
		if at == nil || at[0] != 0 {
			return u, fmt.Errorf("cannot read %q", rest)
		}
		if t := rest[:at[1]]; strings.TrimSpace(t) != "" {
			tokens = append(tokens, t)
		}
		rest = rest[at[1]:]
	}
	word := func(t string) bool { return regexp.MustCompile(`^[a-zA-Z_:]`).MatchString(t) }
	next := func(i int) string {
		if i+1 < len(tokens) {
			return tokens[i+1]
		}
		return ""
	}
	// until returns what stands in brackets and the index of the closing one.
	until := func(i int, end string) ([]string, int, error) {
		for j := i; j < len(tokens); j++ {
			if tokens[j] == end {
				return tokens[i:j], j, nil
			}
		}
		return nil, 0, fmt.Errorf("no %s in %q", end, expression)
	}
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		switch {
		case !word(t), slices.Contains(operators, t):
		case t == "offset":
			i++ // how far back
		case slices.Contains(lists, t):
			inside, end, err := until(i+2, ")")
			if err != nil {
				return u, err
			}
			u.listed = append(u.listed, labels(inside)...)
			i = end
		case next(i) == "(" || slices.Contains(lists, next(i)):
			if !slices.Contains(functions, t) {
				return u, fmt.Errorf("unknown function %s", t)
			}
		default:
			u.matched[t] = append(u.matched[t], []string{}...)
			if next(i) == "{" {
				inside, end, err := until(i+2, "}")
				if err != nil {
					return u, err
				}
				u.matched[t] = append(u.matched[t], labels(inside)...)
				i = end
			}
		}
	}
	if len(u.matched) == 0 {
		return u, fmt.Errorf("%q names no metric", expression)
	}
	return u, nil
}

// labels are the words among tokens: what they are compared with is quoted.
func labels(tokens []string) []string {
	var found []string
	for _, t := range tokens {
		if regexp.MustCompile(`^[a-zA-Z_]`).MatchString(t) {
			found = append(found, t)
		}
	}
	return found
}

// problems says what of an expression, and of a text about its result that uses
// the labels shown, Leadline does not have.
func (r registered) problems(expression string, shown []string) []string {
	u, err := read(expression)
	if err != nil {
		return []string{err.Error()}
	}
	var found, all []string
	for metric, matched := range u.matched {
		has, exists := r[metric]
		if !exists {
			found = append(found, "there is no metric "+metric)
		}
		all = append(all, has...)
		for _, label := range matched {
			if exists && !slices.Contains(has, label) && !slices.Contains(ambient, label) {
				found = append(found, metric+" has no label "+label)
			}
		}
	}
	for _, label := range u.listed {
		if !slices.Contains(all, label) && !slices.Contains(ambient, label) {
			found = append(found, "no metric of it has the label "+label)
		}
	}
	// An aggregation keeps only what it lists.
	kept := append(slices.Clone(all), ambient...)
	if strings.Contains(expression, "sum") || strings.Contains(expression, "max") || strings.Contains(expression, "min") {
		kept = u.listed
	}
	for _, label := range shown {
		if !slices.Contains(kept, label) {
			found = append(found, "its result has no label "+label)
		}
	}
	return found
}

// What reads expressions sees each kind of mistake: else the tests of the
// dashboard and of the alerts could not fail.
func TestMistakesAreFound(t *testing.T) {
	t.Parallel()
	r := registered{
		"a_total": {"stage"}, "b_seconds_bucket": {"stage", "le"}, "b_seconds_sum": {"stage"}, "up": nil,
	}
	for expression, want := range map[string]int{
		`sum by (stage) (rate(a_total{stage="x", role=~"y|z"}[5m])) > 0`:               0,
		`histogram_quantile(0.99, sum by (le, stage) (rate(b_seconds_bucket[5m])))`:    0,
		`sum(rate(a_total[5m])) by (stage) unless on (stage) sum by (stage) (a_total)`: 0,
		`up{job="leadline"} == 0`:                                   0,
		`rate(c_total[5m])`:                                         1,
		`rate(b_seconds[5m])`:                                       1,
		`rate(a_total{stage="x", reason="y"}[5m])`:                  1,
		`sum by (stage, topic) (a_total)`:                           1,
		`histogram_quantile(0.99, sum by (le) (rate(a_total[5m])))`: 1,
		`a_total + c_total - d_total`:                               2,
		`frobnicate(a_total)`:                                       1,
		`a_total offset 5m`:                                         0,
		`a_total @ 5`:                                               1,
		`1 + 2`:                                                     1,
	} {
		if got := r.problems(expression, nil); len(got) != want {
			t.Errorf("%s: %q, want %d", expression, got, want)
		}
	}
	for shown, want := range map[string]int{"stage": 0, "reason": 1, "role": 1} {
		if got := r.problems(`sum by (stage) (a_total)`, []string{shown}); len(got) != want {
			t.Errorf("%s shown: %q, want %d", shown, got, want)
		}
	}
}
