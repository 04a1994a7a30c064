package command

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"leadline/deploy/boot"
	"leadline/ingress/connection"
	"leadline/ingress/fathom"
	"leadline/ingress/zoom"
)

type sinksCommand struct {
	cluster
	health
	haltFlags
	storeFlags
	embeddingFlags
	KeepTombstones time.Duration `env:"LEADLINE_KEEP_TOMBSTONES" default:"2160h" help:"How long Elasticsearch remembers that an entry is gone; longer than anything that is replayed."`
}

// Validate names the flag that is wrong.
func (c *sinksCommand) Validate() error {
	// Topics keep a week: what a sink that was away reads must not bring back what went since.
	if least := 8 * 24 * time.Hour; c.KeepTombstones < least {
		return fmt.Errorf("--keep-tombstones=%v: want %v or more", c.KeepTombstones, least)
	}
	return errors.Join(c.cluster.Validate(), c.check(), c.storeFlags.Validate(), c.embeddingFlags.Validate())
}

// Help shows an example.
func (*sinksCommand) Help() string {
	return `A store whose address is not given is left out: its records wait in Kafka.

Example:
  CLICKHOUSE_DSN=clickhouse://clickhouse:9000/leadline ELASTICSEARCH_URL=http://elasticsearch:9200 leadline sinks`
}

// Run carries into the stores until it is stopped.
func (c *sinksCommand) Run(ctx context.Context, g *Globals) error {
	p, err := c.role(ctx, g, "sinks")
	if err != nil {
		return err
	}
	if p.vectors, err = c.embeddingFlags.open(p); err != nil {
		return err
	}
	s, err := c.storeFlags.open()
	if err != nil {
		return err
	}
	p.mostRejected = c.MostRejected
	roles := s.sinks(p, c.KeepTombstones)
	if len(roles) == 0 {
		return errors.Join(&usageError{errors.New("neither CLICKHOUSE_DSN nor ELASTICSEARCH_URL is set: there is nothing to write to")}, s.Close())
	}
	return errors.Join(c.run(ctx, p, roles...), s.Close())
}

type consoleCommand struct {
	cluster
	health
	storeFlags
	embeddingFlags
	keyset
	Listen    string `env:"LEADLINE_LISTEN" default:"0.0.0.0:8420" help:"Address of the pages and the API."`
	PublicURL string `env:"LEADLINE_PUBLIC_URL" help:"Address under which recorders reach the webhooks, for connections that are made by the API."`
	apiLimits
	pageFlags
	TokenFile string `env:"LEADLINE_API_TOKEN_FILE" type:"path" help:"File that holds the token which callers must have, instead of --api-token."`
}

// Validate names the flag that is wrong.
func (c *consoleCommand) Validate() error {
	return errors.Join(c.cluster.Validate(), c.storeFlags.Validate(), c.embeddingFlags.Validate())
}

// Help shows an example.
func (*consoleCommand) Help() string {
	return `Any number of them may run; sessions of the pages are in memory, so a visitor has to stay with one. Links that sign in come
from leadline signin. Without KAFKA_BROKERS there are no tokens but the one given here,
and the directory cannot be changed.

Example:
  LEADLINE_API_TOKEN_FILE=/run/token leadline console`
}

// Run answers until it is stopped.
func (c *consoleCommand) Run(ctx context.Context, g *Globals) error {
	token, err := c.token(g)
	if err = errors.Join(err, c.check()); err != nil {
		return &usageError{err}
	}
	s, err := c.storeFlags.open()
	if err != nil {
		return err
	}
	if !s.whole() {
		return errors.Join(&usageError{errors.New("the console wants CLICKHOUSE_DSN and ELASTICSEARCH_URL")}, s.Close())
	}
	ln, err := front(ctx, c.Listen)
	if err != nil {
		return errors.Join(err, s.Close())
	}
	// The server does not wait: it says what it cannot answer.
	meetings, knowledge := s.needs()
	p, api, beside, err := c.api(ctx, g, s, token)
	if err != nil {
		return errors.Join(err, ln.Close(), s.Close())
	}
	if p.vectors, err = c.embeddingFlags.open(p); err != nil {
		return errors.Join(err, ln.Close(), s.Close())
	}
	p.vectors.ask(s.knowledge)
	roles := append(beside, waiting("stores", meetings, knowledge), boot.Server("api", ln, api, p.registry))
	return errors.Join(c.run(ctx, p, roles...), s.Close())
}

// api also has tokens and rules where it is told how to reach Kafka, and changes connections where it is given the keyset,
// too. It makes no keyset: what one sealed that the other roles have not would be lost on them.
func (c *consoleCommand) api(ctx context.Context, g *Globals, s *stores, token string) (*plant, http.Handler, []boot.Role, error) {
	if c.given() != nil {
		p := newPlant(g)
		site, streams := p.pages(s, token, c.pageFlags, nil)
		return p, besides(site, p.api(s, token, nil, nil, c.apiLimits)), []boot.Role{streams}, nil
	}
	p, err := c.role(ctx, g, "console")
	if err != nil {
		return nil, nil, nil, err
	}
	with, beside, err := p.staff(s, p.rules())
	if err != nil {
		return nil, nil, nil, err
	}
	secrets := p.tokens()
	beside = append(beside, tokenRole(secrets))
	if c.Keyset != "" || c.KeysetFile != "" {
		sealer, err := c.sealer(g.Data)
		if err != nil {
			return nil, nil, nil, err
		}
		table := connection.NewTable(p.connectionOptions())
		var reading boot.Role
		p.recorders = recorders(fathom.Recorder{API: c.FathomURL}, zoom.Pro)
		with.known, reading = newConnections(p.connectionOptions(), p.recorders, table, sealer, c.PublicURL)
		beside = append(beside, tableRole(table), reading)
	}
	site, streams := p.pages(s, token, c.pageFlags, with)
	return p, besides(site, p.api(s, token, secrets, with, c.apiLimits)), after(append(beside, streams), p.kafkaNeed("console")), nil
}

func (c *consoleCommand) token(g *Globals) (string, error) {
	token := g.APIToken
	if c.TokenFile != "" {
		raw, err := os.ReadFile(c.TokenFile)
		if err != nil {
			return "", fmt.Errorf("LEADLINE_API_TOKEN_FILE: %w", err)
		}
		token = strings.TrimSpace(string(raw))
	}
	const shortest = 20 // of characters that nobody guesses
	if len(token) < shortest {
		return "", fmt.Errorf("LEADLINE_API_TOKEN has %d characters, want %d or more", len(token), shortest)
	}
	return token, nil
}
