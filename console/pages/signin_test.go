package pages_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"leadline/console/pages"
)

func TestWhoIsNotSignedInSeesNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.cookie = "a-guess"
	for _, path := range everyPage {
		if w := r.do(http.MethodGet, path, nil); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/signin" {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	for _, path := range []string{"/rules", "/integrations", "/integrations/sync", "/signout"} {
		if w := r.do(http.MethodPost, path, url.Values{"csrf": {""}}); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/signin" {
			t.Errorf("POST %s: %d", path, w.Code)
		}
	}
	if len(r.known.asked) > 0 || r.rules.set.Version != 3 {
		t.Error("something was changed")
	}
}

func TestALinkIsGoodOnceAndNotUsedUpByLooking(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	link := r.site.Link(org)
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if w := r.do(http.MethodGet, link, nil); w.Code != http.StatusOK || len(w.Result().Cookies()) > 0 {
			t.Fatalf("looking: %d", w.Code)
		}
	}
	w := r.do(http.MethodPost, "/signin", u.Query())
	if w.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	c := w.Result().Cookies()[0]
	if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Secure {
		t.Errorf("the cookie is %v", c)
	}
	if w := r.do(http.MethodPost, "/signin", u.Query()); w.Code != http.StatusForbidden || len(w.Result().Cookies()) > 0 {
		t.Errorf("again: %d", w.Code)
	}
	other, err := url.Parse(r.site.Link(org))
	if err != nil {
		t.Fatal(err)
	}
	w = r.do(http.MethodPost, "/signin", other.Query(), "X-Forwarded-Proto", "https")
	if c := w.Result().Cookies()[0]; !c.Secure {
		t.Error("behind TLS the cookie is not Secure")
	}
}

func TestLinksAndSessionsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		site := pages.New(pages.Options{})
		send := func(path, cookie string) *httptest.ResponseRecorder {
			req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
			req.AddCookie(&http.Cookie{Name: "leadline_session", Value: cookie})
			w := httptest.NewRecorder()
			site.ServeHTTP(w, req)
			return w
		}
		enter := func(link string) *httptest.ResponseRecorder {
			form := strings.NewReader(strings.TrimPrefix(link, "/signin?"))
			req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/signin", form)
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			w := httptest.NewRecorder()
			site.ServeHTTP(w, req)
			return w
		}
		old := site.Link(org)
		time.Sleep(time.Hour)
		if w := enter(old); w.Code != http.StatusForbidden {
			t.Errorf("after an hour: %d", w.Code)
		}
		w := enter(site.Link(org))
		cookie := w.Result().Cookies()[0].Value
		if to := send("/rules", cookie).Code; to != http.StatusOK {
			t.Errorf("signed in: %d", to)
		}
		time.Sleep(12 * time.Hour)
		if to := send("/rules", cookie).Code; to != http.StatusSeeOther {
			t.Errorf("after twelve hours: %d", to)
		}
	})
}

func TestASessionEndsWhenItIsSignedOut(t *testing.T) {
	t.Parallel()
	r := newRig(t).signIn()
	if w := r.do(http.MethodPost, "/signout", url.Values{"csrf": {r.csrf()}}); w.Code != http.StatusSeeOther {
		t.Fatalf("%d", w.Code)
	}
	if w := r.do(http.MethodGet, "/meetings", nil); w.Code != http.StatusSeeOther {
		t.Errorf("the cookie still opens pages: %d", w.Code)
	}
}

func TestTryingIsLimited(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	last := 0
	for range 20 {
		last = r.do(http.MethodPost, "/signin", url.Values{"code": {"guess"}}).Code
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("the 20th guess: %d", last)
	}
}

func TestWhoTriesInVainKeepsNobodyOut(t *testing.T) {
	t.Parallel()
	for name, try := range map[string]func(*rig){
		"guesses": func(r *rig) { r.do(http.MethodPost, "/signin", url.Values{"code": {"guess"}}) },
		"reports": func(r *rig) { r.do(http.MethodPost, "/csp-report", url.Values{"csp-report": {"{}"}}) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			for range 20 {
				try(r)
			}
			if w := r.enter(r.site.Link(org)); w.Code != http.StatusSeeOther {
				t.Errorf("with a good link: %d %s", w.Code, w.Body)
			}
		})
	}
}

func TestOnlyTheInstancesTokenMakesLinks(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	ask := func(body, authorization string) *httptest.ResponseRecorder {
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/signin/links", strings.NewReader(body))
		req.Header.Set("Authorization", authorization)
		w := httptest.NewRecorder()
		r.site.ServeHTTP(w, req)
		return w
	}
	for _, wrong := range []string{"", "Bearer ", "Bearer x", token, "Basic " + token} {
		if w := ask(`{"org":"harbour"}`, wrong); w.Code != http.StatusUnauthorized {
			t.Errorf("%q: %d", wrong, w.Code)
		}
	}
	if w := ask(`{"org":"../x"}`, "Bearer "+token); w.Code != http.StatusBadRequest {
		t.Errorf("an odd organisation: %d", w.Code)
	}
	w := ask(`{"org":"harbour"}`, "Bearer "+token)
	var made pages.Link
	if err := json.Unmarshal(w.Body.Bytes(), &made); err != nil || !strings.HasPrefix(made.Path, "/signin?code=") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestASessionSeesItsOwnOrganisation(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	u, err := url.Parse(r.site.Link("elsewhere"))
	if err != nil {
		t.Fatal(err)
	}
	r.cookie = r.do(http.MethodPost, "/signin", u.Query()).Result().Cookies()[0].Value
	if w := r.do(http.MethodGet, "/meeting?recorder=fathom&recording=plain", nil); w.Code != http.StatusNotFound {
		t.Errorf("another organisation's meeting: %d", w.Code)
	}
	if _, body := r.read("/meetings"); strings.Contains(body, "The pier") {
		t.Error("it lists another organisation's meetings")
	}
}
