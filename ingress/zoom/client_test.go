package zoom

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("net/http.(*persistConn).readLoop"), goleak.IgnoreTopFunction("net/http.(*persistConn).writeLoop"))
}

var testCredential = Credential{AccountID: "acc-1", ClientID: "client-1", ClientSecret: "hush-hush-1"}

// fakeZoom is a network without sockets, which a synctest bubble can wait for.
type fakeZoom struct {
	mu     sync.Mutex
	tokens int
	calls  []*http.Request
	answer func(r *http.Request, n int) (status int, body string, header http.Header)
	token  func(n int) (status int, body string) // nil: a new token each time
}

func (f *fakeZoom) RoundTrip(r *http.Request) (*http.Response, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	status, body, header := 200, "", http.Header{}
	if strings.HasSuffix(r.URL.Path, "/oauth/token") {
		f.tokens++
		if body = fmt.Sprintf(`{"access_token":"token-%d","expires_in":3599,"api_url":"https://evil.example"}`, f.tokens); f.token != nil {
			status, body = f.token(f.tokens)
		}
	} else {
		f.calls = append(f.calls, r)
		status, body, header = f.answer(r, len(f.calls))
	}
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

func (f *fakeZoom) client(t *testing.T, change ...func(*Options)) *Client {
	t.Helper()
	o := Options{Credential: testCredential, HTTP: &http.Client{Transport: f}}
	for _, c := range change {
		c(&o)
	}
	c, err := NewClient(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestUUIDsGoOverTheWireAsZoomWantsThem(t *testing.T) {
	t.Parallel()
	var got string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/oauth/token" {
			_, _ = io.WriteString(w, `{"access_token":"t","expires_in":3599}`)
			return
		}
		got = r.RequestURI
		_, _ = io.WriteString(w, `{}`)
	}))
	defer server.Close()
	c, err := NewClient(Options{BaseURL: server.URL + "/v2/", Credential: testCredential})
	if err != nil {
		t.Fatal(err)
	}
	for uuid, want := range map[string]string{
		"4444AAAiAAAAAiAiAiiAii==": "4444AAAiAAAAAiAiAiiAii%3D%3D",
		"/ajXp112QmuoKj4854875==":  "%252FajXp112QmuoKj4854875%253D%253D",
		"Q3t//kT8m5Yw1bA==":        "Q3t%252F%252FkT8m5Yw1bA%253D%253D",
		"a/b+c==":                  "a%2Fb%2Bc%3D%3D",
	} {
		if _, err := c.get(t.Context(), limitLight, meetingPath("/meetings/", uuid, "/recordings"), nil); err != nil {
			t.Fatal(err)
		}
		if got != "/v2/meetings/"+want+"/recordings" {
			t.Errorf("%s went as %s", uuid, got)
		}
	}
}

func TestOneOfManyCallersRenewsAToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dead := map[string]bool{"Bearer token-1": true}
		f := &fakeZoom{answer: func(r *http.Request, _ int) (int, string, http.Header) {
			if dead[r.Header.Get("Authorization")] {
				return 401, `{"code":124,"message":"Invalid access token."}`, nil
			}
			return 200, `{}`, nil
		}}
		c := f.client(t)
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() {
				if _, err := c.get(t.Context(), limitLight, "/x", nil); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if f.tokens != 2 {
			t.Errorf("%d tokens were asked for", f.tokens)
		}
		// A minute before its end a token is renewed without anybody being refused.
		calls := len(f.calls)
		time.Sleep(3599*time.Second - 59*time.Second)
		if _, err := c.get(t.Context(), limitLight, "/x", nil); err != nil || f.tokens != 3 || len(f.calls) != calls+1 {
			t.Errorf("%d tokens, %d calls, %v", f.tokens, len(f.calls)-calls, err)
		}
	})
}

