package connection

import (
	"context"
	"net/http"

	"leadline/ingress/fathom"
	"leadline/schemas"
)

// account is how a recorder is reached: as whom, and where.
type account struct {
	baseURL string
	key     Secret
	http    *http.Client
}

// hook is a webhook that a recorder made.
type hook struct {
	id     string
	secret Secret
}

// recorder is what connecting asks of one. Each call may be repeated, except that createWebhook makes another webhook
// every time; an error means that nothing is known to have happened.
type recorder struct {
	baseURL       string // where the account is when nobody says otherwise
	prove         func(ctx context.Context, a account) error
	createWebhook func(ctx context.Context, a account, destination string) (hook, error)
	// deleteWebhook succeeds for one that is already gone.
	deleteWebhook func(ctx context.Context, a account, id string) error
}

var recorders = map[string]recorder{
	schemas.Fathom: {
		baseURL: fathom.DefaultBaseURL,
		prove: func(ctx context.Context, a account) error {
			client, err := fathomClient(a)
			if err != nil {
				return err
			}
			return client.Prove(ctx)
		},
		createWebhook: func(ctx context.Context, a account, destination string) (hook, error) {
			client, err := fathomClient(a)
			if err != nil {
				return hook{}, err
			}
			made, err := client.CreateWebhook(ctx, fathom.WebhookRequest{
				DestinationURL: destination,
				// Everything that the key's owner can see. Two of them can match one recording; it is one meeting for us.
				TriggeredFor: []string{
					fathom.MyRecordings, fathom.MySharedWithTeamRecordings,
					fathom.SharedTeamRecordings, fathom.SharedExternalRecordings,
				},
				Transcript: true, Summary: true, ActionItems: true,
			})
			return hook{made.ID, NewSecret(made.Secret)}, err
		},
		deleteWebhook: func(ctx context.Context, a account, id string) error {
			client, err := fathomClient(a)
			if err != nil {
				return err
			}
			return client.DeleteWebhook(ctx, id)
		},
	},
}

func fathomClient(a account) (*fathom.Client, error) {
	return fathom.NewClient(fathom.Options{BaseURL: a.baseURL, APIKey: a.key.Reveal(), HTTP: a.http})
}
