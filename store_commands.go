package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	tokens "leadline/console/token"
	"leadline/deploy/boot"
	"leadline/ingress/rules"
)

type sinksCommand struct {
	cluster
	health
	storeFlags
	KeepTombstones time.Duration `env:"LEADLINE_KEEP_TOMBSTONES" default:"2160h" help:"How long Elasticsearch remembers that an entry is gone; longer than anything that is replayed."`
}

// Validate names the flag that is wrong.
func (c *sinksCommand) Validate() error {
	// Topics keep a week: what a sink that was away reads must not bring back what went since.
	if least := 8 * 24 * time.Hour; c.KeepTombstones < least {
		return fmt.Errorf("--keep-tombstones=%v: want %v or more", c.KeepTombstones, least)
	}
	return c.cluster.Validate()
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
	s, err := c.open()
	if err != nil {
		return err
	}
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
	Listen string `env:"LEADLINE_LISTEN" default:"0.0.0.0:8420" help:"Address of the API."`
	apiLimits
	TokenFile string `env:"LEADLINE_API_TOKEN_FILE" type:"path" help:"File that holds the token which callers must have, instead of --api-token."`
}

// Help shows an example.
func (*consoleCommand) Help() string {
	return `Any number of them may run. Without KAFKA_BROKERS there are no tokens but the one given here.

Example:
  LEADLINE_API_TOKEN_FILE=/run/token leadline console`
}

// Run answers until it is stopped.
func (c *consoleCommand) Run(ctx context.Context, g *Globals) error {
	token, err := c.token(g)
	if err != nil {
		return &usageError{err}
	}
	s, err := c.open()
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
	p := newPlant(g)
	// The server does not wait: it says what it cannot answer.
	meetings, knowledge := s.needs()
	roles := []boot.Role{waiting("stores", meetings, knowledge)}
	var secrets *tokens.Book
	var book *rules.Book
	if c.given() == nil {
		if p, err = c.plant(ctx, g); err != nil {
			return errors.Join(err, ln.Close(), s.Close())
		}
		secrets = p.tokens()
		if book, err = p.rules(); err != nil {
			return errors.Join(err, ln.Close(), s.Close())
		}
		roles = append(roles, after([]boot.Role{tokenRole(secrets), bookRole(book)}, p.kafkaNeed("console"))...)
	}
	roles = append(roles, boot.Server("api", ln, p.api(s, token, secrets, book, c.apiLimits)))
	return errors.Join(c.run(ctx, p, roles...), s.Close())
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
