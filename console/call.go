package console

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"leadline/schemas"
)

const (
	// maxQuery is a question of 2 KiB with every byte escaped, and room for the
	// other parameters.
	maxQuery = 8 << 10

	// maxParam is an id or a name.
	maxParam = 400

	// maxCursor is that of a passage: three ids in base64.
	maxCursor = 2 << 10

	// maxBody is more than most bodies have: a connection, a rule, a token.
	maxBody = 256 << 10

	// maxStream is a million end users and more.
	maxStream = 1 << 30
)

// call is a request whose token and form were found good. The first parameter
// that is wrong is kept in err, and what is read after it is zero.
type call struct {
	access Access
	path   map[string]string // as they were sent, escaped
	query  url.Values
	body   any       // *T where the route's body is a T
	stream io.Reader // where the route reads it itself, of the media type kind
	kind   string
	err    error
}

// readCall is strict, because a parameter narrows: whoever misspells customer,
// or leaves it empty, must not be answered with everybody's words.
func readCall(r *http.Request, t route) (*call, error) {
	if len(r.URL.RawQuery) > maxQuery {
		return nil, errLongQuery
	}
	// URL.Query leaves out what it cannot read.
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, invalid("query", "is not well escaped")
	}
	for name, values := range query {
		i := slices.IndexFunc(t.params, func(p param) bool { return p.name == name })
		if i < 0 {
			return nil, invalid(fmt.Sprintf("%.40s", name), "is no parameter here")
		}
		if err := t.params[i].check(values); err != nil {
			return nil, err
		}
	}
	for _, p := range t.params {
		if p.required && !query.Has(p.name) {
			return nil, invalid(p.name, "is empty")
		}
	}
	c := &call{path: mux.Vars(r), query: query}
	switch {
	case t.body != nil:
		c.body, err = readBody(r, t)
	case t.stream != nil:
		c.kind, _, _ = mime.ParseMediaType(r.Header.Get("Content-Type"))
		if !slices.Contains(t.stream, c.kind) {
			return nil, errMediaType
		}
		c.stream = http.MaxBytesReader(nil, r.Body, maxStream)
	}
	return c, err
}

// check looks at the form of a parameter; what it means is for the route.
func (p param) check(values []string) error {
	if len(values) > 1 && !p.many {
		return invalid(p.name, "is given more than once")
	}
	most := maxParam
	if p.kind == paramText && p.most > 0 {
		most = p.most
	}
	for _, v := range values {
		switch {
		case v == "":
			return invalid(p.name, "is empty")
		case len(v) > most:
			return invalid(p.name, "has %d bytes, of at most %d", len(v), most)
		case strings.ContainsRune(v, 0):
			return invalid(p.name, "holds a NUL")
		case p.values != nil && !slices.Contains(p.values, v):
			return invalid(p.name, "%.40q is none of %q", v, p.values)
		}
	}
	return nil
}

// readBody decodes the body into a new value of the example's type. A member
// that is not known is refused, for the same reason as a parameter is.
func readBody(r *http.Request, t route) (any, error) {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		return nil, errMediaType
	}
	body := reflect.New(reflect.TypeOf(t.body)).Interface()
	raw, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, int64(cmp.Or(t.most, maxBody))))
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		return nil, errLargeBody
	}
	if err != nil {
		return nil, invalid("body", "cannot be read")
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(body); errors.Is(err, io.EOF) {
		return nil, invalid("body", "is empty")
	} else if err != nil {
		return nil, invalid("body", "%s", schemas.Excerpt(err.Error()))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, invalid("body", "holds more than one value")
	}
	return body, whole(raw, reflect.TypeOf(t.body))
}

// whole refuses an object that lacks what it has to have: a body replaces, and
// {} would take all the rules away, those that keep meetings out too. Who leaves
// out what may be null says the same as by null.
func whole(raw []byte, t reflect.Type) error {
	var given map[string]json.RawMessage
	if err := json.Unmarshal(raw, &given); err != nil {
		return invalid("body", "%s", schemas.Excerpt(err.Error()))
	}
	for f := range t.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous || !f.IsExported() || name == "" || name == "-" || f.Type.Kind() == reflect.Pointer || strings.Contains(options, "omit") {
			continue
		}
		if value, ok := given[name]; !ok || string(value) == "null" {
			return invalid(name, "is missing")
		}
	}
	return nil
}

func invalid(field, problem string, args ...any) error {
	return &schemas.InvalidQuery{Field: field, Problem: fmt.Sprintf(problem, args...)}
}

func (c *call) fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

// scope is that of the path's organisation, narrowed by the token and by the
// parameters customer, end_user and held_back, where the route has them.
func (c *call) scope() schemas.Scope {
	org := c.segment("org")
	if err := schemas.CheckOrg(org); err != nil {
		c.fail(invalid("org", "%s", err))
	}
	scope, err := c.access.Scope(schemas.Scope{
		Org: org, Company: c.text("customer"), EndUser: c.text("end_user"), HeldBack: c.flag("held_back"),
	})
	if err != nil {
		c.fail(err)
	}
	return scope
}

func (c *call) meetingID() string {
	provider, recording := c.segment("provider"), c.segment("recording")
	for name, value := range map[string]string{"provider": provider, "recording": recording} {
		if err := schemas.CheckSegment(name, value); err != nil {
			c.fail(invalid(name, "%s", err))
		}
	}
	return schemas.MeetingID(c.segment("org"), provider, recording)
}

// segment is a part of the path.
func (c *call) segment(name string) string {
	s, err := url.PathUnescape(c.path[name])
	switch {
	case err != nil || strings.ContainsRune(s, 0):
		c.fail(invalid(name, "is not well escaped"))
	case len(s) > maxParam:
		c.fail(invalid(name, "has %d bytes, of at most %d", len(s), maxParam))
	default:
		return s
	}
	return ""
}

func (c *call) text(name string) string { return c.query.Get(name) }

func (c *call) texts(name string) []string { return c.query[name] }

func (c *call) number(name string, absent int) int {
	if !c.query.Has(name) {
		return absent
	}
	n, err := strconv.Atoi(c.query.Get(name))
	if err != nil || n < 1 {
		c.fail(invalid(name, "%.40q is not a number above 0", c.query.Get(name)))
		return 0
	}
	return n
}

func (c *call) moment(name string) time.Time {
	at, err := ParseMoment(name, c.text(name))
	if err != nil {
		c.fail(err)
	}
	return at
}

func (c *call) flag(name string) bool {
	switch v := c.query.Get(name); {
	case !c.query.Has(name) || v == "false":
		return false
	case v != "true":
		c.fail(invalid(name, "%.40q is neither true nor false", v))
		return false
	}
	return true
}

// wantsMarkdown says whether a page is wanted rather than JSON: by format, or
// else by what is accepted.
func (c *call) wantsMarkdown(r *http.Request) bool {
	switch c.text("format") {
	case "markdown":
		return true
	case "json":
		return false
	}
	for _, part := range strings.Split(r.Header.Get("Accept"), ",") {
		if kind, _, _ := mime.ParseMediaType(part); kind == "text/markdown" {
			return true
		} else if kind == "application/json" {
			return false
		}
	}
	return false
}