func TestARefusedCredentialIsAskedForOnceAndNeverShown(t *testing.T) {
	t.Parallel()
	f := &fakeZoom{token: func(int) (int, string) {
		return 400, `{"reason":"Invalid client_id or client_secret hush-hush-1","error":"invalid_client"}`
	}}
	_, err := f.client(t).get(t.Context(), limitLight, "/x", nil)
	status, ok := errors.AsType[*StatusError](err)
	if !ok || !status.credential || status.expired() || f.tokens != 1 || strings.Contains(err.Error(), "hush") {
		t.Errorf("%d requests, %v", f.tokens, err)
	}
	c := f.client(t)
	if text := fmt.Sprintf("%v %+v %#v", c, testCredential, testCredential); strings.Contains(text, "hush") {
		t.Errorf("printed as %s", text)
	}
}

func TestAnswersThatAreNoTokenAreErrorsWithoutTheirText(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{}`, `[]`, `hush-token`, `{"access_token":"a b"}`, `{"access_token":"` + strings.Repeat("x", maxToken+1) + `"}`} {
		f := &fakeZoom{token: func(int) (int, string) { return 200, body }}
		if _, err := f.client(t).get(t.Context(), limitLight, "/x", nil); err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%.40s: %v", body, err)
		}
	}
}

func TestWhoGivesUpDoesNotTakeTheRenewalFromOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		f := &fakeZoom{
			token: func(int) (int, string) { <-release; return 200, `{"access_token":"late","expires_in":3599}` },
		}
		c := f.client(t)
		first, cancel := context.WithCancel(t.Context())
		gone, waited := make(chan error, 1), make(chan error, 1)
		go func() { _, err := c.token(first, ""); gone <- err }()
		synctest.Wait()
		go func() {
			value, err := c.token(t.Context(), "")
			if value != "late" {
				err = errors.Join(err, fmt.Errorf("token %q", value))
			}
			waited <- err
		}()
		synctest.Wait()
		cancel()
		if err := <-gone; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		close(release)
		if err := <-waited; err != nil || f.tokens != 1 {
			t.Errorf("%d tokens, %v", f.tokens, err)
		}
	})
}

func TestAFullSecondIsWaitedForAndAFullDayIsNot(t *testing.T) {
	t.Parallel()
	const second = `{"code":429,"message":"You have reached the maximum per-second rate limit for this API. Try again later."}`
	synctest.Test(t, func(t *testing.T) {
		f := &fakeZoom{answer: func(_ *http.Request, n int) (int, string, http.Header) {
			if n < 3 {
				return 429, second, http.Header{"X-Ratelimit-Type": {"QPS"}}
			}
			return 200, `{}`, nil
		}}
		var waited []string
		c := f.client(t, func(o *Options) {
			o.Wait = func(_ context.Context, limit string) error { waited = append(waited, limit); return nil }
		})
		began := time.Now()
		if _, err := c.get(t.Context(), limitHeavy, "/x", nil); err != nil || len(f.calls) != 3 {
			t.Errorf("%d calls, %v", len(f.calls), err)
		}
		if took := time.Since(began); took < 3*time.Second || took > 6*time.Second || len(waited) != 3 || waited[2] != limitHeavy {
			t.Errorf("took %v, waited for %v", took, waited)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		at := time.Now().Add(5 * time.Hour).UTC()
		f := &fakeZoom{answer: func(*http.Request, int) (int, string, http.Header) {
			return 429, `{"code":429,"message":"daily"}`, http.Header{"X-Ratelimit-Type": {"Daily-limit"}, "Retry-After": {at.Format(time.RFC3339)}}
		}}
		_, err := f.client(t).get(t.Context(), limitHeavy, "/x", nil)
		status, ok := errors.AsType[*StatusError](err)
		if !ok || !status.Daily || status.RetryAfter < 5*time.Hour-time.Second || status.RetryAfter > 5*time.Hour || len(f.calls) != 1 {
			t.Errorf("%d calls, %+v", len(f.calls), err)
		}
	})
}

func TestAMissingScopeIsNotTakenForAnExpiredToken(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"code":4711,"message":"Invalid access token, does not contain scopes:[x]."}`, `{"code":"4700"}`} {
		f := &fakeZoom{answer: func(*http.Request, int) (int, string, http.Header) { return 401, body, nil }}
		if _, err := f.client(t).get(t.Context(), limitLight, "/x", nil); err == nil || f.tokens != 1 || len(f.calls) != 1 {
			t.Errorf("%d tokens, %d calls, %v", f.tokens, len(f.calls), err)
		}
	}
	f := &fakeZoom{answer: func(*http.Request, int) (int, string, http.Header) { return 401, `{"code":124}`, nil }}
	if _, err := f.client(t).get(t.Context(), limitLight, "/x", nil); err == nil || f.tokens != 2 || len(f.calls) != 2 {
		t.Errorf("a token that is always refused: %d tokens, %d calls, %v", f.tokens, len(f.calls), err)
	}
}

