package pages

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"leadline/schemas"
)

const (
	oidcCookie   = "leadline_signin"
	oidcCallback = "/signin/oidc/callback"
	// oidcTime is for somebody who looks for their second factor.
	oidcTime = 10 * time.Minute
	oidcAsk  = 15 * time.Second
	maxFlows = 1000
	// maxChoices is of organisations that one person is a user of.
	maxChoices = 20
)

// OIDC is a service that says who somebody is. Whether they may sign in, and as
// what, the users say.
type OIDC struct {
	Name                           string // on the button
	Issuer, ClientID, ClientSecret string
	URL                            string       // of this console, as browsers know it
	Client                         *http.Client // nil is the default
}

// signInService is an OIDC with what it has been found to be.
type signInService struct {
	OIDC
	asking   chan struct{}  // holds one while provider is looked at
	provider *oidc.Provider // nil until it was found

	mu    sync.Mutex
	flows map[string]signInFlow // by state
}

// signInFlow is a sign-in that was begun.
type signInFlow struct {
	nonce, verifier string
	until           time.Time
}

func newSignInService(o *OIDC) *signInService {
	if o == nil {
		return nil
	}
	// The keys are asked for by nobody's request, so that only this ends it.
	client := new(http.Client)
	if o.Client != nil {
		*client = *o.Client
	}
	client.Timeout = oidcAsk
	made := &signInService{OIDC: *o, asking: make(chan struct{}, 1), flows: make(map[string]signInFlow)}
	made.Client = client
	return made
}

func (o *signInService) context(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, o.Client)
}

// discover asks the issuer where its endpoints are, until it has answered once.
// Who waits for somebody else's question waits no longer than for their own.
func (o *signInService) discover(ctx context.Context) (*oidc.Provider, oauth2.Config, error) {
	ctx, cancel := context.WithTimeout(ctx, oidcAsk)
	defer cancel()
	select {
	case o.asking <- struct{}{}:
		defer func() { <-o.asking }()
	case <-ctx.Done():
		return nil, oauth2.Config{}, fmt.Errorf("asking the sign-in service where it is: %w", ctx.Err())
	}
	if o.provider == nil {
		found, err := oidc.NewProvider(o.context(ctx), o.Issuer)
		if err != nil {
			return nil, oauth2.Config{}, fmt.Errorf("asking the sign-in service where it is: %w", err)
		}
		o.provider = found
	}
	return o.provider, oauth2.Config{
		ClientID: o.ClientID, ClientSecret: o.ClientSecret, Endpoint: o.provider.Endpoint(),
		RedirectURL: strings.TrimRight(o.URL, "/") + oidcCallback, Scopes: []string{oidc.ScopeOpenID, "email"},
	}, nil
}

// begin remembers a flow and returns its state.
func (o *signInService) begin() (string, signInFlow) {
	state, now := rand.Text(), time.Now()
	f := signInFlow{nonce: rand.Text(), verifier: oauth2.GenerateVerifier(), until: now.Add(oidcTime)}
	o.mu.Lock()
	defer o.mu.Unlock()
	makeRoom(o.flows, maxFlows, now, func(f signInFlow) (person, time.Time) { return person{}, f.until })
	o.flows[state] = f
	return state, f
}

// take uses the flow up.
func (o *signInService) take(state string) (signInFlow, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	f, found := o.flows[state]
	delete(o.flows, state)
	return f, found && time.Now().Before(f.until)
}

// toService sends the browser to the sign-in service.
func (s *Site) toService(w http.ResponseWriter, r *http.Request) {
	if s.oidc == nil {
		http.NotFound(w, r)
		return
	}
	if !s.begins.allow(r) {
		s.refuse(w, "limited", http.StatusTooManyRequests, "Too many tries. Wait a minute.")
		return
	}
	_, config, err := s.oidc.discover(r.Context())
	if err != nil {
		s.Log.Warn("the sign-in service cannot be reached", "err", err)
		s.refuse(w, "failed", http.StatusBadGateway, s.oidc.Name+" cannot be reached. Try again, or ask for a link.")
		return
	}
	state, f := s.oidc.begin()
	// Who has no such cookie did not begin here: another site's link cannot sign
	// somebody in as somebody else.
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure behind https, as for the session
		Name: oidcCookie, Value: state, Path: oidcCallback, MaxAge: int(oidcTime.Seconds()), HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Secure: isSecure(r),
	})
	http.Redirect(w, r, config.AuthCodeURL(state, oidc.Nonce(f.nonce), oauth2.S256ChallengeOption(f.verifier)), http.StatusSeeOther)
}

