package simulator

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/mux"
)

// secretBytes is the length of the key in Fathom's newer examples, and the least that the specification allows.
const secretBytes = 24

const maxWebhookBody = 64 << 10

var triggers = []string{
	"my_recordings", "shared_external_recordings", "my_shared_with_team_recordings", "shared_team_recordings",
}

// webhookSettings is the body of POST /webhooks; Fathom allows no other properties.
type webhookSettings struct {
	DestinationURL string   `json:"destination_url"`
	TriggeredFor   []string `json:"triggered_for"`
	Transcript     bool     `json:"include_transcript"`
	Summary        bool     `json:"include_summary"`
	ActionItems    bool     `json:"include_action_items"`
	CRMMatches     bool     `json:"include_crm_matches"`
}

func (h webhookSettings) validate() error {
	switch {
	case !isWebURL(h.DestinationURL):
		return errors.New("destination_url is not a URL")
	case len(h.TriggeredFor) == 0:
		return errors.New("triggered_for is empty")
	case slices.ContainsFunc(h.TriggeredFor, func(t string) bool { return !slices.Contains(triggers, t) }):
		return errors.New("triggered_for has an unknown value")
	case !h.Transcript && !h.Summary && !h.ActionItems && !h.CRMMatches:
		return errors.New("at least one include must be true")
	}
	return nil
}

// body is what a delivery carries. There is no flag for highlights: Fathom's changelog says that webhooks have them.
func (h webhookSettings) body(m *meeting) []byte {
	return m.with(includes{
		transcript:  h.Transcript,
		summary:     h.Summary,
		actionItems: h.ActionItems,
		crmMatches:  h.CRMMatches,
		highlights:  true,
	})
}

type webhook struct {
	id, secret string
	owner      account
	settings   webhookSettings
}

// registry holds the webhooks, in the order of their making.
type registry struct {
	mu    sync.Mutex
	hooks []webhook
}

func newRegistry() *registry { return &registry{} }

func (g *registry) add(h webhook) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.hooks = append(g.hooks, h)
}

// remove deletes a webhook of the key that made it; others do not learn that it exists.
func (g *registry) remove(id, key string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	before := len(g.hooks)
	g.hooks = slices.DeleteFunc(g.hooks, func(h webhook) bool { return h.id == id && h.owner.key == key })
	return len(g.hooks) < before
}

func (g *registry) get(id string) (webhook, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.IndexFunc(g.hooks, func(h webhook) bool { return h.id == id })
	if i < 0 {
		return webhook{}, false
	}
	return g.hooks[i], true
}

// firing returns the webhooks that a meeting triggers.
func (g *registry) firing(m *meeting) []webhook {
	g.mu.Lock()
	defer g.mu.Unlock()
	var firing []webhook
	for _, h := range g.hooks {
		if h.owner.triggers(h.settings.TriggeredFor, m) {
			firing = append(firing, h)
		}
	}
	return firing
}

func (s *Simulator) createWebhook(w http.ResponseWriter, r *http.Request) {
	body, ok := readBody(w, r, maxWebhookBody)
	if !ok {
		return
	}
	var settings webhookSettings
	if err := decodeStrict(body, &settings); err != nil {
		answerError(w, http.StatusBadRequest, "body is not the JSON of a webhook")
		return
	}
	if err := settings.validate(); err != nil {
		answerError(w, http.StatusBadRequest, err.Error())
		return
	}
	hook := webhook{id: rand.Text(), secret: newSecret(), owner: accountOf(r), settings: settings}
	s.hooks.add(hook)
	answerJSON(w, http.StatusCreated, map[string]any{
		"id":                   hook.id,
		"url":                  settings.DestinationURL,
		"secret":               hook.secret,
		"created_at":           s.clock().UTC().Format(time.RFC3339),
		"include_transcript":   settings.Transcript,
		"include_crm_matches":  settings.CRMMatches,
		"include_summary":      settings.Summary,
		"include_action_items": settings.ActionItems,
		"triggered_for":        settings.TriggeredFor,
	})
}

func (s *Simulator) deleteWebhook(w http.ResponseWriter, r *http.Request) {
	if !s.hooks.remove(mux.Vars(r)["id"], accountOf(r).key) {
		notFound(w, r)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// decodeStrict refuses unknown properties and anything after the value.
func decodeStrict(body []byte, value any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(value); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the value")
	}
	return nil
}

func newSecret() string {
	key := make([]byte, secretBytes)
	// It ends the program rather than return an error.
	_, _ = rand.Read(key)
	return "whsec_" + base64.StdEncoding.EncodeToString(key)
}
