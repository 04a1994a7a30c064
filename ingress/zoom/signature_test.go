package zoom

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"leadline/ingress/recorder"
)

const testSecret = "a-secret-token-of-ours"

var testNow = time.Date(2026, 10, 5, 12, 0, 0, 0, time.UTC)

func signed(secret string, at time.Time, body []byte) http.Header {
	h := http.Header{}
	h.Set("x-zm-request-timestamp", strconv.FormatInt(at.Unix(), 10))
	h.Set("x-zm-signature", Sign(secret, at, body))
	return h
}

func TestVerifyBelievesWhoKnowsTheSecretOnly(t *testing.T) {
	t.Parallel()
	body := []byte(`{"event":"meeting.ended" , "x":1.0}`)
	v, err := NewVerifier("another", testSecret)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(h http.Header) []byte
		now    time.Time
		reason string
	}{
		"as sent":                       {nil, testNow, ""},
		"300 seconds late":              {nil, testNow.Add(300 * time.Second), ""},
		"300 seconds early":             {nil, testNow.Add(-300 * time.Second), ""},
		"301 seconds late":              {nil, testNow.Add(301 * time.Second), recorder.ReasonTimestamp},
		"301 seconds early":             {nil, testNow.Add(-301 * time.Second), recorder.ReasonTimestamp},
		"body parsed and written again": {func(http.Header) []byte { return []byte(`{"event":"meeting.ended","x":1}`) }, testNow, recorder.ReasonMismatch},
		"no timestamp":                  {func(h http.Header) []byte { h.Del("x-zm-request-timestamp"); return body }, testNow, recorder.ReasonMissing},
		"no signature":                  {func(h http.Header) []byte { h.Del("x-zm-signature"); return body }, testNow, recorder.ReasonMissing},
		"another time": {func(h http.Header) []byte {
			h.Set("x-zm-request-timestamp", strconv.FormatInt(testNow.Unix()+1, 10))
			return body
		}, testNow, recorder.ReasonMismatch},
		"a time with a sign": {func(h http.Header) []byte {
			h.Set("x-zm-request-timestamp", "+"+strconv.FormatInt(testNow.Unix(), 10))
			return body
		}, testNow, recorder.ReasonTimestamp},
		"the smallest time":   {func(h http.Header) []byte { h.Set("x-zm-request-timestamp", "-9223372036854775808"); return body }, testNow, recorder.ReasonTimestamp},
		"upper case":          {func(h http.Header) []byte { h.Set("x-zm-signature", "V0"+h.Get("x-zm-signature")[2:]); return body }, testNow, recorder.ReasonMismatch},
		"without its version": {func(h http.Header) []byte { h.Set("x-zm-signature", h.Get("x-zm-signature")[3:]); return body }, testNow, recorder.ReasonMismatch},
		"another's secret":    {func(h http.Header) []byte { h.Set("x-zm-signature", Sign("nobody's", testNow, body)); return body }, testNow, recorder.ReasonMismatch},
	} {
		h, sent := signed(testSecret, testNow, body), body
		if c.change != nil {
			sent = c.change(h)
		}
		secret, err := v.Verify(h, sent, c.now)
		if (err == nil) != (c.reason == "") || err != nil && recorder.ReasonOf(err) != c.reason {
			t.Errorf("%s: %v, reason %q", name, err, recorder.ReasonOf(err))
		}
		if err == nil && string(secret) != testSecret {
			t.Errorf("%s: signed by %q", name, secret)
		}
	}
	for _, secrets := range [][]string{nil, {""}, {testSecret, ""}} {
		if _, err := NewVerifier(secrets...); err == nil {
			t.Errorf("%q were accepted", secrets)
		}
	}
}

// reference is a file of the reference material beside the repository.
func reference(t *testing.T, elements ...string) []byte {
	t.Helper()
	root := os.Getenv("LEADLINE_SHARED")
	if root == "" {
		root = "../../../shared"
	}
	raw, err := os.ReadFile(filepath.Join(append([]string{root, "reference", "fixtures"}, elements...)...))
	if err != nil {
		t.Skipf("no reference material (set LEADLINE_SHARED): %v", err)
	}
	return raw
}

func TestPublicVectors(t *testing.T) {
	t.Parallel()
	var vectors struct {
		Sign []struct {
			Name      string `json:"name"`
			Secret    string `json:"secret_token"`
			Timestamp string `json:"timestamp"`
			Body      string `json:"body"`
			BodyFile  string `json:"body_file"`
			SHA256    string `json:"body_sha256"`
			Signature string `json:"signature"`
		} `json:"sign"`
		Validation []struct {
			Secret   string          `json:"secret_token"`
			File     string          `json:"request_file"`
			Response json.RawMessage `json:"response"`
		} `json:"url_validation"`
	}
	if err := json.Unmarshal(reference(t, "signing", "zoom-vectors.json"), &vectors); err != nil {
		t.Fatal(err)
	}
	for _, c := range vectors.Sign {
		body := []byte(c.Body)
		if c.BodyFile != "" {
			body = reference(t, "signing", c.BodyFile)
			if sum := sha256.Sum256(body); hex.EncodeToString(sum[:]) != c.SHA256 {
				t.Errorf("%s: the file is another", c.Name)
			}
		}
		seconds, err := strconv.ParseInt(c.Timestamp, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		at := time.Unix(seconds, 0)
		if got := Sign(c.Secret, at, body); got != c.Signature {
			t.Errorf("%s: signed %s", c.Name, got)
		}
		v, err := NewVerifier(c.Secret)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := v.Verify(signed(c.Secret, at, body), body, at.Add(time.Minute)); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
	}
	for _, c := range vectors.Validation {
		n, err := parseNotice(reference(t, "signing", c.File))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := n.challenge([]byte(c.Secret))
		if err != nil || !sameJSON(answer, c.Response) {
			t.Errorf("challenge answered with %s, %v", answer, err)
		}
	}
	if len(vectors.Sign) == 0 || len(vectors.Validation) == 0 {
		t.Error("no vectors")
	}
}

func sameJSON(a, b []byte) bool {
	var x, y map[string]string
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && len(x) == len(y) && x["encryptedToken"] == y["encryptedToken"] && x["plainToken"] == y["plainToken"]
}

func FuzzVerify(f *testing.F) {
	f.Add("1759665600", "v0=00", []byte(`{"event":"endpoint.url_validation","payload":{"plainToken":"x"}}`))
	r := New(Pro)
	v, err := r.Verifier(testSecret)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, timestamp, signature string, body []byte) {
		h := http.Header{"X-Zm-Request-Timestamp": {timestamp}, "X-Zm-Signature": {signature}}
		if _, err := v.Verify(h, body, testNow); err == nil && signature != string(digest([]byte(testSecret), timestamp, body)) {
			t.Fatal("believed without the secret")
		}
		// Signed, any body is understood or refused, and never asks for a recording that cannot be one.
		d, err := v.Verify(signed(testSecret, testNow, body), body, testNow)
		if err == nil && d.Fetch != "" && d.Answer != nil {
			t.Fatalf("delivery %+v", d)
		}
		r.AccountOf(body)
	})
}
