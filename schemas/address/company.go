package address

import (
	"errors"
	"fmt"
	"strings"
)

// Why a text cannot be a company's domain. The messages are for the person who
// typed it.
var (
	ErrWildcard     = errors.New("wildcards are not needed: a domain stands for everything below it")
	ErrPublicSuffix = errors.New("a public suffix: anybody can register a name below it")
	ErrNoDomain     = errors.New("not a domain")
)

// CompanyDomain reads a domain as people type it into a directory, with a
// scheme, www, a port, a path, a leading @, and returns it plain: ASCII, lower
// case. The error is one of the three above, with the text it is about.
func CompanyDomain(typed string) (string, error) {
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
	if strings.ContainsAny(s, "*%") || strings.HasPrefix(s, ".") {
		return "", refused(typed, ErrWildcard)
	}
	d, ok := Domain(s)
	if !ok {
		return "", refused(typed, ErrNoDomain)
	}
	if rest, found := strings.CutPrefix(d, "www."); found {
		if _, ok := Registrable(rest); ok {
			d = rest
		}
	}
	if _, ok := Registrable(d); !ok {
		return "", refused(typed, ErrPublicSuffix)
	}
	return d, nil
}

func refused(typed string, why error) error { return fmt.Errorf("%.80q: %w", typed, why) }
