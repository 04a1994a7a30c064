package command

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"leadline/deploy/boot"
	"leadline/ingress/recorder"
	"leadline/ingress/rules"
	"leadline/processors/distill"
	"leadline/processors/distill/anthropic"
	"leadline/processors/distill/calls"
	locally "leadline/processors/distill/local"
	"leadline/processors/distill/model"
	"leadline/processors/distill/openai"
	"leadline/processors/stage"
)

// distillerFlags say what draws out of meetings what matters.
type distillerFlags struct {
	Distiller      string          `env:"LEADLINE_DISTILLER" enum:"none,local,openai,anthropic" default:"local" help:"none, local (no model), openai (any endpoint with OpenAI's chat API) or anthropic."`
	LLMURL         string          `name:"llm-url" env:"LEADLINE_LLM_URL" help:"Address of the endpoint: openai's with /v1, anthropic's without. Default: the provider's own."`
	LLMKey         recorder.Secret `name:"llm-key" env:"LEADLINE_LLM_KEY" help:"API key. Better in the environment, or in a file."`
	LLMKeyFile     string          `name:"llm-key-file" env:"LEADLINE_LLM_KEY_FILE" type:"path" help:"File that holds it."`
	LLMModel       string          `name:"llm-model" env:"LEADLINE_LLM_MODEL" help:"Name of the model."`
	LLMTemperature *float64        `name:"llm-temperature" env:"LEADLINE_LLM_TEMPERATURE" help:"0 to 2. Default: the model's own."`
	LLMTimeout     time.Duration   `name:"llm-timeout" env:"LEADLINE_LLM_TIMEOUT" default:"2m" help:"How long one call may take."`
	LLMCalls       int             `name:"llm-calls" env:"LEADLINE_LLM_CALLS" default:"8" help:"Meetings that are asked about at a time."`
	LLMOrgCalls    int             `name:"llm-org-calls" env:"LEADLINE_LLM_ORG_CALLS" default:"4" help:"Those of one organisation."`
	LLMWindow      int64           `name:"llm-window" env:"LEADLINE_LLM_WINDOW" default:"32000" help:"Tokens that the model takes, prompt and answer together. Longer transcripts are asked about in parts."`
	LLMMaxTokens   int64           `name:"llm-max-tokens" env:"LEADLINE_LLM_MAX_TOKENS" default:"4000" help:"Tokens of an answer."`
	LLMPriceIn     float64         `name:"llm-price-in" env:"LEADLINE_LLM_PRICE_IN" help:"Price of a million tokens that the model reads."`
	LLMPriceOut    float64         `name:"llm-price-out" env:"LEADLINE_LLM_PRICE_OUT" help:"Price of a million tokens that it writes."`
	LLMBudget      float64         `name:"llm-budget" env:"LEADLINE_LLM_BUDGET" help:"What an organisation may spend in a day (UTC), in the prices' currency. 0 is no limit. What is left waits for the next day."`
}

// Validate names the flag that is wrong.
func (d *distillerFlags) Validate() error {
	if d.Distiller == "none" || d.Distiller == "local" {
		return nil
	}
	switch {
	case d.LLMModel == "":
		return fmt.Errorf("--distiller=%s wants --llm-model", d.Distiller)
	case d.LLMTemperature != nil && (*d.LLMTemperature < 0 || *d.LLMTemperature > 2):
		return fmt.Errorf("--llm-temperature=%v: want 0 to 2", *d.LLMTemperature)
	case d.LLMTimeout < time.Second:
		return fmt.Errorf("--llm-timeout=%v: want 1s or more", d.LLMTimeout)
	case d.LLMCalls < 1 || d.LLMCalls > 1000:
		return fmt.Errorf("--llm-calls=%d: want 1 to 1000", d.LLMCalls)
	case d.LLMOrgCalls < 1:
		return fmt.Errorf("--llm-org-calls=%d: want 1 or more", d.LLMOrgCalls)
	case d.LLMMaxTokens < 64 || d.LLMWindow < 2*d.LLMMaxTokens:
		return fmt.Errorf("--llm-max-tokens=%d: want 64 to half of --llm-window=%d", d.LLMMaxTokens, d.LLMWindow)
	case d.LLMPriceIn < 0 || d.LLMPriceOut < 0 || d.LLMBudget < 0:
		return errors.New("--llm-price-in, --llm-price-out and --llm-budget: want 0 or more")
	case d.LLMBudget > 0 && d.LLMPriceIn == 0 && d.LLMPriceOut == 0:
		return errors.New("--llm-budget wants --llm-price-in or --llm-price-out")
	case d.LLMKey.Reveal() != "" && d.LLMKeyFile != "":
		return errors.New("LEADLINE_LLM_KEY and LEADLINE_LLM_KEY_FILE are both set")
	}
	if d.LLMURL != "" {
		u, err := url.Parse(d.LLMURL)
		if err != nil || u.Host == "" || u.User != nil || (u.Scheme != "https" && u.Scheme != "http") {
			return errors.New("--llm-url: want an http or https address without a password")
		}
	}
	return nil
}

