package console

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gorilla/mux"

	"leadline/schemas"
)

const (
	// maxQuery is a question of 2 KiB with every byte escaped, and room for the
	// other parameters.
	maxQuery = 8 << 10

	// maxParam is an id or a name; q alone may be longer, and the store says
	// how long.
	maxParam = 400
)

// params are a request's parameters. The first that is wrong is kept in err,
// and what is read after it is zero.
type params struct {
	path  map[string]string // as they were sent, escaped
	query url.Values
	err   error

	header http.Header // for what changes something
	body   io.Reader
}

// readParams is strict, because a parameter narrows: whoever misspells
// customer, or leaves it empty, must not be answered with everybody's words.
func readParams(r *http.Request, allowed []string) (*params, error) {
	if len(r.URL.RawQuery) > maxQuery {
		return nil, errLongQuery
	}
	// URL.Query leaves out what it cannot read.
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, invalid("query", "is not well escaped")
	}
	for name, values := range query {
		switch {
		case !slices.Contains(allowed, name):
			return nil, invalid(fmt.Sprintf("%.40s", name), "is no parameter here")
		case len(values) > 1 && name != "kind":
			return nil, invalid(name, "is given more than once")
		case slices.Contains(values, ""):
			return nil, invalid(name, "is empty")
		}
		for _, v := range values {
			if name != "q" && len(v) > maxParam {
				return nil, invalid(name, "has %d bytes, of at most %d", len(v), maxParam)
			}
			if strings.ContainsRune(v, 0) {
				return nil, invalid(name, "holds a NUL")
			}
		}
	}
	return &params{path: mux.Vars(r), query: query}, nil
}

func invalid(field, problem string, args ...any) error {
	return &schemas.InvalidQuery{Field: field, Problem: fmt.Sprintf(problem, args...)}
}

func (p *params) fail(err error) {
	if p.err == nil {
		p.err = err
	}
}

// scope is that of the path's organisation, narrowed by customer and end_user
// where the route has them.
func (p *params) scope() schemas.Scope {
	org := p.segment("org")
	if err := schemas.CheckOrg(org); err != nil {
		p.fail(invalid("org", "%s", err))
	}
	return schemas.Scope{Org: org, Company: p.text("customer"), EndUser: p.text("end_user")}
}

func (p *params) meetingID() string {
	provider, recording := p.segment("provider"), p.segment("recording")
	for name, value := range map[string]string{"provider": provider, "recording": recording} {
		if err := schemas.CheckSegment(name, value); err != nil {
			p.fail(invalid(name, "%s", err))
		}
	}
	return schemas.MeetingID(p.segment("org"), provider, recording)
}

// segment is a part of the path.
func (p *params) segment(name string) string {
	s, err := url.PathUnescape(p.path[name])
	switch {
	case err != nil || strings.ContainsRune(s, 0):
		p.fail(invalid(name, "is not well escaped"))
	case len(s) > maxParam:
		p.fail(invalid(name, "has %d bytes, of at most %d", len(s), maxParam))
	default:
		return s
	}
	return ""
}

func (p *params) text(name string) string { return p.query.Get(name) }

func (p *params) texts(name string) []string { return p.query[name] }

func (p *params) number(name string, absent int) int {
	if !p.query.Has(name) {
		return absent
	}
	n, err := strconv.Atoi(p.query.Get(name))
	if err != nil || n < 1 {
		p.fail(invalid(name, "%.40q is not a number above 0", p.query.Get(name)))
		return 0
	}
	return n
}

func (p *params) flag(name string) bool {
	switch v := p.query.Get(name); {
	case !p.query.Has(name) || v == "false":
		return false
	case v != "true":
		p.fail(invalid(name, "%.40q is neither true nor false", v))
		return false
	}
	return true
}
