package fathom

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

const testKey = "key-0123456789"

func serve(t *testing.T, handler http.HandlerFunc, change ...func(*Options)) *Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	o := Options{BaseURL: server.URL + "/external/v1/", APIKey: testKey, Now: func() time.Time { return testNow }}
	for _, c := range change {
		c(&o)
	}
	client, err := NewClient(o)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func answer(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]Options{
		"no key":            {},
		"key with newline":  {APIKey: "a\nb"},
		"key with space":    {APIKey: "a b"},
		"endless key":       {APIKey: strings.Repeat("k", 513)},
		"no scheme":         {APIKey: testKey, BaseURL: "api.fathom.ai"},
		"other scheme":      {APIKey: testKey, BaseURL: "ftp://api.fathom.ai"},
		"user in the URL":   {APIKey: testKey, BaseURL: "https://me@api.fathom.ai"},
		"query in the URL":  {APIKey: testKey, BaseURL: "https://api.fathom.ai?a=b"},
		"negative response": {APIKey: testKey, MaxResponse: -1},
	} {
		if _, err := NewClient(o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	c, err := NewClient(Options{APIKey: testKey})
	if err != nil {
		t.Fatal(err)
	}
	if c.base != DefaultBaseURL || strings.Contains(fmt.Sprintf("%v %+v", c, c), testKey) {
		t.Errorf("client prints as %v", c)
	}
}

func TestMeetingsSendsWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	var got *http.Request
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		_, _ = io.WriteString(w, `{"items":[]}`)
	})
	after := time.Date(2026, 9, 14, 17, 0, 0, 900, time.FixedZone("", 7200))
	_, err := client.Meetings(t.Context(), ListRequest{
		Cursor: "a+b/=", CreatedAfter: after, CreatedBefore: after, Transcript: true, Summary: true, ActionItems: true, Highlights: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	want := url.Values{
		"cursor": {"a+b/="}, "created_after": {"2026-09-14T15:00:00Z"}, "created_before": {"2026-09-14T15:00:01Z"},
		"include_transcript": {"true"}, "include_summary": {"true"}, "include_action_items": {"true"}, "include_highlights": {"true"},
	}
	if got.URL.Path != "/external/v1/meetings" || got.URL.Query().Encode() != want.Encode() {
		t.Errorf("asked for %s", got.URL)
	}
	if got.Header.Get("X-Api-Key") != testKey {
		t.Errorf("key %q", got.Header.Get("X-Api-Key"))
	}
	if _, err := client.Meetings(t.Context(), ListRequest{}); err != nil || got.URL.RawQuery != "" {
		t.Errorf("empty request asked for %q, %v", got.URL.RawQuery, err)
	}
}

func TestItemsKeepTheirBytes(t *testing.T) {
	t.Parallel()
	items := []string{
		"{ \"recording_id\" : 42,\n \"new_field\":1.0e2, \"shared_with\":\"nobody_knows\", \"x\":\"\\u00e9<\" }",
		`{"recording_id":9223372036854775807}`,
		`{"recording_id":"text"}`,
		`{"recording_id":1.5}`,
		`null`,
		`[1]`,
	}
	client := serve(t, answer(200, `{"limit":null,"next_cursor":" c ","items":[`+strings.Join(items, " ,\n")+`],"more":1}`))
	page, err := client.Meetings(t.Context(), ListRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Items) != len(items) || page.NextCursor != " c " {
		t.Fatalf("got %d items, cursor %q", len(page.Items), page.NextCursor)
	}
	for i, id := range []string{"42", "9223372036854775807", "", "", "", ""} {
		if got, _ := document(page.Items[i]); got.Recording != id || string(got.Body) != items[i] {
			t.Errorf("item %d: recording %q, %s", i, got.Recording, got.Body)
		}
	}
}

func TestLastPageAndUnreadablePages(t *testing.T) {
	t.Parallel()
	for body, ok := range map[string]bool{
		`{"items":[],"next_cursor":null}`: true,
		`{"items":[],"next_cursor":""}`:   true,
		`{"items":[],"next_cursor":" "}`:  true,
		`{"items":[]}`:                    true,
		`{"items":[],"next_cursor":3}`:    false,
		`{"items":null}`:                  false,
		`{"error":"odd"}`:                 false,
		`{"items":[`:                      false,
		`<html>`:                          false,
		``:                                false,
	} {
		page, err := serve(t, answer(200, body)).Meetings(t.Context(), ListRequest{})
		if (err == nil) != ok || page.NextCursor != "" {
			t.Errorf("%s: cursor %q, %v", body, page.NextCursor, err)
		}
	}
}

func TestAnswersAreLimited(t *testing.T) {
	t.Parallel()
	body := `{"items":[]}`
	for size, want := range map[int64]error{int64(len(body)): nil, int64(len(body)) - 1: ErrTooLarge} {
		client := serve(t, answer(200, body), func(o *Options) { o.MaxResponse = size })
		if _, err := client.Meetings(t.Context(), ListRequest{}); !errors.Is(err, want) {
			t.Errorf("limit %d: %v", size, err)
		}
	}
}

func TestProveAsksForMeetings(t *testing.T) {
	t.Parallel()
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.String() != "/external/v1/meetings?limit=1" {
			w.WriteHeader(http.StatusTeapot)
		}
		_, _ = io.WriteString(w, `{"items":[]}`)
	})
	if err := client.Prove(t.Context()); err != nil {
		t.Error(err)
	}
	if err := serve(t, answer(200, "<html>log in</html>")).Prove(t.Context()); err == nil {
		t.Error("a page of HTML proved the key")
	}
}

