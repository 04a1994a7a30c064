package openai_test

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
	"leadline/processors/distill/model"
	"leadline/processors/distill/openai"
	"leadline/schemas"
)

// endpoint is a server of OpenAI's chat API that does what it is told.
func endpoint(t *testing.T, o openai.Options, answer http.HandlerFunc) *openai.Endpoint {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	o.BaseURL, o.Client = server.URL+"/v1", &http.Client{Transport: transport}
	return openai.New(o)
}

// said is an answer as the API gives it.
func said(message, finish string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"id": "c", "object": "chat.completion", "choices": [{"index": 0, "finish_reason": "`+finish+`",
			"message": {"role": "assistant", `+message+`}}], "usage": {"prompt_tokens": 70, "completion_tokens": 9, "total_tokens": 79}}`)
	}
}

func failing(status int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, `{"error": {"message": "no", "type": "t"}}`)
	}
}

var asked = model.Prompt{System: "orders", User: "turns", Schema: map[string]any{"type": "object", "required": []any{"topics"}}, MaxTokens: 300}

func TestAnswerIsAskedForByItsSchema(t *testing.T) {
	t.Parallel()
	var sent struct {
		Model               string
		Temperature         *float64
		MaxTokens           int64 `json:"max_tokens"`
		MaxCompletionTokens int64 `json:"max_completion_tokens"`
		Messages            []struct{ Role, Content string }
		ResponseFormat      struct {
			Type       string
			JSONSchema struct {
				Name   string
				Strict bool
				Schema map[string]any
			} `json:"json_schema"`
		} `json:"response_format"`
	}
	warm := 0.25
	e := endpoint(t, openai.Options{Key: "sk-1", Model: "m", Temperature: &warm}, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/chat/completions" || r.Header.Get("Authorization") != "Bearer sk-1" {
			t.Errorf("%s with %q", r.URL.Path, r.Header.Get("Authorization"))
		}
		if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
			t.Error(err)
		}
		said(`"content": "{}"`, "stop")(w, r)
	})
	reply, err := e.Complete(t.Context(), asked)
	if err != nil || reply != (model.Reply{Text: "{}", TokensIn: 70, TokensOut: 9}) || e.Name() != "openai:m" {
		t.Errorf("%s: %+v, %v", e.Name(), reply, err)
	}
	f := sent.ResponseFormat
	if f.Type != "json_schema" || !f.JSONSchema.Strict || f.JSONSchema.Name == "" || f.JSONSchema.Schema["type"] != "object" {
		t.Errorf("response_format %+v", f)
	}
	if sent.Model != "m" || sent.Temperature == nil || *sent.Temperature != warm || sent.MaxTokens != 300 || sent.MaxCompletionTokens != 0 {
		t.Errorf("%+v", sent)
	}
	if len(sent.Messages) != 2 || sent.Messages[0].Role != "system" || sent.Messages[0].Content != "orders" || sent.Messages[1].Content != "turns" {
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
		"a refusal":                {said(`"content": null, "refusal": "I cannot"`, "stop"), 200, false, 0},
		"a filter":                 {said(`"content": ""`, "content_filter"), 200, false, 0},
		"a bad request":            {failing(400), 400, false, 0},
		"too long":                 {failing(413), 413, false, 0},
		"unprocessable":            {failing(422), 422, false, 0},
		"a wrong key":              {failing(401), 401, true, 0},
		"an unknown model":         {failing(404), 404, true, 0},
		"a limit with its end":     {failing(429, "Retry-After", "17"), 429, true, 17 * time.Second},
		"a limit with none":        {failing(429), 429, true, 0},
		"a limit of a wrong clock": {failing(429, "Retry-After", "999999"), 429, true, 10 * time.Minute},
		"trouble":                  {failing(500), 500, true, 0},
		"overload":                 {failing(503, "Retry-After", "2"), 503, true, 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calls := 0
			_, err := endpoint(t, openai.Options{Model: "m"}, func(w http.ResponseWriter, r *http.Request) {
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
	d := distiller(t, endpoint(t, openai.Options{Model: "m"}, said(`"content": null, "refusal": "I cannot"`, "stop")), time.Minute)
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
		"cut off":     {said(`"content": "{\"distillates\": [{\"kind\": \"pro"`, "length"), "cut off"},
		"no JSON":     {said(`"content": "Sure! Here they are"`, "stop"), "no JSON object"},
		"half a JSON": {said(`"content": "{\"distillates\": [}"`, "stop"), "not JSON"},
		"nothing":     {said(`"content": ""`, "stop"), "no JSON object"},
		"no choices": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"choices": [], "usage": {"prompt_tokens": 70, "completion_tokens": 9}}`)
		}, "no JSON object"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := distiller(t, endpoint(t, openai.Options{Model: "m"}, c.answer), time.Minute)
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
	_, err := endpoint(t, openai.Options{Model: "m"}, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"choices": [`)
	}).Complete(t.Context(), asked)
	if _, final := errors.AsType[*model.Refused](err); err == nil || final {
		t.Errorf("%v", err)
	}
}

func TestASlowAnswerIsCutAndSaysSo(t *testing.T) {
	t.Parallel()
	e := endpoint(t, openai.Options{Model: "m"}, func(_ http.ResponseWriter, r *http.Request) {
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