func TestRetryAfterInAllItsForms(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, value string
		want        time.Duration
	}{
		{"Retry-After", "7", 7 * time.Second}, {"Retry-After", "2026-10-05T12:01:00Z", time.Minute},
		{"Retry-After", testNow.Add(time.Hour).Format(http.TimeFormat), time.Hour}, {"Retry-After", "2030-01-01T00:00:00Z", maxRetryAfter},
		{"Retry-After", "999999999", maxRetryAfter}, {"Retry-After", "soon", 0}, {"Retry-After", "2020-01-01T00:00:00Z", 0},
		{"X-RateLimit-Reset", fmt.Sprint(testNow.Unix() + 2), 2 * time.Second}, {"X-RateLimit-Reset", "x", 0},
	} {
		h := http.Header{}
		h.Set(c.name, c.value)
		if got := retryAfter(h, testNow); got != c.want {
			t.Errorf("%s: %s is %v", c.name, c.value, got)
		}
	}
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]Options{
		"no credential":      {},
		"newline":            {Credential: Credential{"a", "b\n", "c"}},
		"colon in client id": {Credential: Credential{"a", "b:c", "d"}},
		"endless secret":     {Credential: Credential{"a", "b", strings.Repeat("c", maxField+1)}},
		"no host":            {Credential: testCredential, BaseURL: "https://"},
	} {
		if _, err := NewClient(o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	text, err := testCredential.Text()
	if err != nil {
		t.Fatal(err)
	}
	if back, err := parseCredential(text); err != nil || back != testCredential {
		t.Errorf("%v, %v", back, err)
	}
	for _, text := range []string{"", "hush", `{"account_id":"hush"}`} {
		if _, err := parseCredential(text); err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestRedactLeavesNothingThatOpensAnything(t *testing.T) {
	t.Parallel()
	in := `{"uuid":"a/b","id":98765432101234567,"password":"hush","download_access_token":"hush","recording_play_passcode":"hush",
		"share_url":"https://zoom.us/rec/share/x?pwd=hush","topic":"<tokens> & passwords: hush-free",
		"recording_files":[{"download_url":"https://zoom.us/hush","play_url":"https://me:hush@zoom.us/rec/play/y#hush","file_size":1.50}]}`
	got, err := redact([]byte(in))
	const want = `{"id":98765432101234567,"recording_files":[{"file_size":1.50,"play_url":"https://zoom.us/rec/play/y"}],` +
		`"share_url":"https://zoom.us/rec/share/x","topic":"<tokens> & passwords: hush-free","uuid":"a/b"}`
	if err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
	for _, text := range []string{``, `null`, `[]`, `"x"`, `{`} {
		if _, err := redact([]byte(text)); err == nil {
			t.Errorf("%s: accepted", text)
		}
	}
}

func FuzzRedact(f *testing.F) {
	f.Add([]byte(`{"a":[{"Download_URL":"x","b":"https://h/?q"}]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		out, err := redact(in)
		if err != nil {
			return
		}
		again, err := redact(out)
		if err != nil || string(again) != string(out) || !json.Valid(out) {
			t.Fatalf("%s became %s, %v", out, again, err)
		}
	})
}
