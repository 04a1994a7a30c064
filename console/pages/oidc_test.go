package pages_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"leadline/console/pages"
	"leadline/console/pages/oidctest"
	"leadline/schemas"
)

// authorize is what a browser does at the service: it comes back with a code.
func authorize(t *testing.T, service *oidctest.Service, to string) (code, state string) {
	t.Helper()
	at, err := url.Parse(to)
	if err != nil || !strings.HasPrefix(to, service.URL+"/authorize?") {
		t.Fatalf("sent to %q", to)
	}
	return service.Code(at.Query()), at.Query().Get("state")
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
	service := oidctest.New(t)
	transport := new(http.Transport)
	t.Cleanup(transport.CloseIdleConnections)
	known := &users{all: []schemas.User{{Org: org, Email: "ida@harbour.example", Role: schemas.RoleMember}}}
	site := pages.New(pages.Options{Store: openStore(t), Users: withCase{known}, Audit: new(ledger), OIDC: &pages.OIDC{
		Name: "Harbour ID", Issuer: service.URL, ClientID: oidctest.ClientID, ClientSecret: oidctest.ClientSecret, URL: "https://leadline.example",
		Client: &http.Client{Transport: transport},
	}})
	to, cookie := begin(t, site)
	if !strings.Contains(to, url.QueryEscape("https://leadline.example/signin/oidc/callback")) || !strings.Contains(to, "code_challenge_method=S256") {
		t.Errorf("sent to %q", to)
	}
	code, state := authorize(t, service, to)
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
		service.Claim(claims)
		to, cookie := begin(t, site)
		code, state := authorize(t, service, to)
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

func TestWhoIsAUserOfSeveralOrganisationsChoosesOne(t *testing.T) {
	t.Parallel()
	service := oidctest.New(t)
	transport := new(http.Transport)
	t.Cleanup(transport.CloseIdleConnections)
	log := new(ledger)
	known := &users{all: []schemas.User{
		{Org: org, Email: "ida@harbour.example", Role: schemas.RoleMember},
		{Org: "aaa", Email: "ida@harbour.example", Role: schemas.RoleReadOnly}, // whose admin wants her to come there
	}}
	site := pages.New(pages.Options{Store: openStore(t), Users: withCase{known}, Audit: log, OIDC: &pages.OIDC{
		Name: "Harbour ID", Issuer: service.URL, ClientID: oidctest.ClientID, ClientSecret: oidctest.ClientSecret, URL: "https://leadline.example",
		Client: &http.Client{Transport: transport},
	}})
	to, cookie := begin(t, site)
	code, state := authorize(t, service, to)
	w := comeBack(t, site, code, state, cookie)
	before, _, _ := strings.Cut(w.Body.String(), "<bdi>"+org+"</bdi>")
	at := strings.LastIndex(before, `name="code" value="`)
	if w.Code != http.StatusOK || at < 0 || !strings.Contains(w.Body.String(), "<bdi>aaa</bdi>") || len(w.Result().Cookies()) > 0 {
		t.Fatalf("coming back: %d to %q %s", w.Code, w.Header().Get("Location"), w.Body)
	}
	choice, _, _ := strings.Cut(before[at+len(`name="code" value="`):], `"`)
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/signin", strings.NewReader(url.Values{"code": {choice}}.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w = httptest.NewRecorder()
	site.ServeHTTP(w, req)
	if w.Code != http.StatusSeeOther || len(log.all) != 1 || log.all[0].Org != org || log.all[0].Role != schemas.RoleMember || log.all[0].About != "Harbour ID" {
		t.Errorf("choosing: %d, in the log as %+v", w.Code, log.all)
	}
}

// mute is a service that answers nothing the first time, and then where it is.
type mute struct{ asked int }

func (m *mute) RoundTrip(req *http.Request) (*http.Response, error) {
	if m.asked++; m.asked == 1 {
		<-req.Context().Done()
		return nil, req.Context().Err()
	}
	w := httptest.NewRecorder()
	_, err := w.WriteString(`{"issuer": "https://id.example", "authorization_endpoint": "https://id.example/authorize", "token_endpoint": "https://id.example/token", "jwks_uri": "https://id.example/keys"}`)
	return w.Result(), err
}

func TestAServiceThatDoesNotAnswerIsAskedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		site := pages.New(pages.Options{OIDC: &pages.OIDC{
			Name: "Harbour ID", Issuer: "https://id.example", ClientID: "x", ClientSecret: "y", URL: "https://leadline.example",
			Client: &http.Client{Transport: new(mute)},
		}})
		ask := func() int {
			w := httptest.NewRecorder()
			site.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/signin/oidc", nil))
			return w.Code
		}
		began := time.Now()
		if code := ask(); code != http.StatusBadGateway || time.Since(began) > time.Minute {
			t.Errorf("while it is silent: %d after %s", code, time.Since(began))
		}
		if code := ask(); code != http.StatusSeeOther {
			t.Errorf("when it answers: %d", code)
		}
	})
}
