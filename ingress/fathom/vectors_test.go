package fathom

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"leadline/ingress/recorder"
)

func TestSharedVectors(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(sharedFixtures(t), "signing")
	raw, err := os.ReadFile(filepath.Join(dir, "standard-webhooks-vectors.json"))
	if err != nil {
		t.Skipf("no shared vectors: %v", err)
	}
	type vector struct {
		Name, Secret, ID, Timestamp, Body, Signature string
		BodyFile                                     string `json:"body_file"`
		SignatureHeader                              string `json:"signature_header"`
		Now                                          int64
		Valid                                        bool
	}
	var vectors struct{ Sign, Verify []vector }
	if err := json.Unmarshal(raw, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors.Sign) == 0 || len(vectors.Verify) == 0 {
		t.Fatal("no vectors in the file")
	}
	for _, v := range vectors.Sign {
		body := v.Body
		if v.BodyFile != "" {
			file, err := os.ReadFile(filepath.Join(dir, v.BodyFile))
			if err != nil {
				t.Fatal(err)
			}
			body = string(file)
		}
		seconds, err := strconv.ParseInt(v.Timestamp, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		if got := mustSign(t, v.Secret, v.ID, time.Unix(seconds, 0), body); got != v.Signature {
			t.Errorf("sign %q: got %s", v.Name, got)
		}
	}
	for _, v := range vectors.Verify {
		h := headers("webhook", v.ID, v.Timestamp, v.SignatureHeader)
		_, err := mustVerifier(t, v.Secret).Verify(h, []byte(v.Body), time.Unix(v.Now, 0))
		if (err == nil) != v.Valid {
			t.Errorf("verify %q: got %v, want valid %t", v.Name, err, v.Valid)
		}
	}
}

// FuzzVerify holds the official library against ours: what we sign it accepts, and what we accept it accepts.
func FuzzVerify(f *testing.F) {
	body := `{"recording_id":1}`
	good := mustSign(f, testSecret, "msg_1", testNow, body)
	f.Add("msg_1", "1789400165", good, []byte(body))
	f.Add("msg_1", "01789400165", "v1a,x "+good, []byte(body))
	f.Add("a.b", "1789400465", "v1,,", []byte("\xff"))
	oracle, err := standardwebhooks.NewWebhook(testSecret)
	if err != nil {
		f.Fatal(err)
	}
	verifier := mustVerifier(f, testSecret)
	f.Fuzz(func(t *testing.T, id, timestamp, signature string, body []byte) {
		h := headers("webhook", id, timestamp, signature)
		if _, err := verifier.Verify(h, body, testNow); err == nil {
			if err := oracle.VerifyIgnoringTimestamp(body, h); err != nil {
				t.Fatalf("accepted what the official library refuses: %v", err)
			}
		} else if recorder.ReasonOf(err) == "" {
			t.Fatalf("unsorted error %v", err)
		}
		signed, err := Sign(testSecret, id, testNow, body)
		if err != nil {
			return
		}
		h = headers("webhook", id, "1789400165", signed)
		if got, err := verifier.Verify(h, body, testNow); err != nil || got != id {
			t.Fatalf("refused own signature: %q, %v", got, err)
		}
		if err := oracle.VerifyIgnoringTimestamp(body, h); err != nil {
			t.Fatalf("the official library refuses our signature: %v", err)
		}
	})
}

// sharedFixtures is the folder of payloads that lies beside the repository for those who develop Leadline.
func sharedFixtures(t *testing.T) string {
	t.Helper()
	shared := os.Getenv("LEADLINE_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	dir := filepath.Join(shared, "reference", "fixtures")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("shared fixtures are not here (set LEADLINE_SHARED): %v", err)
	}
	return dir
}
