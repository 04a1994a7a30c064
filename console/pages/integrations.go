package pages

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"leadline/console"
	"leadline/schemas"
)

type integrationsPage struct {
	Known, Admin        bool
	Connections         []schemas.ConnectionStatus
	Recorder, Name      string // as they were typed
	AccountID, ClientID string
	ZoomScopes          []string
}

// zoomScopes are those that docs/zoom.md names.
var zoomScopes = []string{
	"cloud_recording:read:list_user_recordings", "cloud_recording:read:list_recording_files", "cloud_recording:read:meeting_transcript",
	"meeting:read:past_meeting", "meeting:read:list_past_participants", "meeting:read:summary", "report:read:list_meeting_participants", "user:read:list_users",
}

func (s *Site) integrations(ctx context.Context, v *visit) (answer, error) {
	return s.integrationsWith(ctx, v, 0, "")
}

func (s *Site) integrationsWith(ctx context.Context, v *visit, status int, problem string) (answer, error) {
	made := integrationsPage{
		Admin: v.session.may(schemas.RoleAdmin), Recorder: v.PostFormValue("recorder"), Name: v.PostFormValue("name"),
		AccountID: v.PostFormValue("account_id"), ClientID: v.PostFormValue("client_id"), ZoomScopes: zoomScopes,
	}
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
		Provider: v.PostFormValue("recorder"), Name: strings.TrimSpace(v.PostFormValue("name")),
		Credential: strings.TrimSpace(v.PostFormValue("credential")), LookBackDays: lookBacks[v.PostFormValue("look_back")],
		WebhookSecret: strings.TrimSpace(v.PostFormValue("webhook_secret")),
	}
	v.about = c.Provider + "/" + c.Name
	switch {
	case s.Connections == nil:
		return s.integrations(ctx, v)
	case c.Provider != schemas.Fathom && c.Provider != schemas.Zoom:
		return s.integrationsWith(ctx, v, http.StatusUnprocessableEntity, "Choose a recorder.")
	case c.Credential == "":
		return s.integrationsWith(ctx, v, http.StatusUnprocessableEntity, "Paste the key.")
	case c.LookBackDays == 0:
		return s.integrationsWith(ctx, v, http.StatusUnprocessableEntity, "Choose how far to look back.")
	}
	if c.Provider == schemas.Zoom {
		var err error
		if c.Credential, err = zoomCredential(v, c.Credential); err != nil {
			return answer{}, err
		}
	}
	made, err := s.Connections.Connect(ctx, v.session.org, c)
	if why, ok := refusal(err); ok {
		return s.integrationsWith(ctx, v, http.StatusUnprocessableEntity, why)
	}
	if err != nil {
		return answer{}, err
	}
	v.session.tell("Connected. Its meetings are being read.")
	return answer{to: connectionPath("/integration", made)}, nil
}

// zoomCredential is the form's fields as the one text that Zoom's connections take.
func zoomCredential(v *visit, secret string) (string, error) {
	text, err := json.Marshal(map[string]string{
		"account_id": strings.TrimSpace(v.PostFormValue("account_id")), "client_id": strings.TrimSpace(v.PostFormValue("client_id")), "client_secret": secret,
	})
	return string(text), err
}

// refusal is what an admin can mend, in words.
func refusal(err error) (why string, ok bool) {
	if refused, ok := errors.AsType[*console.ConnectionRefused](err); ok {
		return refused.Why, true
	}
	if wrong, ok := errors.AsType[*schemas.InvalidQuery](err); ok {
		return wrong.Problem, true
	}
	return "", false
}
