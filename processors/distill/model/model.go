package model

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"leadline/processors/distill"
	"leadline/schemas"
)

// Options say how a model is asked.
type Options struct {
	Window    int64         // tokens that the model takes, prompt and answer together
	MaxTokens int64         // of an answer
	Timeout   time.Duration // of one call
	// Prices are millionths of the currency for a million tokens, which is the
	// currency's units for a token, times 10^12.
	PriceIn, PriceOut int64
	Metrics           prometheus.Registerer
}

// Distiller asks a model. It is safe for concurrent use.
type Distiller struct {
	endpoint Endpoint
	options  Options
	metrics  *metrics
}

// New makes a distiller; it does not call.
func New(e Endpoint, o Options) (*Distiller, error) {
	m, err := newMetrics(o.Metrics)
	if err != nil {
		return nil, err
	}
	return &Distiller{endpoint: e, options: o, metrics: m}, nil
}

// Name of the model and of the prompt.
func (d *Distiller) Name() string { return d.endpoint.Name() + " " + promptVersion }

// Distill asks about each part of the transcript in turn, and merges.
func (d *Distiller) Distill(ctx context.Context, in distill.Input) (distill.Answer, error) {
	var all distill.Answer
	parts, withheld := cut(in, d.room(in))
	d.metrics.withheld.Add(float64(withheld))
	for _, p := range parts {
		a, err := d.ask(ctx, in, p)
		all.Spent = all.Spent.Plus(a.Spent)
		if err != nil {
			if none := (*distill.NoAnswer)(nil); errors.As(err, &none) {
				none.Spent = all.Spent
			}
			return all, err
		}
		all.Topics = append(all.Topics, a.Topics...)
		all.Distillates = append(all.Distillates, a.Distillates...)
	}
	// Parts overlap: what both have is dropped by the stage, which knows a quote's
	// place. A topic is met once.
	seen := make(map[string]bool)
	all.Topics = slices.DeleteFunc(all.Topics, func(h schemas.TopicHit) bool {
		twice := seen[h.Rule]
		seen[h.Rule] = true
		return twice
	})
	return all, nil
}

// room is how many bytes of a transcript go into one call.
func (d *Distiller) room(in distill.Input) int {
	bare := d.prompt(in, part{}, "")
	tokens := d.options.Window - d.options.MaxTokens - int64(len(bare.System)+len(bare.User))/bytesPerToken
	return max(int(tokens)*bytesPerToken, smallestPart)
}

// ask asks once, and once more where the answer cannot be used.
func (d *Distiller) ask(ctx context.Context, in distill.Input, p part) (distill.Answer, error) {
	var spent schemas.Spending
	wrong := ""
	for range 2 {
		reply, err := d.call(ctx, d.prompt(in, p, wrong))
		refused := (*Refused)(nil)
		if err == nil || errors.As(err, &refused) {
			spent = spent.Plus(d.cost(reply)) // an endpoint that failed counts no tokens
		}
		if refused != nil {
			d.metrics.answers.WithLabelValues("refused").Inc()
			return distill.Answer{Spent: spent}, &distill.NoAnswer{Reason: fmt.Sprintf("%s %v", d.endpoint.Name(), refused), Spent: spent}
		}
		if err != nil {
			d.metrics.answers.WithLabelValues("failed").Inc()
			return distill.Answer{Spent: spent}, err
		}
		a, err := read(reply)
		if err == nil {
			d.metrics.answers.WithLabelValues("usable").Inc()
			a.Spent = spent
			return a, nil
		}
		outcome := "invalid"
		if reply.Truncated {
			outcome = "truncated"
		}
		d.metrics.answers.WithLabelValues(outcome).Inc()
		wrong = schemas.Excerpt(err.Error())
	}
	return distill.Answer{Spent: spent}, &distill.NoAnswer{
		Reason: fmt.Sprintf("%s gave no usable answer for turns %d to %d, asked twice: %s", d.endpoint.Name(), p.first, p.last, wrong), Spent: spent,
	}
}

func (d *Distiller) call(ctx context.Context, p Prompt) (Reply, error) {
	limited, cancel := context.WithTimeout(ctx, d.options.Timeout)
	defer cancel()
	began := time.Now()
	reply, err := d.endpoint.Complete(limited, p)
	d.metrics.duration.Observe(time.Since(began).Seconds())
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		return reply, &Slow{d.options.Timeout}
	}
	return reply, err
}

// mostTokens is more than any model takes or gives.
const mostTokens = 100_000_000

// cost counts what the endpoint says that it took and gave. It is not believed
// whatever it says: a number below 0 would give money back.
func (d *Distiller) cost(r Reply) schemas.Spending {
	r.TokensIn, r.TokensOut = min(max(r.TokensIn, 0), mostTokens), min(max(r.TokensOut, 0), mostTokens)
	d.metrics.tokens.WithLabelValues("in").Add(float64(r.TokensIn))
	d.metrics.tokens.WithLabelValues("out").Add(float64(r.TokensOut))
	return schemas.Spending{
		Calls: 1, TokensIn: r.TokensIn, TokensOut: r.TokensOut,
		Micros: Price(r.TokensIn, d.options.PriceIn) + Price(r.TokensOut, d.options.PriceOut),
	}
}

// Price is what tokens cost, in millionths of the currency, at a price in
// millionths for a million tokens; a part of one counts as one.
func Price(tokens, perMillion int64) int64 {
	const million = 1_000_000
	return (tokens*perMillion + million - 1) / million
}

// Estimate is what a meeting would cost: its tokens by their usual length, and
// an answer of a usual length for each part.
func (d *Distiller) Estimate(in distill.Input) schemas.Spending {
	const usualAnswer = 600
	var s schemas.Spending
	parts, _ := cut(in, d.room(in))
	for _, p := range parts {
		asked := d.prompt(in, p, "")
		s = s.Plus(schemas.Spending{Calls: 1, TokensIn: int64(len(asked.System)+len(asked.User)) / 4, TokensOut: usualAnswer})
	}
	s.Micros = Price(s.TokensIn, d.options.PriceIn) + Price(s.TokensOut, d.options.PriceOut)
	return s
}
