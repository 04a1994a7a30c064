package address

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// Domain brings a host name into its ASCII form by the lookup profile of IDNA.
func Domain(typed string) (string, bool) {
	if len(typed) > maxTyped || !utf8.ValidString(typed) {
		return "", false
	}
	d, err := idna.Lookup.ToASCII(typed)
	if err != nil {
		return "", false
	}
	d = strings.TrimSuffix(d, ".")
	if d == "" || len(d) > maxDomain {
		return "", false
	}
	labels := strings.Split(d, ".")
	for _, l := range labels {
		if l == "" || len(l) > maxLabel {
			return "", false
		}
	}
	// A last label of digits makes it an IP address, or nothing at all.
	if strings.Trim(labels[len(labels)-1], "0123456789") == "" {
		return "", false
	}
	return d, true
}

// Registrable is the part of a domain that somebody could register: one label
// more than its public suffix, of the list's private section too, so that
// customers of one hosting company stay apart. False where there is none: the
// domain is itself a public suffix, or a single name.
func Registrable(d string) (string, bool) {
	r, err := publicsuffix.EffectiveTLDPlusOne(d)
	return r, err == nil
}

// Lineage lists a domain and its parents down to the registrable one, the most
// specific first; nothing where none is registrable.
func Lineage(d string) []string {
	root, ok := Registrable(d)
	if !ok {
		return nil
	}
	all := []string{d}
	for d != root {
		d = d[strings.IndexByte(d, '.')+1:]
		all = append(all, d)
	}
	return all
}
