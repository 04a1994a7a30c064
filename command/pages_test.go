package command

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"
)

// visitor is somebody with a browser: a jar of cookies, and forms.
type visitor struct {
	*testing.T
	base   string
	client *http.Client
}

func (v *visitor) send(method, path string, form url.Values) (int, string) {
	v.Helper()
	req, err := http.NewRequestWithContext(v.Context(), method, v.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		v.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := v.client.Do(req)
	if err != nil {
		v.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		v.Fatal(err)
	}
	return res.StatusCode, string(body)
}

// until waits for a page to say something.
func (v *visitor) until(path, want string) string {
	v.Helper()
	ctx, cancel := context.WithTimeout(v.Context(), patience(3*time.Minute))
	defer cancel()
	for tick := time.NewTicker(250 * time.Millisecond); ; {
		status, body := v.send(http.MethodGet, path, nil)
		if status != http.StatusOK {
			v.Fatalf("%s: %d %.500s", path, status, body)
		}
		if strings.Contains(body, want) {
			return body
		}
		select {
		case <-ctx.Done():
			v.Fatalf("%s does not say %q: %.3000s", path, want, body)
		case <-tick.C:
		}
	}
}

// csrf is the token of a page's forms.
func csrf(t *testing.T, body string) string {
	t.Helper()
	_, rest, found := strings.Cut(body, `name="csrf" value="`)
	token, _, closed := strings.Cut(rest, `"`)
	if !found || !closed {
		t.Fatalf("no form has a token: %.500s", body)
	}
	return token
}

// Somebody takes the link that the command makes, and finds on every page what
// the demonstration has; what they change is what the API then has.
func TestThePagesShowAndSteerTheDemonstration(t *testing.T) {
	data := t.TempDir()
	cmd, _, said := leadline(context.WithoutCancel(t.Context()), "up", "--demo", "--data", data, "--port", "0", "--kafka-port", "0", "--registry-port", "0")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		if err := cmd.Wait(); err != nil {
			t.Errorf("it ended with %v\n%.4000s", err, said)
		}
	})
	where := running(t, data)
	link, out, _ := leadline(t.Context(), "signin", "--data", data)
	if err := link.Run(); err != nil {
		t.Fatal(err)
	}
	path, ours := strings.CutPrefix(strings.TrimSpace(out.String()), where.URL)
	if !ours {
		t.Fatalf("the link is %q", out)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(transport.CloseIdleConnections)
	v := &visitor{T: t, base: where.URL, client: &http.Client{Jar: jar, Transport: transport}}
	if _, body := v.send(http.MethodGet, "/meetings", nil); !strings.Contains(body, "You need a link") {
		t.Errorf("without a session: %.500s", body)
	}
	if status, body := v.send(http.MethodPost, "/signin", url.Values{"code": {strings.TrimPrefix(path, "/signin?code=")}}); status != http.StatusOK {
		t.Fatalf("signing in: %d %.500s", status, body)
	}

	v.until("/flow", "21 meetings stored")
	v.until("/meetings?recorder=zoom", "/meeting?recorder=zoom")
	v.until("/meeting?recorder=fathom&recording=910016", "a customer has this domain")
	v.until("/customers", "Harlow Foods")
	v.until("/customer?id=co_harlow", "Copy context for an assistant")
	v.until("/search?q=renewal&customer=Harlow+Foods", "<mark>renewal</mark>")
	v.until("/integrations", "Connect Zoom")

	token := csrf(t, v.until("/rules", "Add a rule"))
	rule := url.Values{"csrf": {token}, "version": {"0"}, "do": {"add"}, "type": {"keyword"}, "text": {"off the record"}}
	if status, body := v.send(http.MethodPost, "/rules", rule); status != http.StatusOK || !strings.Contains(body, "off the record") {
		t.Errorf("adding a rule: %d %.2000s", status, body)
	}
	if status, _ := v.send(http.MethodPost, "/rules", rule); status != http.StatusConflict {
		t.Errorf("adding it to the version before: %d", status)
	}
	v.until("/integration?recorder=fathom&name=default", "Last deliveries")
	v.until("/unmatched", "What would resolve most")
	v.until("/meeting/versions?recorder=fathom&recording=910016", "Version 1")
	one := url.Values{"csrf": {token}, "recorder": {"fathom"}, "name": {"default"}, "do": {"off"}}
	if status, body := v.send(http.MethodPost, "/integration/ingest", one); status != http.StatusOK || !strings.Contains(body, "Paused") {
		t.Errorf("pausing: %d %.2000s", status, body)
	}
	if status, body := v.send(http.MethodPost, "/integration/sync", one); status != http.StatusUnprocessableEntity || !strings.Contains(body, "resume it first") {
		t.Errorf("syncing what is paused: %d %.2000s", status, body)
	}
	one.Set("do", "on")
	if status, body := v.send(http.MethodPost, "/integration/ingest", one); status != http.StatusOK || !strings.Contains(body, "Resumed") {
		t.Errorf("resuming: %d %.2000s", status, body)
	}
}
