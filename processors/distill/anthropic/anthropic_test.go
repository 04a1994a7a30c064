package anthropic_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"leadline/processors/distill/anthropic"
	"leadline/processors/distill/model"
)

// What it makes of refusals and trouble is tested in ../model, with the other
// endpoint.
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
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/messages" || r.Header.Get("X-Api-Key") != "key-1" || r.Header.Get("Anthropic-Version") == "" {
			t.Errorf("%s with %v", r.URL.Path, r.Header)
		}
		if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"id": "m", "type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn",
			"content": [{"type": "text", "text": "{}"}],
			"usage": {"input_tokens": 50, "cache_creation_input_tokens": 5, "cache_read_input_tokens": 15, "output_tokens": 9}}`)
	}))
	t.Cleanup(server.Close)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	warm := 0.25
	e := anthropic.New(anthropic.Options{BaseURL: server.URL, Key: "key-1", Model: "m", Temperature: &warm, Client: &http.Client{Transport: transport}})

	reply, err := e.Complete(t.Context(), model.Prompt{System: "orders", User: "turns", Schema: map[string]any{"type": "object"}, MaxTokens: 300})
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
