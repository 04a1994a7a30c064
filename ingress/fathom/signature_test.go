package fathom

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"leadline/ingress/recorder"
)

const testSecret = "whsec_bGVhZGxpbmUtdGVzdC1zaWduaW5nLWtleS0wMQ==" // a key of 27 bytes

var testNow = time.Unix(1789400165, 0)

func headers(family, id, timestamp, signature string) http.Header {
	h := http.Header{}
	h.Set(family+"-id", id)
	h.Set(family+"-timestamp", timestamp)
	h.Set(family+"-signature", signature)
	return h
}

func mustSign(t testing.TB, secret, id string, at time.Time, body string) string {
	t.Helper()
	signature, err := Sign(secret, id, at, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

func mustVerifier(t testing.TB, secrets ...string) *Verifier {
	t.Helper()
	v, err := NewVerifier(secrets...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// The vectors are those of the Standard Webhooks libraries' test suites and of Svix's guide to manual verification.
func TestPublishedVectorsAreSignedAndVerified(t *testing.T) {
	t.Parallel()
	for _, v := range []struct{ secret, id, timestamp, body, signature string }{
		{
			"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330",
			`{"test": 2432232314}`, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
		},
		{
			"whsec_plJ3nmyCDGBKInavdOK15jsl", "msg_loFOjxBNrRLzqYUf", "1731705121",
			`{"event_type":"ping","data":{"success":true}}`, "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=",
		},
	} {
		seconds, err := strconv.ParseInt(v.timestamp, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		at := time.Unix(seconds, 0)
		if got := mustSign(t, v.secret, v.id, at, v.body); got != v.signature {
			t.Errorf("%s: signed %s, want %s", v.id, got, v.signature)
		}
		id, err := mustVerifier(t, v.secret).Verify(headers("webhook", v.id, v.timestamp, v.signature), []byte(v.body), at)
		if err != nil || id != v.id {
			t.Errorf("%s: verified as %q, %v", v.id, id, err)
		}
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	const body = `{"recording_id":1}`
	const stamp = "1789400165"
	good := mustSign(t, testSecret, "msg_1", testNow, body)
	digestOnly := strings.TrimPrefix(good, "v1,")
	other := mustSign(t, "whsec_YW5vdGhlci1rZXktb2YtbGVhZGxpbmU=", "msg_1", testNow, body)
	with := func(stamp, signature string) http.Header { return headers("webhook", "msg_1", stamp, signature) }
	without := func(name string) http.Header {
		h := with(stamp, good)
		h.Del(name)
		return h
	}
	both := with(stamp, good)
	for name, value := range map[string]string{"svix-id": "msg_2", "svix-timestamp": "1", "svix-signature": "v1,x"} {
		both.Set(name, value)
	}
	mixed := without("webhook-signature")
	mixed.Set("svix-signature", good)

	for name, c := range map[string]struct {
		headers http.Header
		now     int64
		body    string
		reason  string
	}{
		"webhook family":                     {headers: with(stamp, good)},
		"svix family":                        {headers: headers("svix", "msg_1", stamp, good)},
		"complete webhook family wins":       {headers: both},
		"a set mixed from both families":     {headers: mixed, reason: recorder.ReasonMissing},
		"no headers":                         {headers: http.Header{}, reason: recorder.ReasonMissing},
		"no id":                              {headers: without("webhook-id"), reason: recorder.ReasonMissing},
		"no timestamp":                       {headers: without("webhook-timestamp"), reason: recorder.ReasonMissing},
		"no signature":                       {headers: without("webhook-signature"), reason: recorder.ReasonMissing},
		"another key's signature first":      {headers: with(stamp, other+" "+good)},
		"another key's signature last":       {headers: with(stamp, good+" "+other)},
		"asymmetric entry is skipped":        {headers: with(stamp, "v1a,AAAA "+good)},
		"entry without a comma is skipped":   {headers: with(stamp, "v1 "+digestOnly+" "+good)},
		"only another key's signature":       {headers: with(stamp, other), reason: recorder.ReasonMismatch},
		"right digest under another version": {headers: with(stamp, "v2,"+digestOnly), reason: recorder.ReasonMismatch},
		"right digest without a version":     {headers: with(stamp, digestOnly), reason: recorder.ReasonMismatch},
		"right digest and more":              {headers: with(stamp, good+",x"), reason: recorder.ReasonMismatch},
		"truncated digest":                   {headers: with(stamp, good[:len(good)-4]), reason: recorder.ReasonMismatch},
		"empty digest":                       {headers: with(stamp, "v1,"), reason: recorder.ReasonMismatch},
		"altered body":                       {headers: with(stamp, good), body: body + "\n", reason: recorder.ReasonMismatch},
		"altered id":                         {headers: headers("webhook", "msg_2", stamp, good), reason: recorder.ReasonMismatch},
		"altered timestamp":                  {headers: with("1789400166", good), reason: recorder.ReasonMismatch},
		"300 s old":                          {headers: with(stamp, good), now: 300},
		"301 s old":                          {headers: with(stamp, good), now: 301, reason: recorder.ReasonTimestamp},
		"300 s ahead":                        {headers: with(stamp, good), now: -300},
		"301 s ahead":                        {headers: with(stamp, good), now: -301, reason: recorder.ReasonTimestamp},
		"digits and letters":                 {headers: with(stamp+"abc", good), reason: recorder.ReasonTimestamp},
		"plus sign":                          {headers: with("+"+stamp, good), reason: recorder.ReasonTimestamp},
		"leading zero":                       {headers: with("0"+stamp, good), reason: recorder.ReasonTimestamp},
		"fraction":                           {headers: with(stamp+".0", good), reason: recorder.ReasonTimestamp},
		"hexadecimal":                        {headers: with("0x6AA8B8E5", good), reason: recorder.ReasonTimestamp},
		"smallest int64":                     {headers: with("-9223372036854775808", good), reason: recorder.ReasonTimestamp},
		"larger than int64":                  {headers: with("92233720368547758070", good), reason: recorder.ReasonTimestamp},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			payload := body
			if c.body != "" {
				payload = c.body
			}
			id, err := mustVerifier(t, testSecret).Verify(c.headers, []byte(payload), testNow.Add(time.Duration(c.now)*time.Second))
			if recorder.ReasonOf(err) != c.reason {
				t.Fatalf("reason %q (%v), want %q", recorder.ReasonOf(err), err, c.reason)
			}
			if c.reason == "" && (err != nil || id != "msg_1") {
				t.Fatalf("got %q, %v", id, err)
			}
			if c.reason != "" && (id != "" || err.Error() != new(recorder.Refused).Error()) {
				t.Fatalf("got %q, %v: want no id, and an error that tells the sender nothing", id, err)
			}
		})
	}
}

func TestFractionOfASecondDoesNotCloseTheWindow(t *testing.T) {
	t.Parallel()
	h := headers("webhook", "msg_1", "1789400165", mustSign(t, testSecret, "msg_1", testNow, "{}"))
	if _, err := mustVerifier(t, testSecret).Verify(h, []byte("{}"), testNow.Add(300*time.Second+999*time.Millisecond)); err != nil {
		t.Fatal(err)
	}
}

func TestAnyOfSeveralSecretsVerifies(t *testing.T) {
	t.Parallel()
	const next = "whsec_YW5vdGhlci1rZXktb2YtbGVhZGxpbmU="
	v := mustVerifier(t, testSecret, next)
	for _, secret := range []string{testSecret, next} {
		h := headers("webhook", "msg_1", "1789400165", mustSign(t, secret, "msg_1", testNow, "{}"))
		if _, err := v.Verify(h, []byte("{}"), testNow); err != nil {
			t.Errorf("secret %s: %v", secret, err)
		}
	}
}

func TestSecretForms(t *testing.T) {
	t.Parallel()
	bare := strings.TrimPrefix(testSecret, "whsec_")
	for name, c := range map[string]struct {
		secret string
		ok     bool
	}{
		"prefixed":              {testSecret, true},
		"bare":                  {bare, true},
		"unpadded":              {strings.TrimRight(testSecret, "="), true},
		"18 bytes, as Fathom's": {"whsec_MTIzNDU2Nzg5MDEyMzQ1Njc4", true},
		"16 bytes":              {"MTIzNDU2Nzg5MDEyMzQ1Ng==", true},
		"15 bytes":              {"MTIzNDU2Nzg5MDEyMzQ1", false},
		"empty":                 {"", false},
		"prefix only":           {"whsec_", false},
		"not base64":            {"whsec_this is a pass phrase!", false},
		"other alphabet":        {"whsec_-_-_-_-_-_-_-_-_-_-_-_-_", false},
	} {
		v, err := NewVerifier(c.secret)
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !c.ok {
			if c.secret != "" && strings.Contains(err.Error(), strings.TrimPrefix(c.secret, "whsec_")) && c.secret != "whsec_" {
				t.Errorf("%s: the error shows the secret: %v", name, err)
			}
			continue
		}
		h := headers("webhook", "msg_1", "1789400165", mustSign(t, c.secret, "msg_1", testNow, "{}"))
		if _, err := v.Verify(h, []byte("{}"), testNow); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := NewVerifier(); err == nil {
		t.Error("a verifier without a secret was made")
	}
	if _, err := NewVerifier(testSecret, ""); err == nil {
		t.Error("an empty second secret was accepted")
	}
}

func TestSignRefusesIDsThatCouldBeReadTwoWays(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"", "msg.1"} {
		if _, err := Sign(testSecret, id, testNow, nil); err == nil {
			t.Errorf("id %q was signed", id)
		}
	}
}
