// Package mcp lets assistants read meetings over the Model Context Protocol. It
// only reads, and only what the token's scope has.
package mcp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"leadline/console"
	"leadline/schemas"
)

// maxRequest is more than any call of ours takes: a question of 2 KiB.
const maxRequest = 1 << 20

const instructions = "Reads recorded meetings with customers: search what was said, gather what is known of one customer, " +
	"list meetings and action items, read one meeting. Nothing can be changed. " + console.Untrusted

// Options are what a server works with.
type Options struct {
	Reader  console.Reader
	Version string
	Log     *slog.Logger
}

// Handler serves MCP as streamable HTTP, behind console.Handler's gate: each
// request gets a server of its own with what console.AccessOf says. A token
// that is not of one organisation names it with ?org=.
func Handler(o Options) http.Handler {
	cache := sdk.NewSchemaCache()
	served := sdk.NewStreamableHTTPHandler(func(r *http.Request) *sdk.Server {
		access := console.AccessOf(r.Context())
		return newServer(o, session{o.Reader, access, orgOf(access, r), o.Log}, cache)
	}, &sdk.StreamableHTTPOptions{
		// No session is kept: it would outlive the token that began it, and
		// belong to one replica.
		Stateless: true, JSONResponse: true, MaxRequestBodyBytes: maxRequest,
		// A page that rebinds its name to this address has no token; and a proxy
		// on this machine passes the name on that it is called by.
		DisableLocalhostProtection: true,
	})
	return served
}

func orgOf(access console.Access, r *http.Request) string {
	if org := r.URL.Query().Get("org"); org != "" || access.Org == "" {
		return org
	}
	return access.Org
}

// RunStdio serves one client on stdin and stdout until it goes or ctx ends.
func RunStdio(ctx context.Context, o Options, access console.Access, org string) error {
	server := newServer(o, session{o.Reader, access, org, o.Log}, nil)
	if err := server.Run(ctx, &sdk.StdioTransport{}); err != nil && ctx.Err() == nil {
		return fmt.Errorf("serving MCP: %w", err)
	}
	return nil
}

func newServer(o Options, s session, cache *sdk.SchemaCache) *sdk.Server {
	server := sdk.NewServer(&sdk.Implementation{Name: "leadline", Title: "Leadline", Version: o.Version}, &sdk.ServerOptions{
		// Left alone, the protocol lets whoever stands between keep an answer and
		// give it to others.
		SetCacheable: func(_ context.Context, _ sdk.Request, c *sdk.Cacheable) { c.CacheScope = "private" },
		Instructions: instructions, Logger: slog.New(slog.DiscardHandler), SchemaCache: cache,
		Capabilities: &sdk.ServerCapabilities{Tools: &sdk.ToolCapabilities{}, Resources: &sdk.ResourceCapabilities{}},
	})
	s.addTools(server)
	s.addResources(server)
	return server
}

// session is one caller.
type session struct {
	reader console.Reader
	access console.Access
	org    string
	log    *slog.Logger
}

// scope narrows the caller's access to the customer that an argument names by
// id, name or domain.
func (s session) scope(ctx context.Context, customer string) (schemas.Scope, error) {
	if s.org == "" {
		return schemas.Scope{}, &schemas.InvalidQuery{Field: "org", Problem: "the token is of no organisation: name one in the address, as in " + console.MCPPath + "?org=main"}
	}
	scope, err := s.access.Scope(schemas.Scope{Org: s.org})
	if err == nil {
		err = schemas.CheckOrg(scope.Org)
		if err != nil {
			err = &schemas.InvalidQuery{Field: "org", Problem: err.Error()}
		}
	}
	if err != nil || customer == "" {
		return scope, err
	}
	found, err := s.reader.Customer(ctx, scope, customer)
	if err != nil {
		return scope, err
	}
	scope.Company = found.ID
	return s.access.Scope(scope)
}

// told is the error as the caller may know it: one of ours stays in the log.
func (s session) told(err error) error {
	if _, ok := errors.AsType[*schemas.InvalidQuery](err); ok {
		return err
	}
	if _, ok := errors.AsType[*console.NotFound](err); ok || errors.Is(err, console.ErrForbidden) {
		return err
	}
	s.log.Warn("answering an MCP call failed", "err", err)
	return errors.New("the answer could not be made; the log says why")
}
