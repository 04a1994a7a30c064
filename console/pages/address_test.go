package pages_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"leadline/console/pages"
	"leadline/console/pages/oidctest"
)

// forwarded begins a sign-in, or tries a link that does not hold, as a request
// that came by a proxy.
func forwarded(t *testing.T, site http.Handler, method, remote string, said ...string) int {
	t.Helper()
	path := map[string]string{http.MethodGet: "/signin/oidc", http.MethodPost: "/signin"}[method]
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(url.Values{"code": {"guess"}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.RemoteAddr = remote
	for _, line := range said {
		r.Header.Add("X-Forwarded-For", line)
	}
	w := httptest.NewRecorder()
	site.ServeHTTP(w, r)
	return w.Code
}

func newSignInSite(t *testing.T, trusted ...netip.Prefix) *pages.Site {
	t.Helper()
	service := oidctest.New(t)
	transport := new(http.Transport)
	t.Cleanup(transport.CloseIdleConnections)
	return pages.New(pages.Options{Store: openStore(t), Proxies: trusted, OIDC: &pages.OIDC{
		Name: "Harbour ID", Issuer: service.URL, ClientID: oidctest.ClientID, ClientSecret: oidctest.ClientSecret, URL: "https://leadline.example",
		Client: &http.Client{Transport: transport},
	}})
}

// A whole office comes to work at nine, and its proxy is not known as one.
func TestManyBehindOneAddressBeginToSignIn(t *testing.T) {
	t.Parallel()
	site := newSignInSite(t)
	for i := range 50 {
		if code := forwarded(t, site, http.MethodGet, "10.0.0.1:4711"); code != http.StatusSeeOther {
			t.Fatalf("the sign-in of number %d: %d", i+1, code)
		}
	}
	last := 0
	for range 200 {
		last = forwarded(t, site, http.MethodGet, "10.0.0.1:4711")
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("one address begins without end: %d", last)
	}
}

// Behind a proxy that is trusted each address has tries of its own; what a
// client writes itself is never believed.
func TestAddressesBehindATrustedProxyHaveTriesOfTheirOwn(t *testing.T) {
	t.Parallel()
	const proxy, second = "[::ffff:10.0.0.1]:4711", "10.9.0.7"
	site := newSignInSite(t, netip.MustParsePrefix("10.0.0.0/8"))
	exhaust := func(method, remote string, said func(int) []string) (last int) {
		for i := range 200 {
			last = forwarded(t, site, method, remote, said(i)...)
		}
		return last
	}
	for method, good := range map[string]int{http.MethodGet: http.StatusSeeOther, http.MethodPost: http.StatusForbidden} {
		for name, spoofs := range map[string]func(int) []string{
			"one address":             func(int) []string { return []string{"198.51.100.9"} },
			"one that writes others":  func(i int) []string { return []string{fmt.Sprintf("203.0.113.%d, 198.51.100.10", i)} },
			"in a line of its own":    func(i int) []string { return []string{fmt.Sprintf("203.0.113.%d", i), "198.51.100.11"} },
			"before two proxies":      func(i int) []string { return []string{fmt.Sprintf("203.0.113.%d, 198.51.100.12, %s", i, second)} },
			"with a port":             func(i int) []string { return []string{fmt.Sprintf("198.51.100.13:%d", 1000+i)} },
			"what is no address":      func(i int) []string { return []string{fmt.Sprintf("198.51.100.14, unknown%d", i)} },
			"a proxy that says none":  func(int) []string { return nil },
			"a longer list of nobody": func(i int) []string { return []string{strings.Repeat(",", i)} },
		} {
			if code := exhaust(method, proxy, spoofs); code != http.StatusTooManyRequests {
				t.Errorf("%s, %s: %d", method, name, code)
			}
		}
		if code := exhaust(method, "192.0.2.7:1", func(i int) []string { return []string{fmt.Sprintf("203.0.113.%d", i)} }); code != http.StatusTooManyRequests {
			t.Errorf("%s, a stranger who says to be a proxy: %d", method, code)
		}
		if code := forwarded(t, site, method, proxy, "198.51.100.77"); code != good {
			t.Errorf("%s, somebody else behind the proxy: %d, want %d", method, code, good)
		}
	}
}
