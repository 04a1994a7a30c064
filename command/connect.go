package command

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/console"
	"leadline/deploy/boot"
	"leadline/ingress/recorder"
	"leadline/schemas"
)

// reach is how a command gets at Kafka.
type reach struct {
	kafka []kgo.Opt
	codec *schemas.Codec
}

// reach is the cluster's, where one is named, and else that of the Leadline
// that runs on the data directory.
func (c *cluster) reach(ctx context.Context, g *Globals) (reach, error) {
	if c.given() != nil {
		return reachRunning(ctx, g)
	}
	if g.Org == "" {
		g.Org = "main"
	}
	p, err := c.plant(ctx, g)
	if err != nil {
		return reach{}, err
	}
	if err := schemas.CheckOrg(g.Org); err != nil {
		return reach{}, &usageError{fmt.Errorf("--org: %w", err)}
	}
	return reach{kafka: p.kafka, codec: p.codec}, boot.Reach(ctx, p.kafka)
}

// reachRunning finds it by the data directory.
func reachRunning(ctx context.Context, g *Globals) (reach, error) {
	p, err := readPlace(g.Data)
	if err != nil {
		return reach{}, err
	}
	if g.Org == "" {
		g.Org = p.Org
	}
	if err := schemas.CheckOrg(g.Org); err != nil {
		return reach{}, &usageError{fmt.Errorf("--org: %w", err)}
	}
	if !p.running(ctx) {
		return reach{}, fmt.Errorf("no Leadline runs at %s: start it with leadline up --data %s", p.URL, g.Data)
	}
	k := boot.Kafka{Brokers: p.Brokers, RegistryURL: p.Registry, ClientID: "leadline-command"}
	codec, err := k.Codec(ctx)
	return reach{kafka: k.Options(prometheus.NewRegistry(), g.logger()), codec: codec}, err
}

type connectCommand struct {
	Fathom connectFathomCommand `cmd:"" help:"Connect Fathom with an API key."`
	Zoom   connectZoomCommand   `cmd:"" help:"Connect Zoom with a server-to-server OAuth app."`
}

type connectFathomCommand struct {
	cluster
	keyset
	Key       recorder.Secret `env:"FATHOM_API_KEY" help:"API key, from Fathom's settings. Better in the environment than on the command line."`
	Name      string          `default:"default" help:"Which of the connections, where several keys are connected: each sees its owner's meetings only."`
	BaseURL   string          `env:"FATHOM_BASE_URL" help:"Another address of the API, for a simulator."`
	PublicURL string          `env:"LEADLINE_PUBLIC_URL" help:"Address under which Fathom reaches Leadline. Without one no webhook is made, and meetings come by poll alone."`
	LookBack  lookBack        `env:"LEADLINE_LOOK_BACK" default:"30" help:"How many days back the first sync reads, or all."`
}

// lookBack is a number of days; below 0 it is everything.
type lookBack int32

// UnmarshalText takes a number or all.
func (l *lookBack) UnmarshalText(text []byte) error {
	if string(text) == "all" {
		*l = -1
		return nil
	}
	days, err := strconv.ParseInt(string(text), 10, 32)
	if err != nil || days < 1 {
		return fmt.Errorf("%q: want a number of days from 1, or all", text)
	}
	*l = lookBack(days)
	return nil
}

// Help shows examples.
func (*connectFathomCommand) Help() string {
	return `Examples:
  FATHOM_API_KEY=... leadline connect fathom --public-url https://meet.example.com
  FATHOM_API_KEY=... leadline connect fathom --name second --public-url https://meet.example.com
  leadline connect fathom --key simulated-key --base-url http://127.0.0.1:8430/external/v1 --public-url http://127.0.0.1:8420`
}

// Validate names the variable beside the flag: a key does not belong on a command line.
func (c *connectFathomCommand) Validate() error {
	if c.Key.Reveal() == "" {
		return errors.New("an API key is missing: want FATHOM_API_KEY, or --key")
	}
	return nil
}

// Run connects and says what was made.
func (c *connectFathomCommand) Run(ctx context.Context, g *Globals) error {
	return c.connected(ctx, g, &c.keyset, func(ctx context.Context, known console.Connections) error {
		made, err := known.Connect(ctx, g.Org, console.NewConnection{
			Provider: schemas.Fathom, Name: c.Name, BaseURL: c.BaseURL, Credential: c.Key.Reveal(),
			PublicURL: c.PublicURL, LookBackDays: int32(c.LookBack),
		})
		if err != nil {
			return err
		}
		fmt.Printf("Fathom is connected for %s; its first sync has been asked for.\n", g.Org)
		if made.WebhookURL == "" {
			fmt.Println("There is no webhook, because no --public-url was given: meetings come with the hourly poll.")
			return nil
		}
		fmt.Println("Webhook:", made.WebhookURL)
		return nil
	})
}
