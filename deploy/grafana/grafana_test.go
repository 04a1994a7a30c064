package grafana

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// panel is what a dashboard's file says of one.
type panel struct {
	Title   string
	Type    string
	Targets []struct{ Expr, LegendFormat string }
	Panels  []panel
}

var legend = regexp.MustCompile(`\{\{\s*(\w+)\s*\}\}`)

func TestDashboardsShowWhatExists(t *testing.T) {
	t.Parallel()
	exists := everything(t)
	files, err := filepath.Glob("dashboards/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no dashboards: %v", err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var dashboard struct{ Panels []panel }
		if err := json.Unmarshal(raw, &dashboard); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		checked := 0
		var check func(panels []panel)
		check = func(panels []panel) {
			for _, p := range panels {
				if p.Type != "row" && len(p.Targets) == 0 {
					t.Errorf("%s: %q shows nothing", file, p.Title)
				}
				for _, target := range p.Targets {
					expression := strings.ReplaceAll(target.Expr, "$__rate_interval", "5m")
					for _, problem := range exists.problems(expression, submatches(legend, target.LegendFormat)) {
						t.Errorf("%s: %q: %s: %s", file, p.Title, target.Expr, problem)
					}
					checked++
				}
				check(p.Panels)
			}
		}
		check(dashboard.Panels)
		if checked == 0 {
			t.Errorf("%s has no expressions", file)
		}
	}
}

var (
	alertName  = regexp.MustCompile(`(?m)^ +- alert: (\w+)$`)
	alertExpr  = regexp.MustCompile(`(?m)^ +expr: (.+)$`)
	alertLabel = regexp.MustCompile(`\$labels\.(\w+)`)
)

func TestAlertsAskWhatExists(t *testing.T) {
	t.Parallel()
	exists := everything(t)
	raw, err := os.ReadFile("alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	starts := alertName.FindAllStringSubmatchIndex(string(raw), -1)
	if len(starts) == 0 {
		t.Fatal("no alerts")
	}
	names := make(map[string]bool)
	for i, at := range starts {
		end := len(raw)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		name, text := string(raw[at[2]:at[3]]), string(raw[at[0]:end])
		if names[name] {
			t.Errorf("there are two alerts %s", name)
		}
		names[name] = true
		expressions := submatches(alertExpr, text)
		if len(expressions) != 1 || !strings.Contains(text, "severity: ") || !strings.Contains(text, "summary: ") {
			t.Errorf("%s wants an expr on one line, a severity and a summary", name)
			continue
		}
		for _, problem := range exists.problems(expressions[0], submatches(alertLabel, text)) {
			t.Errorf("%s: %s", name, problem)
		}
	}
}

// The Prometheus operator takes the same alerts in an envelope of its own.
func TestOperatorHasTheSameAlerts(t *testing.T) {
	t.Parallel()
	alerts, err := os.ReadFile("alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	rules, err := os.ReadFile("../kubernetes/components/prometheus/rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, want, _ := strings.Cut(string(alerts), "groups:\n")
	_, got, _ := strings.Cut(string(rules), "  groups:\n")
	if want == "" || unindented(got) != want {
		t.Error("rules.yaml is not alerts.yml, two spaces further in")
	}
}

func unindented(text string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		lines[i] = strings.TrimPrefix(l, "  ")
	}
	return strings.Join(lines, "\n")
}

func submatches(re *regexp.Regexp, text string) []string {
	var found []string
	for _, m := range re.FindAllStringSubmatch(text, -1) {
		found = append(found, m[1])
	}
	return found
}
