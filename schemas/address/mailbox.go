// Package address says what an e-mail address and a domain are, and in which
// one form two of them are equal: for whoever writes the directory and for
// matching alike.
package address

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Limits in bytes: RFC 5321, section 4.5.3.1, of whose path of 256 two are angle
// brackets, and RFC 1035, section 2.3.4. The 64 of a local part are not among
// them: the same section asks for no limits where none are needed, and calendars
// do have longer ones.
const (
	maxAddress = 254
	maxDomain  = 253
	maxLabel   = 63
	maxTyped   = 2048 // of what people or calendars wrote, before it is looked at
)

// atext are the ASCII signs that a local part may hold besides letters and
// digits (RFC 5322, section 3.2.3).
const atext = "!#$%&'*+-/=?^_`{|}~"

// Mailbox is an e-mail address in the one form in which addresses are compared.
type Mailbox struct {
	Local  string // NFC, case-folded, quoted only where it must be
	Domain string // ASCII, lower case, without a trailing dot
}

func (m Mailbox) String() string { return m.Local + "@" + m.Domain }

// Parse reads an e-mail address; false where it is none. Plus addresses stay
// what they are: they are other people until the directory says otherwise.
func Parse(typed string) (Mailbox, bool) {
	if len(typed) > maxTyped || !utf8.ValidString(typed) {
		return Mailbox{}, false
	}
	typed = strings.TrimSpace(typed)
	at := strings.LastIndexByte(typed, '@')
	if at < 0 {
		return Mailbox{}, false
	}
	d, ok := Domain(typed[at+1:])
	if !ok {
		return Mailbox{}, false
	}
	l, ok := local(fold(typed[:at]))
	m := Mailbox{Local: l, Domain: d}
	return m, ok && len(m.String()) <= maxAddress
}

// fold makes spellings equal that differ in case or in how accents are encoded.
// Folding can take a composed letter apart, hence the second NFC.
func fold(s string) string { return norm.NFC.String(cases.Fold().String(norm.NFC.String(s))) }

// local checks a local part and drops quotes that change nothing.
func local(s string) (string, bool) {
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
