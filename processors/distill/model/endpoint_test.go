package model_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"leadline/processors/distill"
	"leadline/processors/distill/anthropic"
	"leadline/processors/distill/model"
	"leadline/processors/distill/openai"
	"leadline/schemas"
)

// ending is why a model stopped.
type ending int

const (
	finished ending = iota
	cutOff
	refusing
)

// api is one of the two endpoints, and how its server talks. Both must make the
// same of the same trouble.
type api struct {
	name   string
	dial   func(url string, c *http.Client) model.Endpoint
	said   func(text string, e ending) string // the body of an answer of 70 and 9 tokens
	failed string                             // the body of an error
	odd    map[string]string                  // further bodies that are asked for twice: reason
}

var apis = []api{
	{
		name: "anthropic",
		dial: func(url string, c *http.Client) model.Endpoint {
			return anthropic.New(anthropic.Options{BaseURL: url, Model: "m", Client: c})
		},
		said:   claude,
		failed: `{"type": "error", "error": {"message": "no", "type": "t"}}`,
		odd: map[string]string{
			claudeStopping(`{"distillates": [`, "model_context_window_exceeded"): "cut off",
		},
	},
	{
		name: "openai",
		dial: func(url string, c *http.Client) model.Endpoint {
			return openai.New(openai.Options{BaseURL: url + "/v1", Model: "m", Client: c})
		},
		said:   gpt,
		failed: `{"error": {"message": "no", "type": "t"}}`,
		odd: map[string]string{
			`{"choices": [], "usage": {"prompt_tokens": 70, "completion_tokens": 9}}`: "no JSON object",
		},
	},
}

func claude(text string, e ending) string {
	return claudeStopping(text, [...]string{finished: "end_turn", cutOff: "max_tokens", refusing: "refusal"}[e])
}

func claudeStopping(text, stop string) string {
	return fmt.Sprintf(`{"id": "m", "type": "message", "role": "assistant", "model": "m", "stop_reason": %q, "content": [{"type": "text", "text": %q}],
		"usage": {"input_tokens": 50, "cache_creation_input_tokens": 5, "cache_read_input_tokens": 15, "output_tokens": 9}}`, stop, text)
}

func gpt(text string, e ending) string {
	field, reason := "content", "stop"
	switch e {
	case cutOff:
		reason = "length"
	case refusing:
		field = "refusal"
	}
	return fmt.Sprintf(`{"id": "c", "object": "chat.completion", "choices": [{"index": 0, "finish_reason": %q, "message": {"role": "assistant", %q: %q}}],
		"usage": {"prompt_tokens": 70, "completion_tokens": 9, "total_tokens": 79}}`, reason, field, text)
}

// each runs a test for both.
func each(t *testing.T, test func(t *testing.T, a api)) {
	t.Parallel()
	for _, a := range apis {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			test(t, a)
		})
	}
}

// serving is an endpoint whose server does what it is told.
func (a api) serving(t *testing.T, answer http.HandlerFunc) model.Endpoint {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return a.dial(server.URL, &http.Client{Transport: transport})
}

