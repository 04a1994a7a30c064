package console

import (
	"context"
	"errors"
	"fmt"
	"time"

	"leadline/schemas"
)

// Connections lists and changes organisations' connections. The API, the pages
// and commands call it, and may call it again. A *NotFound says that there is no
// such connection, a *ConnectionRefused why something was not done, an
// *schemas.InvalidQuery what to write otherwise; any other error that it could
// not be done this time.
type Connections interface {
	// Connections lists an organisation's, those that have ended included.
	Connections(ctx context.Context, org string) ([]schemas.ConnectionStatus, error)
	// Connect proves the credential with the recorder before it stores anything.
	Connect(ctx context.Context, org string, c NewConnection) (schemas.ConnectionStatus, error)
	Change(ctx context.Context, org, provider, name string, c ConnectionChange) (schemas.ConnectionStatus, error)
}

// NewConnection asks for a recorder to be connected.
type NewConnection struct {
	Provider      string `json:"provider" doc:"fathom, zoom"`
	Name          string `json:"name,omitempty" doc:"default: default"`
	Credential    string `json:"credential" doc:"an API key, or the recorder's JSON of several fields"`
	WebhookSecret string `json:"webhook_secret,omitempty" doc:"of a webhook that is made by hand"`
	LookBackDays  int32  `json:"look_back_days,omitempty" doc:"30 if absent; below 0 everything"`
	// Whoever may connect recorders must not make this process call any host that
	// it can reach.
	BaseURL   string `json:"base_url,omitempty" doc:"of the recorder's API; with the instance's own token only"`
	PublicURL string `json:"public_url,omitempty" doc:"where the recorder reaches Leadline, if not where it says itself; with the instance's own token only"`
}

// String keeps the secrets out of what prints it.
func (n NewConnection) String() string { return n.Provider + "/" + n.Name }

// GoString is what %#v prints.
func (n NewConnection) GoString() string { return n.String() }

// What can be done to a connection: a closed list, and the last part of the
// route that does it.
const (
	ConnectionSync           = "sync"            // read from Since on; zero is the look-back
	ConnectionPause          = "pause"           // nothing is polled, deliveries are answered and dropped
	ConnectionResume         = "resume"          // what was missed is asked for
	ConnectionForgetWebhooks = "forget-webhooks" // somebody has deleted them by hand
	ConnectionDisconnect     = "disconnect"      // with Erase also what came by it: the receipt is in the status later
)

// ConnectionChange is one of them.
type ConnectionChange struct {
	Do    string
	Since time.Time
	Erase bool
}

// ConnectionRefused says why something about a connection was not done, in
// sentences for an admin. Nothing was changed.
type ConnectionRefused struct {
	Code int    // as HTTP has it: 409 its state is another, 422 the recorder said no, 503 try again
	Step string // of connecting
	Why  string
	Err  error // what the recorder said, for a command's user; never sent
}

func (r *ConnectionRefused) Error() string {
	if r.Err == nil {
		return r.Why
	}
	return fmt.Sprintf("%s\n  (%v)", r.Why, r.Err)
}

// Unwrap returns the cause.
func (r *ConnectionRefused) Unwrap() error { return r.Err }

// errNoConnections says that there is nobody to change connections.
var errNoConnections = errors.New("this process cannot change connections: it has no Kafka or no keyset")

// ConnectionNamed finds one connection among an organisation's.
func ConnectionNamed(ctx context.Context, known Connections, org, provider, name string) (schemas.ConnectionStatus, error) {
	all, err := known.Connections(ctx, org)
	if err != nil {
		return schemas.ConnectionStatus{}, err
	}
	for _, c := range all {
		if c.Provider == provider && c.Name == name {
			return c, nil
		}
	}
	return schemas.ConnectionStatus{}, &NotFound{What: "connection", Name: provider + "/" + name}
}