func (d *distillerFlags) asked() bool { return d.Distiller == "openai" || d.Distiller == "anthropic" }

// micros are millionths.
func micros(amount float64) int64 { return int64(amount*1e6 + 0.5) }

// maxModelAnswer is some ten times the longest answer that a model may give: it is JSON within JSON.
const maxModelAnswer = 16 << 20

// open makes the distiller.
func (d *distillerFlags) open(p *plant) (distill.Distiller, error) {
	var endpoint model.Endpoint
	switch d.Distiller {
	case "none":
		return distill.None{}, nil
	case "", "local":
		return distill.ByWords(locally.New()), nil
	}
	key := d.LLMKey.Reveal()
	if d.LLMKeyFile != "" {
		raw, err := os.ReadFile(d.LLMKeyFile)
		if err != nil {
			return nil, fmt.Errorf("reading LEADLINE_LLM_KEY_FILE: %w", err)
		}
		key = strings.TrimSpace(string(raw))
	}
	transport, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return nil, errors.New("net/http's default transport is another's")
	}
	transport = transport.Clone()
	transport.MaxIdleConnsPerHost = d.LLMCalls // the default of 2 would open a connection for nearly each call
	client := &http.Client{
		Transport: boot.LimitAnswers(transport, maxModelAnswer),
		// A key does not follow where an endpoint points to.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	if d.Distiller == "openai" {
		endpoint = openai.New(openai.Options{BaseURL: d.LLMURL, Key: key, Model: d.LLMModel, Temperature: d.LLMTemperature, Client: client})
	} else {
		endpoint = anthropic.New(anthropic.Options{BaseURL: d.LLMURL, Key: key, Model: d.LLMModel, Temperature: d.LLMTemperature, Client: client})
	}
	return model.New(endpoint, model.Options{
		Window: d.LLMWindow, MaxTokens: d.LLMMaxTokens, Timeout: d.LLMTimeout,
		PriceIn: micros(d.LLMPriceIn), PriceOut: micros(d.LLMPriceOut), Metrics: p.registry,
	})
}

// stage makes the distill stage, and the role that asks the model where there is one.
func (d *distillerFlags) stage(p *plant, book *rules.Book) (stage.Stage, []boot.Role, error) {
	distiller, err := d.open(p)
	if err != nil {
		return stage.Stage{}, nil, err
	}
	made, err := distill.New(distiller, distill.Options{Rules: book, Metrics: p.registry, Asked: d.asked()})
	if err != nil || !d.asked() {
		return made, nil, err
	}
	caller, err := calls.New(calls.Options{
		Kafka: p.kafka, Codec: p.codec, Log: p.log, Metrics: p.registry, Distiller: distiller,
		Calls: d.LLMCalls, OrgCalls: d.LLMOrgCalls, Budget: micros(d.LLMBudget), Drain: 20 * time.Second,
	})
	return made, []boot.Role{{Name: "calls", Run: caller.Run}}, err
}

func (p *plant) rules() *rules.Book {
	return rules.NewBook(rules.Options{Kafka: p.kafka, Codec: p.codec, Log: p.log, Metrics: p.registry})
}

func bookRole(b *rules.Book) boot.Role {
	return boot.Role{Name: "rules", Run: b.Run, Ready: b.Ready}
}