func TestWebhooksAreCreatedAndDeleted(t *testing.T) {
	t.Parallel()
	var method, path, body string
	status := http.StatusCreated
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		read, _ := io.ReadAll(r.Body)
		method, path, body = r.Method, r.URL.EscapedPath(), string(read)
		w.WriteHeader(status)
		if status == http.StatusCreated {
			_, _ = io.WriteString(w, `{"id":"w1","url":"https://h.example/x","secret":"whsec_s","created_at":"2026-09-14T09:12:46Z","new":1}`)
		}
	})
	hook, err := client.CreateWebhook(t.Context(), WebhookRequest{
		DestinationURL: "https://h.example/x", TriggeredFor: []string{MyRecordings}, Transcript: true,
	})
	if err != nil || hook.ID != "w1" || hook.Secret != "whsec_s" || hook.URL != "https://h.example/x" || hook.CreatedAt.IsZero() {
		t.Fatalf("got %v, %v", hook, err)
	}
	if strings.Contains(fmt.Sprintf("%v %+v", hook, &hook), "whsec_s") {
		t.Error("the secret is printed")
	}
	const want = `{"destination_url":"https://h.example/x","triggered_for":["my_recordings"],` +
		`"include_transcript":true,"include_summary":false,"include_action_items":false,"include_crm_matches":false}`
	if method != http.MethodPost || path != "/external/v1/webhooks" || body != want {
		t.Errorf("sent %s %s %s", method, path, body)
	}

	for code, ok := range map[int]bool{204: true, 404: true, 200: false, 401: false, 500: false} {
		status = code
		if err := client.DeleteWebhook(t.Context(), "a/b"); (err == nil) != ok {
			t.Errorf("delete answered %d: %v", code, err)
		}
	}
	if method != http.MethodDelete || path != "/external/v1/webhooks/a%2Fb" {
		t.Errorf("sent %s %s", method, path)
	}
	for _, id := range []string{"", ".", ".."} {
		if err := client.DeleteWebhook(t.Context(), id); err == nil {
			t.Errorf("id %q was deleted", id)
		}
	}
}

func TestWebhookWithoutSecretIsAnError(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"id":"w1"}`, `{"secret":"whsec_s"}`, `{}`, `[]`, ``} {
		if _, err := serve(t, answer(201, body)).CreateWebhook(t.Context(), WebhookRequest{}); err == nil {
			t.Errorf("%q was accepted", body)
		}
	}
}

func FuzzDecodePage(f *testing.F) {
	f.Add([]byte(`{"limit":10,"next_cursor":"x","items":[{"recording_id":1},{"recording_id":"x"}]}`))
	f.Add([]byte(`{"items":[ {"a" : 1.0} , null]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		page, err := decodePage(body)
		if err != nil {
			return
		}
		for _, item := range page.Items {
			if !strings.Contains(string(body), string(item)) {
				t.Fatalf("item %q is not in the page", item)
			}
		}
	})
}
