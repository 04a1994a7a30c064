package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"leadline/console"
	"leadline/schemas"
)

type tokensCommand struct {
	Create tokensCreateCommand `cmd:"" help:"Make a token and print its secret, this once."`
	List   tokensListCommand   `cmd:"" help:"List the organisation's tokens."`
	Revoke tokensRevokeCommand `cmd:"" help:"End a token."`
}

// asking runs a command that only a Leadline that runs can do.
func asking(ctx context.Context, g *Globals, do func(*console.Client) error) error {
	return reading(ctx, g, func(r console.Reader) error {
		client, ok := r.(*console.Client)
		if !ok {
			return fmt.Errorf("no Leadline runs on %s: start it with leadline up, or name one with --url", g.Data)
		}
		return do(client)
	})
}

type tokensCreateCommand struct {
	Name       string        `arg:"" help:"What it is for, for people."`
	Permission []string      `enum:"read,ingest,admin" default:"read" help:"read, ingest or admin; several with commas."`
	Customer   string        `help:"Bind it to one customer: id, name or domain. It then only reads what is theirs."`
	Expires    time.Duration `help:"How long it is good, as 720h. Default: until it is revoked."`
}

// Help shows examples.
func (*tokensCreateCommand) Help() string {
	return `Examples:
  leadline tokens create "assistant of the sales team"
  leadline tokens create "Amber's own bot" --customer amber.example --expires 2160h
  leadline tokens create deployment --permission admin`
}

// Run makes one.
func (c *tokensCreateCommand) Run(ctx context.Context, g *Globals) error {
	return asking(ctx, g, func(client *console.Client) error {
		asked := console.TokenRequest{Name: c.Name, Permissions: c.Permission}
		if c.Customer != "" {
			id, err := console.CustomerID(ctx, client, g.Org, c.Customer)
			if err != nil {
				return err
			}
			asked.Customer = &id
		}
		if c.Expires != 0 {
			end := time.Now().Add(c.Expires)
			asked.ExpiresAt = &end
		}
		made, err := client.CreateToken(ctx, g.Org, asked)
		if err != nil {
			return err
		}
		fmt.Println(made.Secret)
		fmt.Fprintf(os.Stderr, "Token %s of %s. It is shown this once: keep it.\n", made.ID, g.Org)
		return nil
	})
}

type tokensListCommand struct{ output }

// Help shows an example.
func (*tokensListCommand) Help() string { return "Example:\n  leadline tokens list --json" }

// Run lists.
func (c *tokensListCommand) Run(ctx context.Context, g *Globals) error {
	return asking(ctx, g, func(client *console.Client) error {
		all, err := client.ListTokens(ctx, g.Org)
		if err != nil {
			return err
		}
		return show(c.output, all, func(console.Style) error { return printTokens(all) })
	})
}

func printTokens(all []console.Token) error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tNAME\tMAY\tCUSTOMER\tMADE\tENDS\tUSED")
	for _, t := range all {
		customer := "-"
		if t.Customer != nil {
			customer = fmt.Sprintf("%.60q", *t.Customer)
		}
		fmt.Fprintf(w, "%s\t%q\t%s\t%s\t%s\t%s\t%s\n", t.ID, t.Name, strings.Join(t.Permissions, ","), customer,
			day(&t.CreatedAt), day(t.ExpiresAt), hourOf(t.UsedAt))
	}
	return w.Flush()
}

func day(t *time.Time) string {
	if t == nil {
		return "never"
	}
	return t.UTC().Format("2006-01-02 15:04")
}

// hourOf is all that is kept of a use: a minute would be before the token was
// made.
func hourOf(t *time.Time) string {
	if t == nil {
		return "never"
	}
	return t.UTC().Format("2006-01-02 15h")
}

type tokensRevokeCommand struct {
	ID string `arg:"" help:"The token's id, from leadline tokens list."`
}

// Help shows an example.
func (*tokensRevokeCommand) Help() string { return "Example:\n  leadline tokens revoke 3kq7xw2mabcde" }

// Run revokes.
func (c *tokensRevokeCommand) Run(ctx context.Context, g *Globals) error {
	if err := schemas.CheckSegment("id", c.ID); err != nil {
		return &usageError{errors.New("a token's id has 13 letters and digits; its secret is not asked for")}
	}
	return asking(ctx, g, func(client *console.Client) error {
		if err := client.RevokeToken(ctx, g.Org, c.ID); err != nil {
			return err
		}
		fmt.Println("Revoked.")
		return nil
	})
}
