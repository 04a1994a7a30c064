package command

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"leadline/console/pages"
)

type signInCommand struct{}

// Help shows examples.
func (*signInCommand) Help() string {
	return `The link is good once and for an hour, and signs in to the organisation of --org as its staff. It takes the instance's own token.

Examples:
  leadline signin
  LEADLINE_API_TOKEN=... leadline signin --url https://leadline.example.com --org acme`
}

// Run prints one.
func (*signInCommand) Run(ctx context.Context, g *Globals) error {
	base, token := strings.TrimRight(g.URL, "/"), g.APIToken
	if g.URL == "" {
		p, err := readPlace(g.Data)
		if err != nil {
			return err
		}
		if !p.running(ctx) {
			return fmt.Errorf("no Leadline runs on %s: start it with leadline up, or name one with --url", g.Data)
		}
		raw, err := os.ReadFile(tokenFile(g.Data))
		if err != nil {
			return fmt.Errorf("reading the token: %w", err)
		}
		base, token = p.URL, strings.TrimSpace(string(raw))
		if g.Org == "" {
			g.Org = p.Org
		}
	}
	if g.Org == "" {
		g.Org = "main"
	}
	path, err := askLink(ctx, base, token, g.Org)
	if err != nil {
		return fmt.Errorf("asking for a link: %w", err)
	}
	fmt.Println(base + path)
	return nil
}

func askLink(ctx context.Context, base, token, org string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	body, err := json.Marshal(pages.NewLink{Org: org})
	if err != nil {
		return "", err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/signin/links", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, 4<<10))
	switch {
	case err != nil:
		return "", err
	case res.StatusCode != http.StatusOK:
		return "", fmt.Errorf("%s: %q", res.Status, strings.TrimSpace(string(raw)))
	}
	var made pages.Link
	if err := json.Unmarshal(raw, &made); err != nil || !strings.HasPrefix(made.Path, "/signin?") {
		return "", errors.New("the answer is no link: is there a Leadline at this address?")
	}
	return made.Path, nil
}
