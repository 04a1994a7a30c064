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
	mu       sync.Mutex
	provider *oidc.Provider
	flows    map[string]signInFlow // by state
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
	return &signInService{OIDC: *o, flows: make(map[string]signInFlow)}
}

func (o *signInService) context(ctx context.Context) context.Context {
	if o.Client != nil {
		return oidc.ClientContext(ctx, o.Client)
	}
	return ctx
}

// discover asks the issuer where its endpoints are, until it has answered once.
func (o *signInService) discover(ctx context.Context) (*oidc.Provider, oauth2.Config, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.provider == nil {
		// The provider keeps its context for fetching keys later on.
		found, err := oidc.NewProvider(o.context(context.WithoutCancel(ctx)), o.Issuer)
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
	if !s.tries.allow(r) {
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
	p, err := s.personOf(email)
	if err != nil {
		s.Log.Warn("a sign-in failed", "err", err)
		s.refuse(w, "failed", http.StatusServiceUnavailable, "It is not known this time who may sign in. Try again.")
		return
	}
	if p.who == "" {
		s.refuse(w, "refused", http.StatusForbidden, "You are not a user here. Ask an admin of your organisation.")
		return
	}
	s.welcome(w, r, p, s.oidc.Name)
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

// personOf is the user with the address; of one in several organisations the
// first, by its name. Nobody is one without a name.
func (s *Site) personOf(email string) (person, error) {
	if s.Users == nil {
		return person{}, nil
	}
	all, err := s.Users.Users("", email)
	if err != nil || len(all) == 0 {
		return person{}, err
	}
	first := slices.MinFunc(all, func(a, b schemas.User) int { return strings.Compare(a.Org, b.Org) })
	return person{org: first.Org, who: first.Email, role: first.Role}, nil
}
