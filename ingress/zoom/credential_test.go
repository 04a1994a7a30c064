package zoom

import (
	"testing"

	"leadline/ingress/recorder"
)

func TestACredentialIsTheSameHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	r := New(Pro)
	const text = `{"account_id":"a","client_id":"b","client_secret":"c"}`
	for other, same := range map[string]bool{
		text: true,
		" {\n \"client_secret\" : \"c\", \"client_id\":\"b\",\t\"account_id\":\"a\" } ": true,
		`{"account_id":"\u0061","client_id":"b","client_secret":"c","note":"mine"}`:     true,
		`{"account_id":"a","client_id":"b","client_secret":"d"}`:                        false,
		`{"account_id":"b","client_id":"a","client_secret":"c"}`:                        false,
		`not JSON`: false,
	} {
		for _, pair := range [][2]string{{text, other}, {other, text}} {
			if got := r.SameCredential(recorder.NewSecret(pair[0]), recorder.NewSecret(pair[1])); got != same {
				t.Errorf("%q and %q: same %v", pair[0], pair[1], got)
			}
		}
	}
	if !r.SameCredential(recorder.NewSecret("odd"), recorder.NewSecret("odd")) {
		t.Error("a text that is no credential is not even itself")
	}
}
