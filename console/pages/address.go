package pages

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// proxies are those whose word of a client's address is taken.
type proxies []netip.Prefix

func (p proxies) trust(a netip.Addr) bool {
	return slices.ContainsFunc(p, func(one netip.Prefix) bool { return one.Contains(a) })
}

// clientOf is where a request comes from: the address that is connected or, where
// that is a trusted proxy's, the last of X-Forwarded-For that is none. What stands
// before that one its sender may have written himself.
func (p proxies) clientOf(r *http.Request) string {
	at, ok := addressIn(r.RemoteAddr)
	if !ok {
		return r.RemoteAddr
	}
	said := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, one := range slices.Backward(said) {
		if !p.trust(at) {
			break
		}
		before, ok := addressIn(strings.TrimSpace(one))
		if !ok {
			break
		}
		at = before
	}
	return at.String()
}

// addressIn reads an address, with or without a port.
func addressIn(text string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(strings.Trim(text, "[]"))
	if err != nil {
		var both netip.AddrPort
		both, err = netip.ParseAddrPort(text)
		a = both.Addr()
	}
	return a.Unmap().WithZone(""), err == nil
}
