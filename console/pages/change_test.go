package pages_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestAFormWithoutTheSessionsTokenChangesNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t).signIn()
	good := r.csrf()
	form := url.Values{"do": {"remove"}, "id": {"topic-1"}, "version": {"3"}, "recorder": {"fathom"}, "name": {"default"}, "credential": {"good"}, "look_back": {"30"}}
	for _, path := range []string{"/rules", "/integrations", "/integration/sync", "/integration/ingest", "/integration/end", "/unmatched", "/deadletters", "/signout"} {
		for _, csrf := range []string{"", "x", good[:len(good)-1]} {
			form.Set("csrf", csrf)
			if w := r.do(http.MethodPost, path, form); w.Code != http.StatusForbidden {
				t.Errorf("%s with %q: %d", path, csrf, w.Code)
			}
		}
		form.Set("csrf", good)
		if w := r.do(http.MethodPost, path, form, "Sec-Fetch-Site", "cross-site"); w.Code != http.StatusForbidden {
			t.Errorf("%s from another site: %d", path, w.Code)
		}
		form.Del("csrf")
		if w := r.do(http.MethodPost, path+"?csrf="+good, form); w.Code != http.StatusForbidden {
			t.Errorf("%s with the token in its address: %d", path, w.Code)
		}
	}
	if r.rules.set.Version != 3 || len(r.known.asked)+len(r.solved)+len(r.topics.replayed) > 0 {
		t.Errorf("version %d, %v", r.rules.set.Version, r.known.asked)
	}
}

func TestRulesAreChangedOneByOne(t *testing.T) {
	t.Parallel()
	r := newRig(t).signIn()
	csrf := r.csrf()
	for _, step := range []struct {
		form string
		want string
	}{
		{"do=off&id=topic-1&version=3", "topic-1 off, keyword-1 off"},
		{"do=on&id=keyword-1&version=4", "topic-1 off, keyword-1 on"},
		{"do=add&type=topic&text=storms&version=5", "topic-1 off, keyword-1 on, topic-2 on"},
		{"do=up&id=topic-2&version=6", "topic-1 off, topic-2 on, keyword-1 on"},
		{"do=save&id=topic-1&type=instruction&text=+look+&version=7", "topic-1 off, topic-2 on, keyword-1 on"},
		{"do=remove&id=topic-2&version=8", "topic-1 off, keyword-1 on"},
	} {
		form, err := url.ParseQuery(step.form)
		if err != nil {
			t.Fatal(err)
		}
		form.Set("csrf", csrf)
		if w := r.do(http.MethodPost, "/rules", form); w.Code != http.StatusSeeOther {
			t.Fatalf("%s: %d %s", step.form, w.Code, w.Body)
		}
		var now []string
		for _, rule := range r.rules.set.Rules {
			state := " off"
			if rule.Enabled {
				state = " on"
			}
			now = append(now, rule.ID+state)
		}
		if got := strings.Join(now, ", "); got != step.want {
			t.Errorf("%s: %s, want %s", step.form, got, step.want)
		}
	}
	if first := r.rules.set.Rules[0]; first.Text != "look" || first.Type != "instruction" {
		t.Errorf("the saved rule is %+v", first)
	}
}

func TestARuleOfAnOlderVersionIsNotSavedAndNotLost(t *testing.T) {
	t.Parallel()
	r := newRig(t).signIn()
	form := url.Values{"csrf": {r.csrf()}, "do": {"add"}, "type": {"topic"}, "text": {"my long thought"}, "version": {"2"}}
	w := r.do(http.MethodPost, "/rules", form)
	if w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "my long thought") || r.rules.set.Version != 3 {
		t.Errorf("%d, version %d", w.Code, r.rules.set.Version)
	}
	form.Set("version", "3")
	form.Set("text", strings.Repeat("long", 200))
	if w := r.do(http.MethodPost, "/rules", form); w.Code != http.StatusUnprocessableEntity || r.rules.set.Version != 3 {
		t.Errorf("a rule that is too long: %d", w.Code)
	}
}

func TestARuleIsTriedWithoutBeingSaved(t *testing.T) {
	t.Parallel()
	r := newRig(t).signIn()
	form := url.Values{"csrf": {r.csrf()}, "do": {"try"}, "type": {"keyword"}, "text": {"off the record"}, "version": {"3"}}
	for id, want := range map[string]int{"": 3, "topic-1": 2} {
		form.Set("id", id)
		w := r.do(http.MethodPost, "/rules", form)
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "1 of 7 meetings") || !strings.Contains(w.Body.String(), "off the record") {
			t.Errorf("%q: %d %.3000s", id, w.Code, w.Body)
		}
		if len(r.tried) != want || r.rules.set.Version != 3 {
			t.Errorf("%q: tried %+v, version %d", id, r.tried, r.rules.set.Version)
		}
	}
	form.Set("text", strings.Repeat("long", 200))
	if w := r.do(http.MethodPost, "/rules", form); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("a rule that is too long: %d", w.Code)
	}
}

func TestWhatARuleDidIsListedWithIt(t *testing.T) {
	t.Parallel()
	tree, _ := newRig(t).signIn().read("/rules")
	listed := make(map[string][]string)
	for _, d := range all(tree, "details") {
		summary := textOf(all(d, "summary")[0])
		for _, item := range all(d, "li") {
			listed[summary] = append(listed[summary], attribute(all(item, "a")[0], "href")+" "+textOf(item))
		}
	}
	for summary, want := range map[string][]string{
		"What keyword-1 did last":                           {"/meeting?recorder=fathom&recording=nobodys Kept out ", `, "confidential", in the title`, "rules version 2"},
		"What topic-1 did last":                             {"/meeting?recorder=fathom&recording=plain Is about it: The pier", "in turn 1, judged by words/1", "rules version 3"},
		"The last meetings, of which nothing was drawn out": {"recording=long Not about topic-1, topic-2: A long turn", "judged by model/1"},
	} {
		if len(listed[summary]) != 1 {
			t.Errorf("%s: %q", summary, listed[summary])
			continue
		}
		for _, w := range want {
			if !strings.Contains(listed[summary][0], w) {
				t.Errorf("%s: %.500q lacks %q", summary, listed[summary][0], w)
			}
		}
	}
}
