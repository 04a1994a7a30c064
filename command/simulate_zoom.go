package command

import (
	"context"

	"leadline/deploy/demo"
	"leadline/ingress/zoom"
	"leadline/ingress/zoom/simulator"
)

type simulateZoomCommand struct {
	Port         int    `env:"LEADLINE_ZOOM_SIMULATOR_PORT" default:"8431" help:"Port on 127.0.0.1; 0 is any."`
	Listen       string `env:"LEADLINE_LISTEN" help:"Address instead, for a container: 0.0.0.0:8431. The control endpoints answer the loopback interface only."`
	AccountID    string `env:"LEADLINE_ZOOM_SIMULATOR_ACCOUNT_ID" default:"simulated-account" help:"Account id of the app to accept."`
	ClientID     string `env:"LEADLINE_ZOOM_SIMULATOR_CLIENT_ID" default:"simulated-client" help:"Its client id."`
	ClientSecret string `env:"LEADLINE_ZOOM_SIMULATOR_CLIENT_SECRET" default:"simulated-secret" help:"Its client secret; it guards nothing."`
	SecretToken  string `env:"LEADLINE_ZOOM_SIMULATOR_SECRET_TOKEN" default:"simulated-token" help:"Its secret token, which signs deliveries."`
	Meetings     string `env:"LEADLINE_SIMULATOR_MEETINGS" type:"existingdir" help:"Folder of meetings, see docs/zoom.md. Default: the sample that comes with the program."`
	Pending      bool   `env:"LEADLINE_SIMULATOR_PENDING" help:"The meetings have not ended yet: end them by the control endpoint."`
	Limits       bool   `env:"LEADLINE_SIMULATOR_LIMITS" help:"Apply the rate limits of a Pro account."`
}

// Help shows examples.
func (*simulateZoomCommand) Help() string {
	return `Examples:
  leadline simulate zoom --pending
  curl -X POST http://127.0.0.1:8431/control/subscribe -d '{"url": "http://127.0.0.1:8420/api/integrations/zoom/webhook"}'
  curl -X POST http://127.0.0.1:8431/control/end-all
  curl http://127.0.0.1:8431/control/deliveries`
}

// Run serves until it is interrupted.
func (c *simulateZoomCommand) Run(ctx context.Context) error {
	options := simulator.Options{
		Credential:  zoom.Credential{AccountID: c.AccountID, ClientID: c.ClientID, ClientSecret: c.ClientSecret},
		SecretToken: c.SecretToken, Meetings: orFolder(demo.ZoomMeetings(), c.Meetings), Pending: c.Pending,
	}
	if c.Limits {
		options.Limits = simulator.ProLimits()
	}
	s, err := simulator.New(options)
	if err != nil {
		return &usageError{err}
	}
	return serveSimulator(ctx, s, c.Listen, c.Port, "Zoom API", simulator.BasePath)
}
