package console

import (
	"context"
	"net/http"
	"time"

	"leadline/console/token"
	"leadline/schemas"
)

// Token is a token of the API, without its secret.
type Token struct {
	ID          string     `json:"id"`
	Name        string     `json:"name"`
	Permissions []string   `json:"permissions" doc:"read, ingest, admin"`
	Customer    *string    `json:"customer" doc:"id of the customer that it is bound to"`
	CreatedAt   time.Time  `json:"created_at"`
	ExpiresAt   *time.Time `json:"expires_at"`
	UsedAt      *time.Time `json:"used_at" doc:"the hour of the last use, minutes late"`
}

// NewToken is a token with its secret, which is shown this once.
type NewToken struct {
	Token
	Secret string `json:"secret"`
}

// TokenRequest asks for a token.
type TokenRequest struct {
	Name        string     `json:"name"`
	Permissions []string   `json:"permissions" doc:"read, ingest, admin"`
	Customer    *string    `json:"customer,omitempty" doc:"id of a customer: the token may then only read, and only what is theirs"`
	ExpiresAt   *time.Time `json:"expires_at,omitempty"`
}

// OwnToken is what the token of the request may do.
type OwnToken struct {
	ID          string   `json:"id" doc:"instance for the one that comes with the process"`
	Permissions []string `json:"permissions" doc:"read, ingest, admin"`
	Customer    *string  `json:"customer" doc:"id of the customer that it is bound to"`
}

type tokenList struct {
	Tokens []Token `json:"tokens"`
}

// tokenRoutes are for administrators, but for the one that tells of oneself.
var tokenRoutes = []route{
	{
		name: "own_token", method: http.MethodGet, path: "/orgs/{org}/token",
		summary: "Tell what the token of this request may do.", answer: OwnToken{}, do: (*api).ownToken,
	},
	{
		name: "tokens", method: http.MethodGet, path: "/orgs/{org}/tokens", permission: schemas.PermissionAdmin,
		summary: "List the organisation's tokens, oldest first.", answer: tokenList{}, do: (*api).tokens,
	},
	{
		name: "create_token", method: http.MethodPost, path: "/orgs/{org}/tokens", permission: schemas.PermissionAdmin,
		summary: "Make a token. Its secret is in this answer and nowhere else.",
		body:    TokenRequest{}, answer: NewToken{}, status: http.StatusCreated, do: (*api).createToken,
	},
	{
		name: "revoke_token", method: http.MethodDelete, path: "/orgs/{org}/tokens/{token}", permission: schemas.PermissionAdmin,
		summary: "Revoke a token.", do: (*api).revokeToken,
	},
}

func shapeToken(t token.Listed) Token {
	return Token{
		ID: t.ID, Name: t.Token.Name, Permissions: listed(t.Token.Permissions), Customer: t.Token.Company,
		CreatedAt: t.Token.CreatedAt.UTC(), ExpiresAt: t.Token.ExpiresAt, UsedAt: t.UsedAt,
	}
}

// administered is the path's organisation, where there are tokens at all.
func (a *api) administered(c *call) (string, error) {
	scope := c.scope()
	if c.err == nil && a.Tokens == nil {
		c.fail(errNoTokens)
	}
	return scope.Org, c.err
}

func (a *api) ownToken(_ context.Context, c *call) (any, error) {
	if c.scope(); c.err != nil {
		return nil, c.err
	}
	own := OwnToken{ID: c.access.Token, Permissions: listed(c.access.Permissions)}
	if c.access.Company != "" {
		own.Customer = &c.access.Company
	}
	return own, nil
}

func (a *api) tokens(_ context.Context, c *call) (any, error) {
	org, err := a.administered(c)
	if err != nil {
		return nil, err
	}
	return tokenList{each(a.Tokens.List(org), shapeToken)}, nil
}

func (a *api) createToken(ctx context.Context, c *call) (any, error) {
	org, err := a.administered(c)
	if err != nil {
		return nil, err
	}
	asked := c.body.(*TokenRequest)
	if asked.Customer != nil {
		// Bound to a name, or to what is mistyped, it would read nothing and say nothing.
		switch _, found, err := a.Store.DirectoryEntry(ctx, org, schemas.SortCompany, *asked.Customer); {
		case err != nil:
			return nil, err
		case !found:
			return nil, invalid("customer", "%.140q is no customer's id", *asked.Customer)
		}
	}
	t, secret, err := a.Tokens.Create(ctx, org, schemas.APIToken{
		Name: asked.Name, Permissions: asked.Permissions, Company: asked.Customer, ExpiresAt: asked.ExpiresAt,
	})
	if err != nil {
		return nil, err
	}
	return NewToken{Token: shapeToken(token.Listed{TokenRecord: t}), Secret: secret}, nil
}

func (a *api) revokeToken(ctx context.Context, c *call) (any, error) {
	org, err := a.administered(c)
	if err != nil {
		return nil, err
	}
	id := c.segment("token")
	if c.err != nil {
		return nil, c.err
	}
	found, err := a.Tokens.Revoke(ctx, org, id)
	if err == nil && !found {
		err = &NotFound{What: "token", Name: id}
	}
	return nil, err
}
