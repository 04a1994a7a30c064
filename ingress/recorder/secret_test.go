package recorder

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestASecretIsNotShownHoweverItIsPrinted(t *testing.T) {
	t.Parallel()
	const text = "very-secret-key"
	type inside struct {
		Shown  Secret
		hidden Secret
		list   []Secret
		ptr    *Secret
	}
	s := NewSecret(text)
	for _, v := range []any{s, &s, inside{s, s, []Secret{s}, &s}, &inside{s, s, []Secret{s}, &s}, map[string]Secret{"a": s}, Account{Credential: s}, Webhook{Secret: s}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
			got := fmt.Sprintf(verb, v)
			if strings.Contains(got, text) || strings.Contains(strings.ToLower(got), fmt.Sprintf("%x", text)) {
				t.Errorf("%s of %T shows it: %s", verb, v, got)
			}
		}
		encoded, err := json.Marshal(v)
		if err != nil || bytes.Contains(encoded, []byte(text)) {
			t.Errorf("JSON of %T: %s, %v", v, encoded, err)
		}
		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, nil)).Info("a", "b", v)
		slog.New(slog.NewTextHandler(&log, nil)).Info("a", "b", v)
		if strings.Contains(log.String(), text) {
			t.Errorf("log of %T: %s", v, log.String())
		}
	}
	if s.Reveal() != text || (Secret{}).Reveal() != "" {
		t.Error("the text is lost")
	}
}
