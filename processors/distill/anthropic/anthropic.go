// Package anthropic asks Anthropic's models.
package anthropic

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"
	"github.com/anthropics/anthropic-sdk-go/packages/param"

	"leadline/processors/distill/model"
	"leadline/schemas"
)

// Options say where and what the model is.
type Options struct {
	BaseURL     string // without /v1; empty is Anthropic's own
	Key         string
	Model       string
	Temperature *float64 // nil is the model's own
	Client      *http.Client
}

// Endpoint is a model.Endpoint.
type Endpoint struct {
	client  anthropic.Client
	options Options
}

// New makes an endpoint; it does not call.
func New(o Options) *Endpoint {
	opts := []option.RequestOption{
		// What else is in the environment or in files of other programs is not ours to use.
		option.WithoutEnvironmentDefaults(),
		option.WithAPIKey(o.Key),
		// Waiting and trying again is the caller's: it knows of the other calls.
		option.WithMaxRetries(0),
		option.WithHTTPClient(o.Client),
	}
	if o.BaseURL != "" {
		opts = append(opts, option.WithBaseURL(o.BaseURL))
	} else {
		opts = append(opts, option.WithEnvironmentProduction())
	}
	return &Endpoint{client: anthropic.NewClient(opts...), options: o}
}

// Name of the endpoint and its model.
func (e *Endpoint) Name() string { return "anthropic:" + e.options.Model }

// Complete asks once.
func (e *Endpoint) Complete(ctx context.Context, p model.Prompt) (model.Reply, error) {
	params := anthropic.MessageNewParams{
		Model:     e.options.Model,
		MaxTokens: p.MaxTokens,
		System:    []anthropic.TextBlockParam{{Text: p.System}},
		Messages:  []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock(p.User))},
		OutputConfig: anthropic.OutputConfigParam{
			Format: anthropic.JSONOutputFormatParam{Schema: p.Schema},
		},
	}
	if e.options.Temperature != nil {
		params.Temperature = param.NewOpt(*e.options.Temperature)
	}
	said, err := e.client.Messages.New(ctx, params)
	if err != nil {
		if answer := (*anthropic.Error)(nil); errors.As(err, &answer) {
			return model.Reply{}, model.Trouble(answer.StatusCode, answer.Response, err)
		}
		return model.Reply{}, err
	}
	reply := model.Reply{
		TokensIn:  said.Usage.InputTokens + said.Usage.CacheCreationInputTokens + said.Usage.CacheReadInputTokens,
		TokensOut: said.Usage.OutputTokens,
		Truncated: said.StopReason == anthropic.StopReasonMaxTokens || said.StopReason == anthropic.StopReasonModelContextWindowExceeded,
	}
	var text strings.Builder
	for _, block := range said.Content {
		if block.Type == "text" {
			text.WriteString(block.Text)
		}
	}
	reply.Text = text.String()
	if said.StopReason == anthropic.StopReasonRefusal {
		return reply, &model.Refused{Status: http.StatusOK, Reason: schemas.Excerpt("the model would not: " + reply.Text)}
	}
	return reply, nil
}
