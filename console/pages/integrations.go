package pages

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"leadline/console"
	"leadline/schemas"
)

// Connections lists and changes an organisation's connections. The pages call
// it, and may call it again. A *Refused says why not, to people; any other
// error that it could not be done this time.
type Connections interface {
	Connections(ctx context.Context, org string) ([]Connection, error)
	// Connect proves the credential with the recorder before it stores anything.
	Connect(ctx context.Context, org string, c NewConnection) error
	Sync(ctx context.Context, org, recorder, name string) error
	SetIngest(ctx context.Context, org, recorder, name string, on bool) error
}

// Connection is what is shown of one; it has no secret.
type Connection struct {
	Recorder, Name, State, Account, WebhookURL string
	LookBackDays                               int32 // below 0: everything
	ConnectedAt                                time.Time
	Sync                                       *Sync // nil before the first
	Problems                                   []string
}

// Sync is the run under way, or the last one.
type Sync struct {
	Running         bool
	Source          string
	Pages, Meetings int64
	PerMinute       float64
	UpdatedAt       time.Time
	Through         *time.Time // all that was created before has been read
}

// NewConnection is what the form sends.
type NewConnection struct {
	Recorder, Name string
	Credential     string // never stored in clear, logged or shown again
	LookBackDays   int32
}

// Refused says why something about a connection was not done, in sentences for
// an admin.
type Refused struct{ Why string }

func (r *Refused) Error() string { return r.Why }

type integrationsPage struct {
	Known       bool
	Connections []Connection
	Name        string // as it was typed
}

func (s *Site) integrations(ctx context.Context, v *visit) (answer, error) {
	return s.integrationsWith(ctx, v, 0, "")
}

func (s *Site) integrationsWith(ctx context.Context, v *visit, status int, problem string) (answer, error) {
	made := integrationsPage{Name: v.PostFormValue("name")}
	if s.Connections != nil {
		all, err := s.Connections.Connections(ctx, v.session.org)
		if err != nil {
			return answer{}, err
		}
		made.Known, made.Connections = true, all
	}
	return answer{status: status, name: "integrations", title: "Integrations", problem: problem, data: made}, nil
}

// lookBacks are the choices of the form.
var lookBacks = map[string]int32{"30": 30, "90": 90, "365": 365, "all": -1}

func (s *Site) connect(ctx context.Context, v *visit) (answer, error) {
	c := NewConnection{
		Recorder: schemas.Fathom, Name: strings.TrimSpace(v.PostFormValue("name")),
		Credential: strings.TrimSpace(v.PostFormValue("credential")), LookBackDays: lookBacks[v.PostFormValue("look_back")],
	}
	switch {
	case s.Connections == nil:
		return s.integrations(ctx, v)
	case c.Credential == "":
		return s.integrationsWith(ctx, v, http.StatusUnprocessableEntity, "Paste the API key.")
	case c.LookBackDays == 0:
		return s.integrationsWith(ctx, v, http.StatusUnprocessableEntity, "Choose how far to look back.")
	}
	return s.after(ctx, v, s.Connections.Connect(ctx, v.session.org, c), "Connected. Its meetings are being read.")
}

// steer does what the buttons of a connection say.
func (s *Site) steer(ctx context.Context, v *visit) (answer, error) {
	if s.Connections == nil {
		return s.integrations(ctx, v)
	}
	org, recorder, name := v.session.org, v.PostFormValue("recorder"), v.PostFormValue("name")
	switch v.PathValue("action") {
	case "sync":
		return s.after(ctx, v, s.Connections.Sync(ctx, org, recorder, name), "A sync has been asked for.")
	case "pause":
		return s.after(ctx, v, s.Connections.SetIngest(ctx, org, recorder, name, false), "Paused: nothing is taken in.")
	case "resume":
		return s.after(ctx, v, s.Connections.SetIngest(ctx, org, recorder, name, true), "Resumed: what was missed is being read.")
	}
	return answer{}, &console.NotFound{What: "page", Name: "of that address"}
}

func (s *Site) after(ctx context.Context, v *visit, err error, note string) (answer, error) {
	if refused, ok := errors.AsType[*Refused](err); ok {
		return s.integrationsWith(ctx, v, http.StatusUnprocessableEntity, refused.Why)
	}
	if err != nil {
		return answer{}, err
	}
	v.session.tell(note)
	return answer{to: "/integrations"}, nil
}
