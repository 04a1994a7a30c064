package console

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// CreateToken makes a token of the organisation.
func (c *Client) CreateToken(ctx context.Context, org string, asked TokenRequest) (NewToken, error) {
	var made NewToken
	body, err := json.Marshal(asked)
	if err != nil {
		return made, fmt.Errorf("encoding a request: %w", err)
	}
	return made, c.call(ctx, http.MethodPost, &made, nil, body, org, "tokens")
}

// OwnToken says what the client's own token may do.
func (c *Client) OwnToken(ctx context.Context, org string) (OwnToken, error) {
	var own OwnToken
	return own, c.get(ctx, &own, nil, org, "token")
}

// ListTokens lists the organisation's tokens, oldest first.
func (c *Client) ListTokens(ctx context.Context, org string) ([]Token, error) {
	var list tokenList
	err := c.get(ctx, &list, nil, org, "tokens")
	return list.Tokens, err
}

// RevokeToken ends a token.
func (c *Client) RevokeToken(ctx context.Context, org, id string) error {
	err := c.call(ctx, http.MethodDelete, nil, nil, nil, org, "tokens", id)
	return named(err, "token", id)
}
