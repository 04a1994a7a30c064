package zoom

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

func TestOnlyPublicAddressesArePublic(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"170.114.52.2": true, "2407:30c0:182::aa72:3402": true, "::ffff:170.114.52.2": true,
		"127.0.0.1": false, "::1": false, "::ffff:127.0.0.1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false,
		"169.254.169.254": false, "fe80::1": false, "fc00::1": false, "100.64.0.1": false, "0.0.0.0": false, "::": false,
		"224.0.0.1": false, "255.255.255.255": false, "64:ff9b::7f00:1": false, "2002:7f00:1::": false, "198.18.0.1": false,
		"::7f00:1": false, "2001:db8::1": false,
	} {
		if got := public(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: public is %v", text, got)
		}
	}
}

// The name may be anything; what counts is where it leads.
func TestTheDialerRefusesAddressesInOurOwnNetwork(t *testing.T) {
	t.Parallel()
	reached := false
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer server.Close()
	for _, target := range []string{server.URL, strings.Replace(server.URL, "127.0.0.1", "localhost", 1)} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := guarded.RoundTrip(req)
		if err == nil {
			_ = resp.Body.Close()
		}
		if !errors.Is(err, ErrAddress) {
			t.Errorf("%s: %v", target, err)
		}
	}
	if reached {
		t.Error("the address was connected to")
	}
}

func TestFilesAreFetchedFromZoomOrFromTheSimulatorAlone(t *testing.T) {
	t.Parallel()
	for base, cases := range map[string]map[string]bool{
		DefaultBaseURL: {
			"https://us02web.zoom.us/rec/x": true, "https://zoom.us:443/x": true, "https://US02WEB.ZOOM.US./x": true,
			"http://us02web.zoom.us/x": false, "https://zoom.us:8443/x": false, "https://evilzoom.us/x": false,
			"https://zoom.us.evil.example/x": false, "https://u@zoom.us/x": false, "https://127.0.0.1/x": false, "ftp://zoom.us/x": false,
		},
		"http://127.0.0.1:8431/v2": {
			"http://127.0.0.1:8431/rec": true, "http://127.0.0.1:8432/rec": false, "https://127.0.0.1:8431/rec": false,
			"http://localhost:8431/rec": false, "https://zoom.us/rec": false,
		},
	} {
		u, err := url.Parse(base)
		if err != nil {
			t.Fatal(err)
		}
		h, err := hostsOf(u)
		if err != nil {
			t.Fatal(err)
		}
		for address, want := range cases {
			at, err := url.Parse(address)
			if err != nil {
				t.Fatal(err)
			}
			if err := h.check(at); (err == nil) != want {
				t.Errorf("%s of %s: %v", address, base, err)
			}
		}
	}
	for _, base := range []string{"zoom.us", "ftp://zoom.us", "http://api.zoom.us/v2", "https://api.zoom.us:444/v2", "https://u@api.zoom.us", "https://x.example?a=b"} {
		u, err := url.Parse(base)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := hostsOf(u); err == nil {
			t.Errorf("base URL %s was accepted", base)
		}
	}
}
