package openai_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"leadline/processors/distill/model"
	"leadline/processors/distill/openai"
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
func said(content, finish string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"id": "c", "object": "chat.completion", "choices": [{"index": 0, "finish_reason": "`+finish+`",
			"message": {"role": "assistant", "content": "`+content+`"}}], "usage": {"prompt_tokens": 70, "completion_tokens": 9, "total_tokens": 79}}`)
	}
}

var asked = model.Prompt{System: "orders", User: "turns", Schema: map[string]any{"type": "object"}, MaxTokens: 300}

// What it makes of refusals and trouble is tested in ../model, with the other
// endpoint.
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
		said("{}", "stop")(w, r)
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

// A content filter stops an answer without the word refusal.
func TestAFilteredAnswerIsARefusal(t *testing.T) {
	t.Parallel()
	_, err := endpoint(t, openai.Options{Model: "m"}, said("", "content_filter")).Complete(t.Context(), asked)
	if refused, ok := errors.AsType[*model.Refused](err); !ok || refused.Status != http.StatusOK {
		t.Errorf("%v", err)
	}
}

func TestWhatIsInTheEnvironmentIsNotSent(t *testing.T) {
	for name, value := range map[string]string{
		"OPENAI_API_KEY": "of-another-program", "OPENAI_ADMIN_KEY": "of-another-program", "OPENAI_ORG_ID": "of-another-program",
		"OPENAI_PROJECT_ID": "of-another-program", "OPENAI_CUSTOM_HEADERS": "X-Gateway-Key: of-another-program", "OPENAI_BASE_URL": "http://127.0.0.1:1/v1",
	} {
		t.Setenv(name, value)
	}
	for _, key := range []string{"", "ours"} {
		sent := make(http.Header)
		e := endpoint(t, openai.Options{Model: "m", Key: key}, func(w http.ResponseWriter, r *http.Request) {
			sent = r.Header.Clone()
			said("{}", "stop")(w, r)
		})
		if _, err := e.Complete(t.Context(), asked); err != nil {
			t.Fatal(err)
		}
		for name, values := range sent {
			if strings.Contains(strings.Join(values, " "), "of-another-program") {
				t.Errorf("with the key %q it is sent %s: %s", key, name, values)
			}
		}
	}
	// Where no address is given it is the provider's own.
	var to string
	client := &http.Client{Transport: refusing(func(r *http.Request) { to = r.URL.Host })}
	if _, err := openai.New(openai.Options{Model: "m", Client: client}).Complete(t.Context(), asked); err == nil || to != "api.openai.com" {
		t.Errorf("asked %q, %v", to, err)
	}
}

// refusing sends nothing.
type refusing func(*http.Request)

func (f refusing) RoundTrip(r *http.Request) (*http.Response, error) {
	f(r)
	return nil, errors.New("not sent")
}
