package console

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"leadline/schemas"
)

// CostReader sums up what learning cost an organisation.
type CostReader interface {
	Costs(ctx context.Context, q schemas.CostQuery) (Costs, error)
}

// Cost is what answers of a model cost.
type Cost struct {
	Calls     int32   `json:"calls"`
	TokensIn  int64   `json:"tokens_in"`
	TokensOut int64   `json:"tokens_out"`
	Cost      float64 `json:"cost" doc:"in the currency that the prices are in"`
}

// Costs are those of an organisation.
type Costs struct {
	Total     Cost            `json:"total"`
	Parked    Cost            `json:"parked" doc:"of it, what gave no usable answer"`
	ByRule    map[string]Cost `json:"by_rule" doc:"an answer counts for every rule that it had a part in"`
	ByCompany map[string]Cost `json:"by_company" doc:"a meeting counts for every customer that it is about"`
}

var costRoutes = []route{{
	name: "costs", method: http.MethodGet, path: "/orgs/{org}/rules/costs", permission: schemas.PermissionRead, staff: true,
	summary: "Sum up what learning cost, by rule and by customer.",
	params:  []param{{name: "since", kind: paramText, says: "Only answers of this day (UTC) or later, as 2026-09-01."}},
	answer:  Costs{}, do: (*api).costs,
}}

func (a *api) costs(ctx context.Context, c *call) (any, error) {
	q := schemas.CostQuery{Org: c.scope().Org}
	if since := c.text("since"); since != "" {
		var err error
		if q.Since, err = time.Parse(time.DateOnly, since); err != nil {
			c.fail(invalid("since", "%.40q is no day: want 2026-09-01", since))
		}
	}
	if c.err != nil {
		return nil, c.err
	}
	return a.local.Costs(ctx, q)
}

// Costs sums up what learning cost an organisation.
func (l Local) Costs(ctx context.Context, q schemas.CostQuery) (Costs, error) {
	all, err := l.Store.Costs(ctx, q)
	if err != nil {
		return Costs{}, err
	}
	return Costs{
		Total: shapeCost(all.Total), Parked: shapeCost(all.Parked), ByRule: shapeCosts(all.ByRule), ByCompany: shapeCosts(all.ByCompany),
	}, nil
}

func shapeCost(s schemas.Spending) Cost {
	return Cost{Calls: s.Calls, TokensIn: s.TokensIn, TokensOut: s.TokensOut, Cost: float64(s.Micros) / 1e6}
}

func shapeCosts(of map[string]schemas.Spending) map[string]Cost {
	shapes := make(map[string]Cost, len(of))
	for name, s := range of {
		shapes[name] = shapeCost(s)
	}
	return shapes
}

// Costs sums up what learning cost an organisation; of Since it sends the day.
func (c *Client) Costs(ctx context.Context, q schemas.CostQuery) (Costs, error) {
	query := make(url.Values)
	if !q.Since.IsZero() {
		query.Set("since", q.Since.UTC().Format(time.DateOnly))
	}
	var costs Costs
	err := c.get(ctx, &costs, query, q.Org, "rules", "costs")
	return costs, err
}

// PrintCosts writes a table, the dearest first.
func PrintCosts(w io.Writer, c Costs, s Style) error {
	p := newPage(w, s)
	row := func(what, name string, c Cost) []string {
		return []string{
			what, name, strconv.Itoa(int(c.Calls)), strconv.FormatInt(c.TokensIn, 10), strconv.FormatInt(c.TokensOut, 10), fmt.Sprintf("%.4f", c.Cost),
		}
	}
	rows := [][]string{row("all", "", c.Total), row("parked", "", c.Parked)}
	for _, part := range []struct {
		what string
		of   map[string]Cost
	}{{"rule", c.ByRule}, {"company", c.ByCompany}} {
		names := slices.SortedFunc(maps.Keys(part.of), func(a, b string) int {
			return cmp.Or(cmp.Compare(part.of[b].Cost, part.of[a].Cost), cmp.Compare(a, b))
		})
		for _, name := range names {
			rows = append(rows, row(part.what, name, part.of[name]))
		}
	}
	p.table(0, []column{
		{name: "OF"}, {name: "NAME", shrinks: true}, {name: "CALLS", right: true}, {name: "TOKENS IN", right: true},
		{name: "TOKENS OUT", right: true}, {name: "COST", right: true},
	}, rows)
	return p.Flush()
}

// PrintParked writes what is left to learn, and why.
func PrintParked(w io.Writer, all []Meeting, s Style) error {
	p := newPage(w, s)
	if len(all) == 0 {
		p.line("No meeting is parked, and none waits for a model.")
		return p.Flush()
	}
	rows := make([][]string, len(all))
	for i, m := range all {
		rows[i] = []string{p.minutes(m.StartedAt), m.Provider + "/" + m.RecordingID, words(m.Learning), oneLine(m.LearningWhy)}
	}
	p.table(0, []column{{name: "STARTED"}, {name: "MEETING"}, {name: "LEARNING"}, {name: "BECAUSE", wraps: true}}, rows)
	return p.Flush()
}
