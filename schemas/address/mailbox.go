package match

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Limits of RFC 5321, section 4.5.3.1, in bytes.
const (
	maxLocal  = 64
	maxDomain = 253
	maxLabel  = 63
	maxTyped  = 2048 // of what people or calendars wrote, before it is looked at
)

// atext are the ASCII signs that a local part may hold besides letters and
// digits (RFC 5322, section 3.2.3).
const atext = "!#$%&'*+-/=?^_`{|}~"

// mailbox is an e-mail address in the one form in which addresses are compared.
type mailbox struct {
	local  string // NFC, case-folded, quoted only where it must be
	domain string // ASCII, lower case, without a trailing dot
}

func (m mailbox) String() string { return m.local + "@" + m.domain }

// address reads an e-mail address. Plus addresses stay what they are: they are
// other people until the directory says otherwise.
func address(typed string) (mailbox, bool) {
	if len(typed) > maxTyped || !utf8.ValidString(typed) {
		return mailbox{}, false
	}
	typed = strings.TrimSpace(typed)
	at := strings.LastIndexByte(typed, '@')
	if at < 0 {
		return mailbox{}, false
	}
	d, ok := domain(typed[at+1:])
	if !ok {
		return mailbox{}, false
	}
	l, ok := local(fold(typed[:at]))
	return mailbox{local: l, domain: d}, ok
}

// fold makes spellings equal that differ in case or in how accents are encoded.
// Folding can take a composed letter apart, hence the second NFC.
func fold(s string) string { return norm.NFC.String(cases.Fold().String(norm.NFC.String(s))) }

// local checks a local part and drops quotes that change nothing.
func local(s string) (string, bool) {
	if len(s) > maxLocal {
		return "", false
	}
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s, isDotAtom(s)
	}
	plain, ok := unquote(s[1 : len(s)-1])
	if !ok {
		return "", false
	}
	if isDotAtom(plain) {
		return plain, true
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(plain) + `"`, true
}

// unquote takes the backslashes out of the inside of a quoted local part.
func unquote(s string) (string, bool) {
	var b strings.Builder
	escaped := false
	for _, r := range s {
		switch {
		case !escaped && r == '\\':
			escaped = true
			continue
		case !escaped && r == '"':
			return "", false
		case r != ' ' && !visible(r):
			return "", false
		}
		escaped = false
		b.WriteRune(r)
	}
	return b.String(), !escaped
}

func isDotAtom(s string) bool {
	if s == "" || s[0] == '.' || s[len(s)-1] == '.' || strings.Contains(s, "..") {
		return false
	}
	for _, r := range s {
		switch {
		case r == '.', 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		case r < utf8.RuneSelf && !strings.ContainsRune(atext, r), !visible(r):
			return false
		}
	}
	return true
}

// visible refuses what nobody can see: two addresses that look alike and are
// not would link a stranger's meeting.
func visible(r rune) bool {
	return unicode.IsGraphic(r) && !unicode.IsSpace(r) &&
		!unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// domain brings a host name into its ASCII form by the lookup profile of IDNA.
func domain(typed string) (string, bool) {
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

// companyDomain reads a domain as people type it into a directory: with a
// scheme, www, a path, a leading @. A public suffix is nobody's.
func companyDomain(typed string) (string, bool) {
	s := strings.TrimSpace(typed)
	if _, host, found := strings.Cut(s, "://"); found {
		s = host
	}
	s = strings.TrimPrefix(s, "//")
	if i := strings.IndexAny(s, "/?#"); i >= 0 {
		s = s[:i]
	}
	s = strings.TrimPrefix(s, "@")
	if host, port, found := strings.Cut(s, ":"); found && strings.Trim(port, "0123456789") == "" {
		s = host
	}
	d, ok := domain(s)
	if !ok {
		return "", false
	}
	if rest, found := strings.CutPrefix(d, "www."); found {
		if _, ok := registrable(rest); ok {
			d = rest
		}
	}
	_, ok = registrable(d)
	return d, ok
}

// registrable is the part of a domain that somebody could register: one label
// more than its public suffix, of the list's private section too, so that
// customers of one hosting company stay apart.
func registrable(d string) (string, bool) {
	r, err := publicsuffix.EffectiveTLDPlusOne(d)
	return r, err == nil
}

// lineage lists a domain and its parents down to the registrable one, the most
// specific first; nothing where none is registrable.
func lineage(d string) []string {
	root, ok := registrable(d)
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
