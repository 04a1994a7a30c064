package pages

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"leadline/console"
	"leadline/schemas"
)

type integrationsPage struct {
	Known       bool
	Connections []schemas.ConnectionStatus
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
	c := console.NewConnection{
		Provider: schemas.Fathom, Name: strings.TrimSpace(v.PostFormValue("name")),
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
	_, err := s.Connections.Connect(ctx, v.session.org, c)
	return s.after(ctx, v, err, "Connected. Its meetings are being read.")
}

// steer does what the buttons of a connection say.
func (s *Site) steer(ctx context.Context, v *visit) (answer, error) {
	if s.Connections == nil {
		return s.integrations(ctx, v)
	}
	notes := map[string]string{
		console.ConnectionSync:   "A sync has been asked for.",
		console.ConnectionPause:  "Paused: nothing is taken in.",
		console.ConnectionResume: "Resumed: what was missed is being read.",
	}
	action := v.PathValue("action")
	note, known := notes[action]
	if !known {
		return answer{}, &console.NotFound{What: "page", Name: "of that address"}
	}
	_, err := s.Connections.Change(ctx, v.session.org, v.PostFormValue("recorder"), v.PostFormValue("name"), console.ConnectionChange{Do: action})
	return s.after(ctx, v, err, note)
}

func (s *Site) after(ctx context.Context, v *visit, err error, note string) (answer, error) {
	if refused, ok := errors.AsType[*console.ConnectionRefused](err); ok {
		return s.integrationsWith(ctx, v, http.StatusUnprocessableEntity, refused.Why)
	}
	if wrong, ok := errors.AsType[*schemas.InvalidQuery](err); ok {
		return s.integrationsWith(ctx, v, http.StatusUnprocessableEntity, wrong.Problem)
	}
	if err != nil {
		return answer{}, err
	}
	v.session.tell(note)
	return answer{to: "/integrations"}, nil
}