// answering sends one body, whatever it is asked.
func answering(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func paying(t *testing.T, e model.Endpoint, timeout time.Duration) *model.Distiller {
	t.Helper()
	d, err := model.New(e, model.Options{Window: 8000, MaxTokens: 300, Timeout: timeout, PriceIn: 1_000_000, PriceOut: 1_000_000})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func short() distill.Input {
	return distill.NewInput(&schemas.Meeting{ID: "o/fathom/1", Org: "o", Turns: []schemas.Turn{{Speaker: "Mara", Text: "We love it."}}}, nil)
}

func TestEndpointsTellARefusalFromTrouble(t *testing.T) {
	each(t, func(t *testing.T, a api) {
		for name, c := range map[string]struct {
			answer http.HandlerFunc
			status int           // of a refusal or of being busy
			again  bool          // asking later may help
			after  time.Duration // at the earliest
		}{
			"a refusal":                {answering(200, a.said("I cannot", refusing)), 200, false, 0},
			"a bad request":            {answering(400, a.failed), 400, false, 0},
			"too long":                 {answering(413, a.failed), 413, false, 0},
			"unprocessable":            {answering(422, a.failed), 422, false, 0},
			"a wrong key":              {answering(401, a.failed), 401, true, 0},
			"an unknown model":         {answering(404, a.failed), 404, true, 0},
			"a limit with its end":     {answering(429, a.failed, "Retry-After", "17"), 429, true, 17 * time.Second},
			"a limit with none":        {answering(429, a.failed), 429, true, 0},
			"a limit of a wrong clock": {answering(429, a.failed, "Retry-After", "999999"), 429, true, 10 * time.Minute},
			"trouble":                  {answering(500, a.failed), 500, true, 0},
			"overload":                 {answering(503, a.failed, "Retry-After", "2"), 503, true, 2 * time.Second},
			"more than it can take":    {answering(529, a.failed, "Retry-After", "2"), 529, true, 2 * time.Second},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				calls := 0
				_, err := a.serving(t, func(w http.ResponseWriter, r *http.Request) {
					calls++
					c.answer(w, r)
				}).Complete(t.Context(), model.Prompt{System: "orders", User: "turns", Schema: map[string]any{"type": "object"}, MaxTokens: 300})
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
	})
}

func TestARefusalIsPaidForAndParked(t *testing.T) {
	each(t, func(t *testing.T, a api) {
		d := paying(t, a.serving(t, answering(200, a.said("I cannot", refusing))), time.Minute)
		_, err := d.Distill(t.Context(), short())
		none, parked := errors.AsType[*distill.NoAnswer](err)
		if !parked || !strings.Contains(none.Reason, "I cannot") || none.Spent != (schemas.Spending{Calls: 1, TokensIn: 70, TokensOut: 9, Micros: 79}) {
			t.Errorf("%+v", err)
		}
	})
}

func TestCutOffAndInvalidAnswersAreAskedForTwiceAndParked(t *testing.T) {
	each(t, func(t *testing.T, a api) {
		bodies := map[string]string{
			a.said(`{"distillates": [{"kind": "pro`, cutOff): "cut off",
			a.said("Sure! Here they are", finished):          "no JSON object",
			a.said(`{"distillates": [}`, finished):           "not JSON",
			a.said("", finished):                             "no JSON object",
		}
		for body, reason := range a.odd {
			bodies[body] = reason
		}
		for body, reason := range bodies {
			_, err := paying(t, a.serving(t, answering(200, body)), time.Minute).Distill(t.Context(), short())
			none, parked := errors.AsType[*distill.NoAnswer](err)
			if !parked || !strings.Contains(none.Reason, reason) || none.Spent.Calls != 2 || none.Spent.Micros != 2*79 {
				t.Errorf("%s: %+v", body, err)
			}
		}
	})
}

func TestABodyThatIsNoAnswerIsTriedAgain(t *testing.T) {
	each(t, func(t *testing.T, a api) {
		whole := a.said("{}", finished)
		_, err := a.serving(t, answering(200, whole[:len(whole)/2])).Complete(t.Context(), model.Prompt{User: "turns", MaxTokens: 300})
		if _, final := errors.AsType[*model.Refused](err); err == nil || final {
			t.Errorf("%v", err)
		}
	})
}

func TestASlowAnswerIsCutAndSaysSo(t *testing.T) {
	each(t, func(t *testing.T, a api) {
		e := a.serving(t, func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // only then does the server see that the caller has gone
			<-r.Context().Done()
		})
		_, err := paying(t, e, 50*time.Millisecond).Distill(t.Context(), short())
		if slow, ok := errors.AsType[*model.Slow](err); !ok || !slow.TimedOut() {
			t.Errorf("%v", err)
		}
	})
}
