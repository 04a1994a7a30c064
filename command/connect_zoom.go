package command

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"leadline/console"
	"leadline/ingress/zoom"
	"leadline/schemas"
)

// Environment variables that hold Zoom's secrets. They are no flags: what is on
// a command line, every user of the machine can read.
const (
	zoomSecretVariable = "ZOOM_CLIENT_SECRET" //nolint:gosec // a variable's name
	zoomTokenVariable  = "ZOOM_SECRET_TOKEN"  //nolint:gosec // a variable's name
)

type connectZoomCommand struct {
	cluster
	keyset
	AccountID        string   `required:"" env:"ZOOM_ACCOUNT_ID" help:"Account id of the server-to-server OAuth app."`
	ClientID         string   `required:"" env:"ZOOM_CLIENT_ID" help:"Client id of the app."`
	ClientSecretFile string   `env:"ZOOM_CLIENT_SECRET_FILE" type:"existingfile" help:"File with the client secret. Default: ZOOM_CLIENT_SECRET holds it."`
	SecretTokenFile  string   `env:"ZOOM_SECRET_TOKEN_FILE" type:"existingfile" help:"File with the secret token that signs the app's webhooks. Default: ZOOM_SECRET_TOKEN holds it."`
	Name             string   `default:"default" help:"Which of the connections, where several accounts are connected."`
	BaseURL          string   `env:"ZOOM_BASE_URL" help:"Another address of the API, for a simulator."`
	PublicURL        string   `env:"LEADLINE_PUBLIC_URL" help:"Address under which Zoom reaches Leadline. Without one meetings come by poll alone."`
	LookBack         lookBack `env:"LEADLINE_LOOK_BACK" default:"30" help:"How many days back the first sync reads, or all."`
}

// Help shows examples.
func (*connectZoomCommand) Help() string {
	return `The app needs these scopes (each with :admin): cloud_recording:read:list_user_recordings,
cloud_recording:read:list_recording_files, cloud_recording:read:meeting_transcript, meeting:read:list_past_participants,
meeting:read:past_meeting, meeting:read:summary, report:read:list_meeting_participants, user:read:list_users.

Examples:
  ZOOM_CLIENT_SECRET=... ZOOM_SECRET_TOKEN=... leadline connect zoom --account-id A --client-id C --public-url https://meet.example.com
  ZOOM_CLIENT_SECRET=simulated-secret ZOOM_SECRET_TOKEN=simulated-token \
    leadline connect zoom --account-id simulated-account --client-id simulated-client --base-url http://127.0.0.1:8431/v2`
}

// Run connects and says what is left to do at Zoom.
func (c *connectZoomCommand) Run(ctx context.Context, g *Globals) error {
	request, err := c.request()
	if err != nil {
		return &usageError{err}
	}
	return c.connected(ctx, g, &c.keyset, func(ctx context.Context, known console.Connections) error {
		made, err := known.Connect(ctx, g.Org, request)
		if err != nil {
			return err
		}
		fmt.Printf("Zoom is connected for %s; its first sync has been asked for.\n", g.Org)
		if made.WebhookURL == "" || request.WebhookSecret == "" {
			fmt.Println("There is no webhook, because --public-url or ZOOM_SECRET_TOKEN is missing: meetings come with the hourly poll.")
			return nil
		}
		fmt.Printf(`On the app's page at Zoom, add an event subscription
  endpoint  %s
  events    %s
`, made.WebhookURL, strings.Join(zoom.Events(), ", "))
		return nil
	})
}

func (c *connectZoomCommand) request() (console.NewConnection, error) {
	secret, err := secretFrom(c.ClientSecretFile, zoomSecretVariable)
	if err != nil {
		return console.NewConnection{}, err
	}
	if secret == "" {
		return console.NewConnection{}, fmt.Errorf("no client secret: set %s, or name its file by --client-secret-file", zoomSecretVariable)
	}
	token, err := secretFrom(c.SecretTokenFile, zoomTokenVariable)
	if err != nil {
		return console.NewConnection{}, err
	}
	credential, err := zoom.Credential{AccountID: c.AccountID, ClientID: c.ClientID, ClientSecret: secret}.Text()
	if err != nil {
		return console.NewConnection{}, err
	}
	return console.NewConnection{
		Provider: schemas.Zoom, Name: c.Name, BaseURL: c.BaseURL, Credential: credential, WebhookSecret: token,
		PublicURL: c.PublicURL, LookBackDays: int32(c.LookBack),
	}, nil
}

// maxSecretFile is far above any secret.
const maxSecretFile = 4 << 10

// secretFrom reads a secret from a file, or else from the environment. An editor
// ends a file with a new line.
func secretFrom(file, variable string) (string, error) {
	if file == "" {
		return os.Getenv(variable), nil
	}
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }() // read only
	raw, err := io.ReadAll(io.LimitReader(f, maxSecretFile))
	return strings.TrimRight(string(raw), "\r\n"), err
}
