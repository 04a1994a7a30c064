// Package oidctest is a sign-in service that speaks OpenID Connect and signs in
// whoever comes, as its claims say.
package oidctest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// What the service knows the console by.
const (
	ClientID     = "console"
	ClientSecret = "its-secret"
)

// Service is one that runs until its test ends.
type Service struct {
	URL    string // the issuer
	t      *testing.T
	signer jose.Signer
	key    jose.JSONWebKey

	mu     sync.Mutex
	claims map[string]any        // what the next id_token says beside the usual
	asked  map[string]url.Values // by code: what the browser brought
}

// New starts one. It signs in ida@harbour.example until it is told otherwise.
func New(t *testing.T) *Service {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	s := &Service{t: t, claims: make(map[string]any), asked: make(map[string]url.Values)}
	s.key = jose.JSONWebKey{Key: key.Public(), KeyID: "1", Algorithm: "RS256", Use: "sig"}
	if s.signer, err = jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key, KeyID: "1"}}, nil); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		s.answer(w, map[string]any{
			"issuer": s.URL, "authorization_endpoint": s.URL + "/authorize", "token_endpoint": s.URL + "/token",
			"jwks_uri": s.URL + "/keys", "id_token_signing_alg_values_supported": []string{"RS256"},
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		s.answer(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{s.key}})
	})
	mux.HandleFunc("GET /authorize", func(w http.ResponseWriter, r *http.Request) {
		asked := r.URL.Query()
		back := url.Values{"code": {s.Code(asked)}, "state": {asked.Get("state")}}
		http.Redirect(w, r, asked.Get("redirect_uri")+"?"+back.Encode(), http.StatusSeeOther) //nolint:gosec // a test asks, of its own service
	})
	mux.HandleFunc("POST /token", s.token)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

// Claim has the next id_tokens say that beside the usual.
func (s *Service) Claim(claims map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.claims = claims
}

// Code is good once for what a browser brought.
func (s *Service) Code(asked url.Values) string {
	code := rand.Text()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[code] = asked
	return code
}

func (s *Service) answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		s.t.Error(err)
	}
}

func (s *Service) token(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked, known := s.asked[r.PostFormValue("code")]
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	id, secret, _ := r.BasicAuth()
	if !known || base64.RawURLEncoding.EncodeToString(sum[:]) != asked.Get("code_challenge") || id != ClientID || secret != ClientSecret {
		http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
		return
	}
	claims := map[string]any{
		"iss": s.URL, "aud": ClientID, "sub": "1", "exp": time.Now().Add(time.Minute).Unix(), "iat": time.Now().Unix(),
		"nonce": asked.Get("nonce"), "email": "Ida@harbour.example", "email_verified": true,
	}
	maps.Copy(claims, s.claims)
	raw, err := json.Marshal(claims)
	if err != nil {
		s.t.Error(err)
	}
	signed, err := s.signer.Sign(raw)
	if err != nil {
		s.t.Error(err)
		return
	}
	compact, err := signed.CompactSerialize()
	if err != nil {
		s.t.Error(err)
	}
	s.answer(w, map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": compact})
}
