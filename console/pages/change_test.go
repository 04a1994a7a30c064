package pages_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestAFormWithoutTheSessionsTokenChangesNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t).signIn()
	good := r.csrf()
	form := url.Values{"do": {"remove"}, "id": {"topic-1"}, "version": {"3"}, "recorder": {"fathom"}, "name": {"default"}, "credential": {"good"}, "look_back": {"30"}}
	for _, path := range []string{"/rules", "/integrations", "/integrations/sync", "/integrations/pause", "/signout"} {
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
	if r.rules.set.Version != 3 || len(r.known.asked) > 0 {
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

func TestConnectionsAreSteered(t *testing.T) {
	t.Parallel()
	r := newRig(t).signIn()
	csrf := r.csrf()
	one := url.Values{"csrf": {csrf}, "recorder": {"fathom"}, "name": {"default"}}
	for _, action := range []string{"sync", "pause", "resume"} {
		if w := r.do(http.MethodPost, "/integrations/"+action, one); w.Code != http.StatusSeeOther {
			t.Errorf("%s: %d", action, w.Code)
		}
	}
	if w := r.do(http.MethodPost, "/integrations/erase", one); w.Code != http.StatusNotFound {
		t.Errorf("what there is not: %d", w.Code)
	}
	connect := url.Values{"csrf": {csrf}, "credential": {"a-wrong-key"}, "look_back": {"30"}}
	w := r.do(http.MethodPost, "/integrations", connect)
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "does not accept this key") || strings.Contains(w.Body.String(), "a-wrong-key") {
		t.Errorf("a wrong key: %d %s", w.Code, w.Body)
	}
	connect.Set("credential", "good")
	if w := r.do(http.MethodPost, "/integrations", connect); w.Code != http.StatusSeeOther {
		t.Errorf("a good key: %d", w.Code)
	}
	want := []string{"sync harbour fathom default", "pause harbour fathom default", "resume harbour fathom default", "connect harbour fathom"}
	if !slices.Equal(r.known.asked, want) {
		t.Errorf("asked %v", r.known.asked)
	}
}
