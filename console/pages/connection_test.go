package pages_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"leadline/schemas"
)

func TestConnectionsAreSteered(t *testing.T) {
	t.Parallel()
	r := newRig(t).signIn()
	csrf := r.csrf()
	for _, step := range []struct{ path, more string }{
		{"sync", ""}, {"sync", "look_back=all"}, {"ingest", "do=off"}, {"ingest", "do=on"}, {"end", ""}, {"end", "erase=1&word=erase"},
	} {
		form, err := url.ParseQuery(step.more)
		if err != nil {
			t.Fatal(err)
		}
		form.Set("csrf", csrf)
		form.Set("recorder", "fathom")
		form.Set("name", "default")
		w := r.do(http.MethodPost, "/integration/"+step.path, form)
		if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || to != "/integration?name=default&recorder=fathom" {
			t.Errorf("%s: %d to %q", step, w.Code, to)
		}
		form.Set("name", "second")
		if w := r.do(http.MethodPost, "/integration/"+step.path, form); w.Code != http.StatusNotFound {
			t.Errorf("%s of what there is not: %d", step, w.Code)
		}
	}
	connect := url.Values{"csrf": {csrf}, "recorder": {"fathom"}, "credential": {"a-wrong-key"}, "look_back": {"30"}}
	w := r.do(http.MethodPost, "/integrations", connect)
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "does not accept this key") || strings.Contains(w.Body.String(), "a-wrong-key") {
		t.Errorf("a wrong key: %d %s", w.Code, w.Body)
	}
	connect.Set("credential", "good")
	connect.Set("recorder", "gramophone")
	if w := r.do(http.MethodPost, "/integrations", connect); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("a recorder that there is not: %d", w.Code)
	}
	connect.Set("recorder", "zoom")
	if w := r.do(http.MethodPost, "/integrations", connect); w.Code != http.StatusSeeOther {
		t.Errorf("a good key: %d", w.Code)
	}
	want := []string{
		"sync harbour fathom default", "sync since 1970-01-01 harbour fathom default", "pause harbour fathom default", "resume harbour fathom default",
		"disconnect harbour fathom default", "erase harbour fathom default", "connect harbour zoom",
	}
	if !slices.Equal(r.known.asked, want) {
		t.Errorf("asked %q, want %q", r.known.asked, want)
	}
}

func TestNothingIsErasedWithoutTheWord(t *testing.T) {
	t.Parallel()
	r := newRig(t).signIn()
	form := url.Values{"csrf": {r.csrf()}, "recorder": {"fathom"}, "name": {"default"}, "erase": {"1"}}
	for _, word := range []string{"", "yes", "ERASE"} {
		form.Set("word", word)
		if w := r.do(http.MethodPost, "/integration/end", form); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%q: %d", word, w.Code)
		}
	}
	if len(r.known.asked) > 0 {
		t.Errorf("asked %v", r.known.asked)
	}
}

func TestADeliveryLeadsToItsMeeting(t *testing.T) {
	t.Parallel()
	r := newRig(t).signIn()
	if _, body := r.read("/integration?recorder=fathom&name=default"); !strings.Contains(body, "/meeting?recorder=fathom&amp;recording=plain") {
		t.Error("the last delivery leads nowhere")
	}
}

func TestADeliveryThatWasRefusedLeadsToItsDeadLetter(t *testing.T) {
	t.Parallel()
	r := newRig(t).signIn()
	tree, _ := r.read("/integration?recorder=fathom&name=default")
	for _, row := range all(tree, "tr") {
		if !strings.Contains(textOf(row), "msg_broken") {
			continue
		}
		if links := all(row, "a"); len(links) != 1 || textOf(links[0]) != "rejected" || attribute(links[0], "href") != "/deadletter?at="+url.QueryEscape(at) {
			t.Errorf("%s", markup(row))
		}
		return
	}
	t.Error("the delivery is not there")
}

func TestTheReceiptOfAnErasureNamesEachPlace(t *testing.T) {
	t.Parallel()
	r := newRig(t).signIn()
	r.known.receipt = &schemas.ErasureReceipt{
		AskedAt: began, DoneAt: began, Meetings: 1, Kept: 2, Tombstones: map[string]int{"meetings.rows.v1": 1}, Stores: map[string]int{"sink-a": 4},
		Remaining: map[string]int{"meetings.raw.v1": 5}, Unreadable: 1,
	}
	_, body := r.read("/integration?recorder=fathom&name=default")
	for _, want := range []string{
		"1 meeting erased by", "2 kept", "removed 4 keys", "1 tombstone written", "5 records still held", "1 raw record of the connection",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the receipt does not say %q", want)
		}
	}
}
