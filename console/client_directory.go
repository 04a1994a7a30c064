package console

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"leadline/schemas"
)

// Directory lists entries of one sort, by rising ids.
func (c *Client) Directory(ctx context.Context, q schemas.DirectoryQuery) ([]schemas.DirectoryLine, error) {
	query := make(url.Values)
	set(query, "after", q.After)
	setLimit(query, q.Limit)
	var page directoryLines
	err := c.get(ctx, &page, query, q.Org, "directory", q.Sort)
	return page.Entries, err
}

// PutEntry writes an entry and returns what is kept.
func (c *Client) PutEntry(ctx context.Context, org string, l schemas.DirectoryLine) (schemas.DirectoryLine, error) {
	var kept schemas.DirectoryLine
	id, ok := l.Identity()
	if !ok {
		return kept, &schemas.InvalidQuery{Field: "id", Problem: "is missing"}
	}
	body, err := json.Marshal(l)
	if err != nil {
		return kept, fmt.Errorf("encoding an entry: %w", err)
	}
	return kept, c.call(ctx, http.MethodPut, &kept, nil, body, org, "directory", l.Type, id)
}

// RemoveEntry removes an entry; one that is not there is no error.
func (c *Client) RemoveEntry(ctx context.Context, org, sort, id string) error {
	return c.call(ctx, http.MethodDelete, nil, nil, nil, org, "directory", sort, id)
}

// Own lists whose domains and addresses are whose.
func (c *Client) Own(ctx context.Context, org string) ([]Own, error) {
	var list ownList
	err := c.get(ctx, &list, nil, org, "own")
	return list.Own, err
}

// Conflicts lists domains that several companies claim.
func (c *Client) Conflicts(ctx context.Context, org string) ([]Conflict, error) {
	var list conflictList
	err := c.get(ctx, &list, nil, org, "directory_conflicts")
	return list.Conflicts, err
}

// Why says why a meeting is a customer's, or why it is not.
func (c *Client) Why(ctx context.Context, org, meeting, customer string) (Why, error) {
	var why Why
	of, provider, recording, err := schemas.SplitMeetingID(meeting)
	if err != nil || of != org {
		return why, &NotFound{What: "meeting", Name: meeting}
	}
	err = c.get(ctx, &why, nil, org, "meetings", provider, recording, "why", customer)
	return why, named(err, "customer", customer)
}

// Unmatched lists unmatched meetings with what would resolve them.
func (c *Client) Unmatched(ctx context.Context, org string, limit int) (Unmatched, error) {
	var u Unmatched
	query := make(url.Values)
	setLimit(query, limit)
	err := c.get(ctx, &u, query, org, "unmatched")
	return u, err
}

// CustomerInsights says who comes to a customer's meetings.
func (c *Client) CustomerInsights(ctx context.Context, scope schemas.Scope, customer string) (Insights, error) {
	var i Insights
	err := c.get(ctx, &i, scoped(scope), scope.Org, "customers", customer, "insights")
	return i, named(err, "customer", customer)
}

// EndUserInsights says the same of one person's meetings.
func (c *Client) EndUserInsights(ctx context.Context, scope schemas.Scope, email string) (Insights, error) {
	var i Insights
	err := c.get(ctx, &i, scoped(scope), scope.Org, "end_users", email, "insights")
	return i, named(err, "end user", email)
}

// Resolve says whose a domain or an address is, and returns what was written.
func (c *Client) Resolve(ctx context.Context, org string, r Resolution) (schemas.DirectoryLine, error) {
	var kept schemas.DirectoryLine
	body, err := json.Marshal(r)
	if err != nil {
		return kept, fmt.Errorf("encoding a resolution: %w", err)
	}
	err = c.call(ctx, http.MethodPost, &kept, nil, body, org, "unmatched", "resolve")
	return kept, named(err, "customer", r.Company)
}

// Simulation asks what changes of the directory would link and unlink.
func (c *Client) Simulation(ctx context.Context, org string, changes []schemas.DirectoryLine, limit int) (Simulation, error) {
	var made Simulation
	body, err := json.Marshal(Rules{changes})
	if err != nil {
		return made, fmt.Errorf("encoding rules: %w", err)
	}
	query := make(url.Values)
	setLimit(query, limit)
	err = c.patient(simulatePatience).call(ctx, http.MethodPost, &made, query, body, org, "match", "simulate")
	return made, err
}

// Import sends a file of the directory, one entry a line, of the media type.
func (c *Client) Import(ctx context.Context, org, kind string, file io.Reader) (schemas.ImportReport, error) {
	var report schemas.ImportReport
	err := c.patient(importPatience).send(ctx, http.MethodPost, &report, nil, file, kind, org, "directory_import")
	return report, err
}

// patient is the client for what takes longer.
func (c *Client) patient(d time.Duration) *Client {
	longer := *c
	longer.http = &http.Client{Timeout: d + clientPatience, Transport: c.http.Transport, CheckRedirect: c.http.CheckRedirect}
	return &longer
}
