package pages_test

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
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"leadline/console/pages"
	"leadline/schemas"
)

// provider is a sign-in service that signs in whoever comes, as its claims say.
type provider struct {
	*testing.T
	server *httptest.Server
	signer jose.Signer
	key    jose.JSONWebKey

	mu     sync.Mutex
	claims map[string]any        // what the next id_token says beside the usual
	asked  map[string]url.Values // by code: what the browser brought
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{T: t, claims: make(map[string]any), asked: make(map[string]url.Values)}
	p.key = jose.JSONWebKey{Key: key.Public(), KeyID: "1", Algorithm: "RS256", Use: "sig"}
	if p.signer, err = jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key, KeyID: "1"}}, nil); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		p.answer(w, map[string]any{
			"issuer": p.server.URL, "authorization_endpoint": p.server.URL + "/authorize", "token_endpoint": p.server.URL + "/token",
			"jwks_uri": p.server.URL + "/keys", "id_token_signing_alg_values_supported": []string{"RS256"},
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		p.answer(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{p.key}})
	})
	mux.HandleFunc("POST /token", p.token)
	p.server = httptest.NewServer(mux)
	t.Cleanup(p.server.Close)
	return p
}

func (p *provider) answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		p.Error(err)
	}
}

// authorize is what the browser does there: it comes back with a code.
func (p *provider) authorize(to string) (code, state string) {
	p.Helper()
	at, err := url.Parse(to)
	if err != nil || !strings.HasPrefix(to, p.server.URL+"/authorize?") {
		p.Fatalf("sent to %q", to)
	}
	code = rand.Text()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked[code] = at.Query()
	return code, at.Query().Get("state")
}

func (p *provider) token(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	asked, known := p.asked[r.PostFormValue("code")]
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	id, secret, _ := r.BasicAuth()
	if !known || base64.RawURLEncoding.EncodeToString(sum[:]) != asked.Get("code_challenge") || id != "console" || secret != "its-secret" {
		http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
		return
	}
	claims := map[string]any{
		"iss": p.server.URL, "aud": "console", "sub": "1", "exp": time.Now().Add(time.Minute).Unix(), "iat": time.Now().Unix(),
		"nonce": asked.Get("nonce"), "email": "Ida@harbour.example", "email_verified": true,
	}
	maps.Copy(claims, p.claims)
	raw, err := json.Marshal(claims)
	if err != nil {
		p.Error(err)
	}
	signed, err := p.signer.Sign(raw)
	if err != nil {
		p.Error(err)
	}
	compact, err := signed.CompactSerialize()
	if err != nil {
		p.Error(err)
	}
	p.answer(w, map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": compact})
}

// begin follows the button, and returns where it leads and the cookie.
func begin(t *testing.T, site http.Handler) (to string, cookie *http.Cookie) {
	t.Helper()
	w := httptest.NewRecorder()
	site.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/signin/oidc", nil))
	if w.Code != http.StatusSeeOther || len(w.Result().Cookies()) != 1 {
		t.Fatalf("beginning: %d %s", w.Code, w.Body)
	}
	return w.Header().Get("Location"), w.Result().Cookies()[0]
}

func comeBack(t *testing.T, site http.Handler, code, state string, cookie *http.Cookie) *httptest.ResponseRecorder {
	t.Helper()
	query := url.Values{"code": {code}, "state": {state}}
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/signin/oidc/callback?"+query.Encode(), nil)
	if cookie != nil {
		req.AddCookie(cookie)
	}
	w := httptest.NewRecorder()
	site.ServeHTTP(w, req)
	return w
}

func TestUsersSignInWithTheService(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	transport := new(http.Transport)
	t.Cleanup(transport.CloseIdleConnections)
	known := &users{all: []schemas.User{{Org: org, Email: "ida@harbour.example", Role: schemas.RoleMember}}}
	site := pages.New(pages.Options{Store: openStore(t), Users: withCase{known}, Audit: new(ledger), OIDC: &pages.OIDC{
		Name: "Harbour ID", Issuer: p.server.URL, ClientID: "console", ClientSecret: "its-secret", URL: "https://leadline.example",
		Client: &http.Client{Transport: transport},
	}})
	to, cookie := begin(t, site)
	if !strings.Contains(to, url.QueryEscape("https://leadline.example/signin/oidc/callback")) || !strings.Contains(to, "code_challenge_method=S256") {
		t.Errorf("sent to %q", to)
	}
	code, state := p.authorize(to)
	for name, w := range map[string]*httptest.ResponseRecorder{
		"without the cookie": comeBack(t, site, code, state, nil),
		"with another state": comeBack(t, site, code, "x", cookie),
	} {
		if w.Code != http.StatusForbidden {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	w := comeBack(t, site, code, state, cookie)
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/meetings" || len(w.Result().Cookies()) != 1 {
		t.Fatalf("coming back: %d %s", w.Code, w.Body)
	}
	if w := comeBack(t, site, code, state, cookie); w.Code != http.StatusForbidden {
		t.Errorf("coming back twice: %d", w.Code)
	}
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/meetings", nil)
	req.AddCookie(w.Result().Cookies()[0])
	page := httptest.NewRecorder()
	site.ServeHTTP(page, req)
	if page.Code != http.StatusOK || !strings.Contains(page.Body.String(), "ida@harbour.example") {
		t.Errorf("signed in: %d", page.Code)
	}
	for name, claims := range map[string]map[string]any{
		"a stranger": {"email": "eve@elsewhere.example"}, "an address that is not verified": {"email_verified": false}, "no address": {"email": ""},
		"a token for another program": {"aud": "other"}, "a token that has ended": {"exp": 1}, "another issuer": {"iss": "https://evil.example"},
		"a token of another sign-in": {"nonce": "x"},
	} {
		p.mu.Lock()
		p.claims = claims
		p.mu.Unlock()
		to, cookie := begin(t, site)
		code, state := p.authorize(to)
		if w := comeBack(t, site, code, state, cookie); w.Code != http.StatusForbidden || len(w.Result().Cookies()) > 0 {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
}

// withCase finds addresses whatever their case, as the book does.
type withCase struct{ *users }

func (w withCase) Users(org, email string) ([]schemas.User, error) {
	return w.users.Users(org, strings.ToLower(email))
}
