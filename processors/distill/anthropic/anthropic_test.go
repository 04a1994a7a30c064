package anthropic_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"leadline/processors/distill"
	"leadline/processors/distill/anthropic"
	"leadline/processors/distill/model"
	"leadline/schemas"
)

// endpoint is a server of Anthropic's API that does what it is told.
func endpoint(t *testing.T, o anthropic.Options, answer http.HandlerFunc) *anthropic.Endpoint {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	o.BaseURL, o.Client = server.URL, &http.Client{Transport: transport}
	return anthropic.New(o)
}

// said is an answer as the API gives it.
func said(text, stop string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"id": "m", "type": "message", "role": "assistant", "model": "m", "stop_reason": "`+stop+`",
			"content": [{"type": "text", "text": "`+text+`"}],
			"usage": {"input_tokens": 50, "cache_creation_input_tokens": 5, "cache_read_input_tokens": 15, "output_tokens": 9}}`)
	}
}

func failing(status int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, `{"type": "error", "error": {"message": "no", "type": "t"}}`)
	}
}

var asked = model.Prompt{System: "orders", User: "turns", Schema: map[string]any{"type": "object", "required": []any{"topics"}}, MaxTokens: 300}

func TestAnswerIsAskedForByItsSchema(t *testing.T) {
	t.Parallel()
	var sent struct {
		Model       string
		Temperature *float64
		MaxTokens   int64 `json:"max_tokens"`
		System      []struct{ Text string }
		Messages    []struct {
			Role    string
			Content []struct{ Type, Text string }
		}
		OutputConfig struct {
			Format struct {
				Type   string
				Schema map[string]any
			}
		} `json:"output_config"`
	}
	warm := 0.25
	e := endpoint(t, anthropic.Options{Key: "key-1", Model: "m", Temperature: &warm}, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/messages" || r.Header.Get("X-Api-Key") != "key-1" || r.Header.Get("Anthropic-Version") == "" {
			t.Errorf("%s with %v", r.URL.Path, r.Header)
		}
		if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
			t.Error(err)
		}
		said("{}", "end_turn")(w, r)
	})
	reply, err := e.Complete(t.Context(), asked)
	if err != nil || reply != (model.Reply{Text: "{}", TokensIn: 70, TokensOut: 9}) || e.Name() != "anthropic:m" {
		t.Errorf("%s: %+v, %v", e.Name(), reply, err)
	}
	if f := sent.OutputConfig.Format; f.Type != "json_schema" || f.Schema["type"] != "object" {
		t.Errorf("output_config %+v", sent.OutputConfig)
	}
	if sent.Model != "m" || sent.Temperature == nil || *sent.Temperature != warm || sent.MaxTokens != 300 || len(sent.System) != 1 || sent.System[0].Text != "orders" {
		t.Errorf("%+v", sent)
	}
	if len(sent.Messages) != 1 || sent.Messages[0].Role != "user" || sent.Messages[0].Content[0].Text != "turns" {
		t.Errorf("messages %+v", sent.Messages)
	}
}

func TestAnswersThatAreNone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		status int           // of a refusal or of being busy
		again  bool          // asking later may help
		after  time.Duration // at the earliest
	}{
		"a refusal":                {said("I cannot", "refusal"), 200, false, 0},
		"a bad request":            {failing(400), 400, false, 0},
		"too long":                 {failing(413), 413, false, 0},
		"unprocessable":            {failing(422), 422, false, 0},
		"a wrong key":              {failing(401), 401, true, 0},
		"an unknown model":         {failing(404), 404, true, 0},
		"a limit with its end":     {failing(429, "Retry-After", "17"), 429, true, 17 * time.Second},
		"a limit with none":        {failing(429), 429, true, 0},
		"a limit of a wrong clock": {failing(429, "Retry-After", "999999"), 429, true, 10 * time.Minute},
		"trouble":                  {failing(500), 500, true, 0},
		"overload":                 {failing(529, "Retry-After", "2"), 529, true, 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calls := 0
			_, err := endpoint(t, anthropic.Options{Model: "m"}, func(w http.ResponseWriter, r *http.Request) {
				calls++
				c.answer(w, r)
			}).Complete(t.Context(), asked)
			refused, final := errors.AsType[*model.Refused](err)
			busy, again := errors.AsType[*model.Busy](err)
			switch {
			case calls != 1:
				t.Errorf("asked %d times", calls)
			case final == c.again || again != c.again:
				t.Errorf("%v", err)
			case final && refused.Status != c.status, again && (busy.Status != c.status || busy.After != c.after):
				t.Errorf("%+v %+v", refused, busy)
			}
		})
	}
}

func TestARefusalIsPaidForAndParked(t *testing.T) {
	t.Parallel()
	d := distiller(t, endpoint(t, anthropic.Options{Model: "m"}, said("I cannot", "refusal")), time.Minute)
	_, err := d.Distill(t.Context(), input())
	none, parked := errors.AsType[*distill.NoAnswer](err)
	if !parked || !strings.Contains(none.Reason, "I cannot") || none.Spent != (schemas.Spending{Calls: 1, TokensIn: 70, TokensOut: 9, Micros: 79}) {
		t.Errorf("%+v", err)
	}
}

func TestCutOffAndInvalidAnswersAreAskedForTwiceAndParked(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		reason string
	}{
		"cut off":       {said(`{\"distillates\": [{\"kind\": \"pro`, "max_tokens"), "cut off"},
		"out of window": {said(`{\"distillates\": [`, "model_context_window_exceeded"), "cut off"},
		"no JSON":       {said("Sure! Here they are", "end_turn"), "no JSON object"},
		"half a JSON":   {said(`{\"distillates\": [}`, "end_turn"), "not JSON"},
		"nothing":       {said("", "end_turn"), "no JSON object"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := distiller(t, endpoint(t, anthropic.Options{Model: "m"}, c.answer), time.Minute)
			_, err := d.Distill(t.Context(), input())
			none, parked := errors.AsType[*distill.NoAnswer](err)
			if !parked || !strings.Contains(none.Reason, c.reason) || none.Spent.Calls != 2 || none.Spent.Micros != 2*79 {
				t.Errorf("%+v", err)
			}
		})
	}
}

func TestABodyThatIsNoAnswerIsTriedAgain(t *testing.T) {
	t.Parallel()
	_, err := endpoint(t, anthropic.Options{Model: "m"}, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"content": [`)
	}).Complete(t.Context(), asked)
	if _, final := errors.AsType[*model.Refused](err); err == nil || final {
		t.Errorf("%v", err)
	}
}

func TestASlowAnswerIsCutAndSaysSo(t *testing.T) {
	t.Parallel()
	e := endpoint(t, anthropic.Options{Model: "m"}, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then does the server see that the caller has gone
		<-r.Context().Done()
	})
	_, err := distiller(t, e, 50*time.Millisecond).Distill(t.Context(), input())
	if slow, ok := errors.AsType[*model.Slow](err); !ok || !slow.TimedOut() {
		t.Errorf("%v", err)
	}
}

func distiller(t *testing.T, e model.Endpoint, timeout time.Duration) *model.Distiller {
	t.Helper()
	d, err := model.New(e, model.Options{Window: 8000, MaxTokens: 300, Timeout: timeout, PriceIn: 1_000_000, PriceOut: 1_000_000})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func input() distill.Input {
	return distill.NewInput(&schemas.Meeting{ID: "o/fathom/1", Org: "o", Turns: []schemas.Turn{{Speaker: "Mara", Text: "We love it."}}}, nil)
}