// fromService takes what the sign-in service says of somebody.
func (s *Site) fromService(w http.ResponseWriter, r *http.Request) {
	if s.oidc == nil {
		http.NotFound(w, r)
		return
	}
	state := r.URL.Query().Get("state")
	cookie, err := r.Cookie(oidcCookie)
	if err != nil || subtle.ConstantTimeCompare([]byte(cookie.Value), []byte(state)) != 1 {
		s.refuse(w, "refused", http.StatusForbidden, "This sign-in was not begun here, or too long ago. Begin it again.")
		return
	}
	f, known := s.oidc.take(state)
	if !known {
		s.refuse(w, "refused", http.StatusForbidden, "This sign-in was begun too long ago. Begin it again.")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), oidcAsk)
	defer cancel()
	email, err := s.oidc.emailOf(ctx, f, r.URL.Query().Get("code"))
	if err != nil {
		s.Log.Warn("a sign-in failed", "err", schemas.Excerpt(err.Error()))
		s.refuse(w, "refused", http.StatusForbidden, s.oidc.Name+" did not say who you are. Begin it again.")
		return
	}
	all, err := s.peopleOf(email)
	if err != nil {
		s.Log.Warn("a sign-in failed", "err", err)
		s.refuse(w, "failed", http.StatusServiceUnavailable, "It is not known this time who may sign in. Try again.")
		return
	}
	switch len(all) {
	case 0:
		s.refuse(w, "refused", http.StatusForbidden, "You are not a user here. Ask an admin of your organisation.")
	case 1:
		s.welcome(w, r, all[0], s.oidc.Name)
	default:
		s.choose(w, all)
	}
}

// choose lets a user of several organisations say which: any of their admins may
// have added the address, and none decides for the others.
func (s *Site) choose(w http.ResponseWriter, all []person) {
	var d door
	for _, p := range all {
		d.Choices = append(d.Choices, choice{Org: p.org, Role: p.role, Code: s.code(p, s.oidc.Name)})
	}
	s.metrics.count("signin", s.write(w, nil, answer{name: "signin", title: "Sign in", data: d}))
}

// emailOf exchanges the code and verifies what comes of it. Only an address that
// the service has verified is somebody's.
func (o *signInService) emailOf(ctx context.Context, f signInFlow, code string) (string, error) {
	provider, config, err := o.discover(ctx)
	if err != nil {
		return "", err
	}
	tokens, err := config.Exchange(o.context(ctx), code, oauth2.VerifierOption(f.verifier))
	if err != nil {
		return "", fmt.Errorf("exchanging the code: %w", err)
	}
	raw, ok := tokens.Extra("id_token").(string)
	if !ok {
		return "", errors.New("the answer has no id_token")
	}
	token, err := provider.Verifier(&oidc.Config{ClientID: o.ClientID}).Verify(o.context(ctx), raw)
	if err != nil {
		return "", fmt.Errorf("verifying the id_token: %w", err)
	}
	if subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(f.nonce)) != 1 {
		return "", errors.New("the id_token is of another sign-in")
	}
	var claims struct {
		Email    string `json:"email"`
		Verified bool   `json:"email_verified"`
	}
	if err := token.Claims(&claims); err != nil {
		return "", fmt.Errorf("reading the id_token: %w", err)
	}
	if claims.Email == "" || !claims.Verified {
		return "", errors.New("the id_token has no verified e-mail address")
	}
	return claims.Email, nil
}

// peopleOf are the users with the address, by the names of their organisations.
func (s *Site) peopleOf(email string) ([]person, error) {
	if s.Users == nil {
		return nil, nil
	}
	users, err := s.Users.Users("", email)
	if err != nil {
		return nil, err
	}
	all := make([]person, len(users))
	for i, u := range users {
		all[i] = person{org: u.Org, who: u.Email, role: u.Role}
	}
	slices.SortFunc(all, func(a, b person) int { return strings.Compare(a.org, b.org) })
	return all[:min(len(all), maxChoices)], nil
}
