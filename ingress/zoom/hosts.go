package zoom

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// hosts says where a client sends its token.
//
// A base URL within zoom.us is Zoom: files come from there alone, by HTTPS, and from public addresses, whatever a name of
// theirs resolves to. Any other base URL is a simulator, that somebody named in so many words: then everything is there,
// at that host and port and nowhere else, and its address may be private.
type hosts struct {
	simulator *url.URL // nil: Zoom
	tokenURL  string
}

const zoomDomain = "zoom.us"

func hostsOf(base *url.URL) (hosts, error) {
	if (base.Scheme != "https" && base.Scheme != "http") || base.Host == "" {
		return hosts{}, errors.New("base URL of Zoom: want http:// or https:// and a host")
	}
	if base.User != nil || base.RawQuery != "" || base.Fragment != "" {
		return hosts{}, errors.New("base URL of Zoom: want neither user, query nor fragment")
	}
	if !ofZoom(base.Hostname()) {
		return hosts{simulator: base, tokenURL: base.Scheme + "://" + base.Host + "/oauth/token"}, nil
	}
	if base.Scheme != "https" || base.Port() != "" {
		return hosts{}, errors.New("base URL of Zoom: want https:// and no port")
	}
	return hosts{tokenURL: tokenURL}, nil
}

// ofZoom looks at a name. An IPv6 address may end with a zone, which is any text: 2606:4700::1%.zoom.us is somebody else's.
func ofZoom(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if strings.ContainsFunc(host, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '.' }) {
		return false
	}
	return host == zoomDomain || strings.HasSuffix(host, "."+zoomDomain)
}

// check says whether a file may be fetched from there. Its error does not show the address, which may open the file.
func (h hosts) check(u *url.URL) error {
	switch {
	case u.User != nil:
		return errors.New("address of a file has a user in it")
	case h.simulator != nil:
		if u.Scheme != h.simulator.Scheme || !strings.EqualFold(u.Host, h.simulator.Host) {
			return fmt.Errorf("file is at %.100q, and not at the simulator", u.Host)
		}
	case u.Scheme != "https" || u.Port() != "" && u.Port() != "443" || !ofZoom(u.Hostname()):
		return fmt.Errorf("file is at %.100q by %.10q, and not at Zoom by https", u.Host, u.Scheme)
	}
	return nil
}

// transport of calls to the API. It is shared by all clients, and with nobody else: whoever closes the idle connections
// of net/http's own transport would cut a call of ours that is about to use one.
var transport = http.DefaultTransport.(*http.Transport).Clone()

// guarded is the transport of downloads. Checking a name is not enough: it may resolve to an address in our own network,
// and to another one each time it is asked. Control sees the address that is connected to. There is no proxy, because it
// would be the proxy that resolves the name.
var guarded = func() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.Proxy = nil
	t.DialContext = guardedDialer().DialContext
	return t
}()

func guardedDialer() *net.Dialer {
	return &net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second, Control: publicOnly}
}

func (h hosts) transport() http.RoundTripper {
	if h.simulator != nil {
		return transport
	}
	return guarded
}

// ErrAddress says that a name of Zoom's resolved to an address that is none of Zoom's.
var ErrAddress = errors.New("file is at an address that is not public")

func publicOnly(network, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !strings.HasPrefix(network, "tcp") || !public(at.Addr()) {
		return ErrAddress
	}
	return nil
}

// special are the blocks of global unicast addresses that are not anybody's on the internet (IANA's special-purpose
// registries), and those through which an IPv6 address reaches an IPv4 one.
var special = func() (all []netip.Prefix) {
	for _, p := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24", "240.0.0.0/4", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16",
		"3fff::/20", "5f00::/16", "fec0::/10", "::/96",
	} {
		all = append(all, netip.MustParsePrefix(p))
	}
	return all
}()

func public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
		return false
	}
	for _, p := range special {
		if p.Contains(a) {
			return false
		}
	}
	return true
}
