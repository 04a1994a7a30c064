package command

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"leadline/console"
	"leadline/console/mcp"
	"leadline/schemas"
)

type contextCommand struct {
	output
	Customer string `arg:"" help:"A customer's id, name or domain, or an end user's e-mail address."`
	Question string `help:"What is to be answered. Without one: what is new."`
	Tokens   int    `default:"2000" help:"How many tokens it may have, 200 to 32000."`
}

// Help shows examples.
func (*contextCommand) Help() string {
	return `Prints Markdown that is ready to be given to an assistant: what was said, each with its source.

Examples:
  leadline context acme.example --question "what did they ask of the export?"
  leadline context ann@acme.example --tokens 800 --json`
}

// Run gathers.
func (c *contextCommand) Run(ctx context.Context, g *Globals) error {
	return reading(ctx, g, func(r console.Reader) error {
		q := console.ContextQuery{Scope: schemas.Scope{Org: g.Org}, Customer: c.Customer, Question: c.Question, Tokens: c.Tokens}
		if strings.Contains(c.Customer, "@") {
			q.Customer, q.Email = "", c.Customer
		}
		made, err := r.Context(ctx, q)
		if err != nil {
			return err
		}
		return show(c.output, []console.CustomerContext{made}, func(console.Style) error {
			_, err := fmt.Print(made.Markdown())
			return err
		})
	})
}

type mcpCommand struct{}

// Help says how an assistant is told of it.
func (*mcpCommand) Help() string {
	return `Speaks MCP on stdin and stdout, for assistants that start their servers themselves. Others use the address /mcp of
the API, with a token.

Examples:
  leadline mcp
  LEADLINE_URL=https://meet.example.com LEADLINE_API_TOKEN=ll_... leadline mcp`
}

// Run serves one assistant. Nothing but MCP is on stdout.
func (*mcpCommand) Run(ctx context.Context, g *Globals) (err error) {
	reader, closeReader, err := openReader(ctx, g)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeReader()) }()
	if err := schemas.CheckOrg(g.Org); err != nil {
		return &usageError{fmt.Errorf("--org: %w", err)}
	}
	// What a token does not permit the API refuses, whatever is asked for here.
	access := console.Access{Token: "stdio", Org: g.Org, Permissions: []string{schemas.PermissionRead}}
	if client, ok := reader.(*console.Client); ok {
		own, err := client.OwnToken(ctx, g.Org)
		switch {
		case errors.Is(err, console.ErrUnauthorized), errors.Is(err, console.ErrForbidden):
			return err
		case err == nil && own.Customer != nil: // else it is asked without: the Leadline may only start
			access.Company = *own.Customer
		}
	}
	return mcp.RunStdio(ctx, mcp.Options{Reader: reader, Version: version(), Log: g.logger()}, access, g.Org)
}
