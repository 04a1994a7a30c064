package openai_test

import (
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"leadline/processors/distill"
	"leadline/processors/distill/model"
	"leadline/processors/distill/openai"
	"leadline/schemas"
)

// real is the server of LLM_URL, and whoever wants to ask it.
func real(t *testing.T, o model.Options) *model.Distiller {
	t.Helper()
	url := os.Getenv("LLM_URL")
	if url == "" {
		t.Skip("LLM_URL names no server with OpenAI's chat API")
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	cold := 0.0
	d, err := model.New(openai.New(openai.Options{BaseURL: url, Model: "any", Temperature: &cold, Client: &http.Client{Transport: transport}}), o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// talk is a meeting of so many turns.
func talk(turns int) distill.Input {
	theirs, ours := "mara@harbour.example", "hana@leadline.example"
	m := &schemas.Meeting{ID: "o/fathom/1", Org: "o", Title: "Review", ContentHash: []byte{1}}
	for len(m.Turns) < turns {
		m.Turns = append(m.Turns,
			schemas.Turn{Speaker: "Mara Lind", Email: &theirs, Text: "The new search is really fast, my team loves it."},
			schemas.Turn{Speaker: "Hana Berg", Email: &ours, Text: "Good. I'll send you the revised quote by Friday."})
	}
	return distill.NewInput(m, []string{"leadline.example"})
}

// A real model says what it likes: here it counts that what it says is either
// taken, or refused with a reason and paid for.
func TestRealServer(t *testing.T) {
	t.Run("an answer is of the schema, or asked for once more and parked", func(t *testing.T) {
		a, err := real(t, model.Options{Window: 4000, MaxTokens: 96, Timeout: 5 * time.Minute}).Distill(t.Context(), talk(2))
		if none, parked := errors.AsType[*distill.NoAnswer](err); parked {
			if none.Spent.Calls != 2 || none.Spent.TokensIn == 0 || !strings.Contains(none.Reason, "asked twice: it ") {
				t.Errorf("%+v", none)
			}
			return
		}
		if err != nil || a.Spent.Calls == 0 || a.Spent.TokensIn == 0 || a.Spent.TokensOut == 0 {
			t.Errorf("%+v, %v", a, err)
		}
		for _, d := range a.Distillates {
			if !schemas.IsKind(d.Kind) {
				t.Errorf("a kind that the schema does not have: %+v", d)
			}
		}
	})
	t.Run("an answer that is cut off is asked for once more and parked", func(t *testing.T) {
		_, err := real(t, model.Options{Window: 4000, MaxTokens: 2, Timeout: 5 * time.Minute}).Distill(t.Context(), talk(2))
		none, parked := errors.AsType[*distill.NoAnswer](err)
		if !parked || none.Spent.Calls != 2 || none.Spent.TokensOut != 4 || !strings.Contains(none.Reason, "cut off at the limit of tokens") {
			t.Errorf("%+v", err)
		}
	})
	t.Run("what does not fit is refused, and parked at once", func(t *testing.T) {
		_, err := real(t, model.Options{Window: 1_000_000, MaxTokens: 4, Timeout: 5 * time.Minute}).Distill(t.Context(), talk(4000))
		none, parked := errors.AsType[*distill.NoAnswer](err)
		if !parked || none.Spent.Calls != 1 || !strings.Contains(none.Reason, "refused with 400") {
			t.Errorf("%+v", err)
		}
	})
	t.Run("an answer that takes too long is tried again later", func(t *testing.T) {
		_, err := real(t, model.Options{Window: 4000, MaxTokens: 160, Timeout: 20 * time.Millisecond}).Distill(t.Context(), talk(2))
		if _, slow := errors.AsType[*model.Slow](err); !slow {
			t.Errorf("%+v", err)
		}
	})
}
