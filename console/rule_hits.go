package console

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"leadline/schemas"
)

// RuleHitReader lists what the learning rules did, newest first.
type RuleHitReader interface {
	RuleHits(ctx context.Context, q schemas.RuleHitQuery) ([]RuleHit, error)
}

// RuleHit is what a learning rule did to a meeting.
type RuleHit struct {
	ID           string    `json:"id"`
	MeetingID    string    `json:"meeting_id"`
	Title        string    `json:"title" doc:"of the meeting, at that time"`
	Rules        []string  `json:"rules" doc:"the id of the rule; of all topics where the effect is off_topic"`
	RuleType     string    `json:"rule_type" doc:"topic, keyword, instruction"`
	RulesVersion int64     `json:"rules_version"`
	Effect       string    `json:"effect" doc:"excluded, about, off_topic, given"`
	Judge        string    `json:"judge,omitempty" doc:"the distiller that judged or was given the instruction, words/N where words judged; none for a keyword"`
	Place        string    `json:"place,omitempty" doc:"title, calendar_title, summary, action_item, transcript; none where nothing was met"`
	Turn         *int32    `json:"turn" doc:"of the transcript, from 0; null where it is not there"`
	Excerpt      string    `json:"excerpt" doc:"verbatim; of a keyword the phrase alone"`
	At           time.Time `json:"at"`
}

// ruleHitPage answers a list of hits. Next is what to give as before for the page
// that follows, null when this one was not full.
type ruleHitPage struct {
	Hits []RuleHit `json:"hits"`
	Next *string   `json:"next"`
}

const defaultRuleHits = 50

// ruleHitRoutes are for the organisation's staff: an excerpt may be the words of
// any customer, or of a meeting that is held back.
var ruleHitRoutes = []route{{
	name: "rule_hits", method: http.MethodGet, path: "/orgs/{org}/rules/hits", permission: schemas.PermissionRead, staff: true,
	summary: "List what the Learning Rules did to meetings and by which words, newest first.",
	params: []param{
		{name: "rule", kind: paramText, says: "Only of this rule: its id."},
		{name: "effect", kind: paramText, values: schemas.HitEffects, says: "Only where the rule did this."},
		{name: "since", kind: paramTime, says: "Only of then or later."},
		beforeParam, limitParam(500, "How many; 50 unless it is said."),
	},
	answer: ruleHitPage{}, do: (*api).ruleHits,
}}

func (a *api) ruleHits(ctx context.Context, c *call) (any, error) {
	q := schemas.RuleHitQuery{
		Org: c.scope().Org, Rule: c.text("rule"), Effect: c.text("effect"), Since: c.moment("since"), Before: c.text("before"),
		Limit: c.number("limit", defaultRuleHits),
	}
	if c.err != nil {
		return nil, c.err
	}
	all, err := a.local.Store.RuleHits(ctx, q)
	if err != nil {
		return nil, err
	}
	page := ruleHitPage{Hits: each(all, shapeRuleHit)}
	if len(all) == q.Limit {
		next := all[len(all)-1].Cursor()
		page.Next = &next
	}
	return page, nil
}

// RuleHits lists what the learning rules did, newest first.
func (l Local) RuleHits(ctx context.Context, q schemas.RuleHitQuery) ([]RuleHit, error) {
	all, err := l.Store.RuleHits(ctx, q)
	return each(all, shapeRuleHit), err
}

func shapeRuleHit(h schemas.RuleHit) RuleHit {
	shape := RuleHit{
		ID: h.ID, MeetingID: h.MeetingID, Title: h.Title, Rules: listed(h.Rules), RuleType: h.RuleType, RulesVersion: h.RulesVersion,
		Effect: h.Effect, Judge: h.Judge, Place: h.Place, Excerpt: h.Excerpt, At: h.At.UTC(),
	}
	if h.Turn >= 0 {
		shape.Turn = &h.Turn
	}
	return shape
}

// RuleHits lists what the learning rules did, newest first. Each is for pages and
// not sent.
func (c *Client) RuleHits(ctx context.Context, q schemas.RuleHitQuery) ([]RuleHit, error) {
	query := make(url.Values)
	set(query, "rule", q.Rule)
	set(query, "effect", q.Effect)
	set(query, "before", q.Before)
	if !q.Since.IsZero() {
		query.Set("since", q.Since.UTC().Format(time.RFC3339Nano))
	}
	setLimit(query, q.Limit)
	var page ruleHitPage
	err := c.get(ctx, &page, query, q.Org, "rules", "hits")
	return page.Hits, err
}

// PrintRuleHits writes a table in the order of the list.
func PrintRuleHits(w io.Writer, all []RuleHit, s Style) error {
	p := newPage(w, s)
	if len(all) == 0 {
		p.line("No rule did anything that is known here.")
		return p.Flush()
	}
	rows := make([][]string, len(all))
	for i, h := range all {
		_, meeting, _ := strings.Cut(h.MeetingID, "/")
		rows[i] = []string{
			p.minutes(h.At), words(h.Effect), strings.Join(h.Rules, ", "), strconv.FormatInt(h.RulesVersion, 10), meeting, h.Met(),
		}
	}
	p.table(0, []column{
		{name: "AT"}, {name: "EFFECT"}, {name: "RULE", shrinks: true}, {name: "VERSION", right: true}, {name: "MEETING", shrinks: true},
		{name: "BY", wraps: true},
	}, rows)
	return p.Flush()
}

// Met says by which words and where, and who judged, for people.
func (h RuleHit) Met() string {
	var said []string
	if h.Excerpt != "" {
		said = append(said, strconv.Quote(oneLine(h.Excerpt)))
	}
	switch {
	case h.Turn != nil:
		said = append(said, "in turn "+strconv.Itoa(int(*h.Turn)))
	case h.Place != "":
		said = append(said, "in the "+words(h.Place))
	}
	if h.Judge != "" {
		judged := "judged by "
		if h.Effect == schemas.HitGiven {
			judged = "to "
		}
		said = append(said, judged+h.Judge)
	}
	return strings.Join(said, ", ")
}
