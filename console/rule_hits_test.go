package console_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"leadline/console"
	"leadline/schemas"
	"leadline/sinks/sink"
)

// ruleHits are what the rules of two organisations did.
func ruleHits() (batch sink.Batch[schemas.RuleHit]) {
	for n, h := range []schemas.RuleHit{
		{Org: harbour, Rules: []string{"secret"}, RuleType: schemas.RuleKeyword, Effect: schemas.HitExcluded, Place: schemas.PlaceTranscript, Turn: 4, Excerpt: "off\n the \x1b[2Jrecord"},
		{Org: harbour, Rules: []string{"piers", "tides"}, RuleType: schemas.RuleTopic, Effect: schemas.HitOffTopic, Judge: "words/1", Turn: -1},
		{Org: harbour, Rules: []string{"piers"}, RuleType: schemas.RuleTopic, Effect: schemas.HitAbout, Judge: "words/1", Place: schemas.PlaceSummary, Turn: -1, Excerpt: "The pier is rotten"},
		{Org: harbour, Rules: []string{"module"}, RuleType: schemas.RuleInstruction, Effect: schemas.HitGiven, Judge: "openai:m prompt/1", Turn: -1},
		{Org: "foreign", Rules: []string{"secret"}, RuleType: schemas.RuleKeyword, Effect: schemas.HitExcluded, Place: schemas.PlaceTitle, Turn: -1, Excerpt: "foreign words"},
	} {
		h.MeetingID, h.Title, h.RulesVersion, h.At = schemas.MeetingID(h.Org, schemas.Fathom, "1001"), "The pier", 7, began.Add(time.Duration(n)*time.Minute)
		h.ID = schemas.HitID(nil, &h)
		batch = append(batch, sink.Row[schemas.RuleHit]{Key: schemas.RuleHitKey(h.MeetingID, h.ID), Version: 1, Value: &h})
	}
	return batch
}

func TestHitsAreListedByPagesAndOfOneOrganisation(t *testing.T) {
	t.Parallel()
	h := console.Handler(console.Options{Store: openHarbour(t), Token: token})
	type page struct {
		Hits []console.RuleHit `json:"hits"`
		Next *string           `json:"next"`
	}
	var rules []string
	for next := ""; ; {
		var p page
		read(t, h, "/harbour/rules/hits?limit=2"+next, &p)
		for _, hit := range p.Hits {
			rules = append(rules, hit.Effect+" "+strings.Join(hit.Rules, "+"))
		}
		if p.Next == nil {
			break
		}
		next = "&before=" + *p.Next
	}
	if got := strings.Join(rules, ", "); got != "given module, about piers, off_topic piers+tides, excluded secret" {
		t.Errorf("hits are %s", got)
	}
	var p page
	read(t, h, "/harbour/rules/hits?rule=piers&since=2026-09-01T09:02:00Z", &p)
	if len(p.Hits) != 1 || p.Hits[0].Effect != schemas.HitAbout || p.Hits[0].Turn != nil || p.Hits[0].MeetingID != "harbour/fathom/1001" {
		t.Errorf("of a rule since then: %+v", p.Hits)
	}
	read(t, h, "/harbour/rules/hits?effect=excluded", &p)
	if len(p.Hits) != 1 || p.Hits[0].Excerpt != "off\n the \x1b[2Jrecord" || p.Hits[0].Turn == nil || *p.Hits[0].Turn != 4 {
		t.Errorf("of an effect: %+v", p.Hits)
	}
}

func TestHitsArePrinted(t *testing.T) {
	t.Parallel()
	all, err := console.Local{Store: openHarbour(t)}.RuleHits(t.Context(), schemas.RuleHitQuery{Org: harbour})
	if err != nil {
		t.Fatal(err)
	}
	var told bytes.Buffer
	if err := console.PrintRuleHits(&told, all, console.Style{Width: 200}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(told.String(), "\n")
	for i, want := range []string{
		"AT  EFFECT  RULE  VERSION  MEETING  BY",
		"2026-09-01 09:03  given  module  7  fathom/1001  to openai:m prompt/1",
		`2026-09-01 09:02  about  piers  7  fathom/1001  "The pier is rotten", in the summary, judged by words/1`,
		"2026-09-01 09:01  off topic  piers, tides  7  fathom/1001  judged by words/1",
		`2026-09-01 09:00  excluded  secret  7  fathom/1001  "off the \x1b[2Jrecord", in turn 4`,
	} {
		if got := strings.Join(strings.Fields(lines[i]), " "); got != strings.Join(strings.Fields(want), " ") {
			t.Errorf("line %d is\n%s\nwant\n%s", i, got, want)
		}
	}
	wantHarmless(t, told.String(), false)
	told.Reset()
	if err := console.PrintRuleHits(&told, nil, console.Style{}); err != nil || !strings.HasPrefix(told.String(), "No rule did anything") {
		t.Errorf("%q, %v", told.String(), err)
	}
	raw, err := json.Marshal(all[1])
	if err != nil || strings.Contains(string(raw), `"turn":0`) || !strings.Contains(string(raw), `"turn":null`) {
		t.Errorf("%s, %v", raw, err)
	}
}
