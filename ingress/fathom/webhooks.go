package fathom

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// What a webhook can be triggered for.
const (
	MyRecordings               = "my_recordings"
	SharedExternalRecordings   = "shared_external_recordings"
	MySharedWithTeamRecordings = "my_shared_with_team_recordings"
	SharedTeamRecordings       = "shared_team_recordings"
)

// WebhookRequest describes a webhook. Fathom wants at least one trigger and at least one include.
type WebhookRequest struct {
	DestinationURL string   `json:"destination_url"`
	TriggeredFor   []string `json:"triggered_for"`
	Transcript     bool     `json:"include_transcript"`
	Summary        bool     `json:"include_summary"`
	ActionItems    bool     `json:"include_action_items"`
	CRMMatches     bool     `json:"include_crm_matches"`
}

// Webhook is what Fathom made. ID and Secret are shown this once and can never be asked for again: store both.
type Webhook struct {
	ID        string
	URL       string
	Secret    string `json:"-"`
	CreatedAt time.Time
}

// String keeps the secret out of logs that print a webhook.
func (w Webhook) String() string { return "fathom webhook " + w.ID }

// CreateWebhook makes a webhook. It is not idempotent: after a *StatusError with Status 0 a webhook may exist whose
// id nobody knows, and a second call makes a second one.
func (c *Client) CreateWebhook(ctx context.Context, r WebhookRequest) (Webhook, error) {
	body, err := c.call(ctx, http.MethodPost, "/webhooks", nil, r, http.StatusCreated)
	if err != nil {
		return Webhook{}, fmt.Errorf("creating webhook: %w", err)
	}
	var wire struct {
		ID        string    `json:"id"`
		URL       string    `json:"url"`
		Secret    string    `json:"secret"`
		CreatedAt time.Time `json:"created_at"`
	}
	if err := json.Unmarshal(body, &wire); err != nil {
		return Webhook{}, fmt.Errorf("decoding webhook: %w", err)
	}
	if wire.ID == "" || wire.Secret == "" {
		return Webhook{}, errors.New("decoding webhook: no id or no secret")
	}
	return Webhook(wire), nil
}

// DeleteWebhook deletes a webhook by the id that CreateWebhook returned. One that is already gone is no error.
func (c *Client) DeleteWebhook(ctx context.Context, id string) error {
	if id == "" || id == "." || id == ".." {
		return fmt.Errorf("deleting webhook: %q is not an id", id)
	}
	_, err := c.call(ctx, http.MethodDelete, "/webhooks/"+url.PathEscape(id), nil, nil, http.StatusNoContent)
	if status, ok := errors.AsType[*StatusError](err); ok && status.Status == http.StatusNotFound {
		return nil
	}
	if err != nil {
		return fmt.Errorf("deleting webhook: %w", err)
	}
	return nil
}
