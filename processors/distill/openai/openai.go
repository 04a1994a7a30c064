// Package openai asks models behind any endpoint with OpenAI's chat API.
package openai

import (
	"context"
	"errors"
	"net/http"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/packages/param"
	"github.com/openai/openai-go/v3/shared"

	"leadline/processors/distill/model"
	"leadline/schemas"
)

// Options say where and what the model is.
type Options struct {
	BaseURL     string // with /v1; empty is OpenAI's own
	Key         string // may be empty where the endpoint wants none
	Model       string
	Temperature *float64 // nil is the model's own
	Client      *http.Client
}

// Endpoint is a model.Endpoint.
type Endpoint struct {
	chat    openai.ChatService
	options Options
}

// New makes an endpoint; it does not call.
func New(o Options) *Endpoint {
	opts := []option.RequestOption{
		option.WithEnvironmentProduction(), // the address, where none is given
		option.WithAPIKey(o.Key),
		// Waiting and trying again is the caller's: it knows of the other calls.
		option.WithMaxRetries(0),
		option.WithHTTPClient(o.Client),
	}
	if o.BaseURL != "" {
		opts = append(opts, option.WithBaseURL(o.BaseURL))
	}
	// A whole client would take addresses, keys and headers of other programs from
	// the environment, and send them to whatever server this is.
	return &Endpoint{chat: openai.NewChatService(opts...), options: o}
}

// Name of the endpoint and its model.
func (e *Endpoint) Name() string { return "openai:" + e.options.Model }

// Complete asks once.
func (e *Endpoint) Complete(ctx context.Context, p model.Prompt) (model.Reply, error) {
	params := openai.ChatCompletionNewParams{
		Model:    e.options.Model,
		Messages: []openai.ChatCompletionMessageParamUnion{openai.SystemMessage(p.System), openai.UserMessage(p.User)},
		ResponseFormat: openai.ChatCompletionNewParamsResponseFormatUnion{OfJSONSchema: &shared.ResponseFormatJSONSchemaParam{
			JSONSchema: shared.ResponseFormatJSONSchemaJSONSchemaParam{Name: "distillates", Strict: param.NewOpt(true), Schema: p.Schema},
		}},
	}
	if e.options.BaseURL == "" {
		params.MaxCompletionTokens = param.NewOpt(p.MaxTokens)
	} else {
		params.MaxTokens = param.NewOpt(p.MaxTokens) // the name that other servers know
	}
	if e.options.Temperature != nil {
		params.Temperature = param.NewOpt(*e.options.Temperature)
	}
	said, err := e.chat.Completions.New(ctx, params)
	if err != nil {
		if answer := (*openai.Error)(nil); errors.As(err, &answer) {
			return model.Reply{}, model.Trouble(answer.StatusCode, answer.Response, err)
		}
		return model.Reply{}, err
	}
	reply := model.Reply{TokensIn: said.Usage.PromptTokens, TokensOut: said.Usage.CompletionTokens}
	if len(said.Choices) == 0 {
		return reply, nil
	}
	choice := said.Choices[0]
	switch {
	case choice.Message.Refusal != "":
		return reply, &model.Refused{Status: http.StatusOK, Reason: schemas.Excerpt(choice.Message.Refusal)}
	case choice.FinishReason == "content_filter":
		return reply, &model.Refused{Status: http.StatusOK, Reason: "the endpoint's filter kept the answer back"}
	}
	reply.Text, reply.Truncated = choice.Message.Content, choice.FinishReason == "length"
	return reply, nil
}
