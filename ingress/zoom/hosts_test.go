package zoom

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

func TestOnlyPublicAddressesArePublic(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"170.114.52.2": true, "2407:30c0:182::aa72:3402": true, "::ffff:170.114.52.2": true,
		"127.0.0.1": false, "::1": false, "::ffff:127.0.0.1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false,
		"169.254.169.254": false, "fe80::1": false, "fc00::1": false, "100.64.0.1": false, "0.0.0.0": false, "::": false,
		"224.0.0.1": false, "255.255.255.255": false, "64:ff9b::7f00:1": false, "2002:7f00:1::": false, "198.18.0.1": false,
		"::7f00:1": false, "2001:db8::1": false,
		// An IPv4 address inside of an IPv6 one: mapped, with a zone, NAT64 of both prefixes, 6to4, Teredo, IPv4-compatible.
		"::ffff:169.254.169.254": false, "::ffff:10.0.0.1": false, "fe80::1%eth0": false, "::1%lo": false, "fc00::1%1": false,
		"64:ff9b::a9fe:a9fe": false, "64:ff9b:1::a00:1": false, "2002:a9fe:a9fe::1": false, "2001:0:7f00:1::": false, "::a9fe:a9fe": false,
		"fec0::1": false, "ff02::1": false, "100::1": false, "192.0.0.1": false, "240.0.0.1": false, "192.88.99.1": false, "203.0.113.7": false,
	} {
		if got := public(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: public is %v", text, got)
		}
	}
}

// What is judged is the address that is connected to, at each connection, and not what the name resolved to before: a name
// of Zoom's that leads into our own network is refused the moment it does.
func TestANameOfZoomsThatLeadsToUsIsRefused(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was connected to") }))
	defer server.Close()
	_, port, err := net.SplitHostPort(strings.TrimPrefix(server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	for _, leads := range []string{"127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"} {
		names := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
			ours, theirs := net.Pipe()
			go nameServer(theirs, netip.MustParseAddr(leads))
			return ours, nil
		}}
		dialer := guardedDialer()
		dialer.Resolver = names
		conn, err := dialer.DialContext(t.Context(), "tcp", net.JoinHostPort("us02web.zoom.us", port))
		if err == nil {
			_ = conn.Close()
		}
		if !errors.Is(err, ErrAddress) {
			t.Errorf("%s: %v", leads, err)
		}
	}
	for address, allowed := range map[string]bool{"170.114.52.2:443": true, "127.0.0.1:443": false, "[fe80::1%lo]:443": false, "zoom.us:443": false} {
		if err := publicOnly("tcp4", address, nil); (err == nil) != allowed {
			t.Errorf("%s: %v", address, err)
		}
		if publicOnly("udp", address, nil) == nil {
			t.Errorf("%s by UDP", address)
		}
	}
}

// nameServer answers one question about any name with the address.
func nameServer(conn net.Conn, at netip.Addr) {
	defer func() { _ = conn.Close() }()
	size := make([]byte, 2)
	if _, err := io.ReadFull(conn, size); err != nil {
		return
	}
	asked := make([]byte, binary.BigEndian.Uint16(size))
	if _, err := io.ReadFull(conn, asked); err != nil {
		return
	}
	var m dnsmessage.Message
	if m.Unpack(asked) != nil {
		return
	}
	m.Response, m.Additionals = true, nil
	head := dnsmessage.ResourceHeader{Name: m.Questions[0].Name, Class: dnsmessage.ClassINET}
	switch {
	case m.Questions[0].Type == dnsmessage.TypeA && at.Is4():
		m.Answers = []dnsmessage.Resource{{Header: head, Body: &dnsmessage.AResource{A: at.As4()}}}
	case m.Questions[0].Type == dnsmessage.TypeAAAA && at.Is6():
		m.Answers = []dnsmessage.Resource{{Header: head, Body: &dnsmessage.AAAAResource{AAAA: at.As16()}}}
	}
	answer, err := m.Pack()
	if err != nil {
		return
	}
	_, _ = conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...))
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
			"https://2130706433/x": false, "https://0177.0.0.1/x": false, "https://0x7f.1/x": false, "https://[::1]/x": false, "https://[fe80::1%25zoom.us]/x": false,
			"https://[::ffff:127.0.0.1%25.zoom.us]/x": false, "https://[2606:4700::1%25.zoom.us]/x": false, "https:///x": false, "https://.zoom.us.evil.example/x": false,
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

// FuzzHosts names any address as a file's: what is let through is a name of Zoom's, by https, without a user.
func FuzzHosts(f *testing.F) {
	for _, address := range []string{"https://us02web.zoom.us/rec/x", "https://[::1%25.zoom.us]/", "https://a@zoom.us", "//zoom.us", "https://zoom.us:443/../x", "HTTPS://ZOOM.US./"} {
		f.Add(address)
	}
	name := regexp.MustCompile(`^(?i:([a-z0-9-]*\.)*zoom\.us)\.?$`)
	f.Fuzz(func(t *testing.T, address string) {
		u, err := url.Parse(address)
		if err != nil || (hosts{}).check(u) != nil {
			return
		}
		if u.Scheme != "https" || u.User != nil || !name.MatchString(u.Hostname()) || u.Port() != "" && u.Port() != "443" {
			t.Fatalf("%q is let through", address)
		}
	})
}
