package console

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"
	"time"

	"leadline/console/token"
)

// gate lets in who has a token, as often as it may.
type gate struct {
	instance [sha256.Size]byte
	open     bool // there is an instance's token
	book     *token.Book
	limits   *limits
}

func newGate(o Options) *gate {
	return &gate{
		instance: sha256.Sum256([]byte(o.Token)), open: o.Token != "", book: o.Tokens,
		limits: newLimits(o.Rate),
	}
}

// admit says what the request's token permits, and counts it against the
// token's rate.
func (g *gate) admit(r *http.Request) (Access, error) {
	access, err := g.authenticate(r)
	if err != nil {
		return access, err
	}
	if wait := g.limits.wait(access.Org + "/" + access.Token); wait > 0 {
		return access, &tooMany{wait, "too many requests with this token"}
	}
	return access, nil
}

// authenticate compares digests: they are of one length, so that the time tells
// nothing about the token, not even its length.
func (g *gate) authenticate(r *http.Request) (Access, error) {
	scheme, secret, found := strings.Cut(r.Header.Get("Authorization"), " ")
	if !found || !strings.EqualFold(scheme, "Bearer") {
		return Access{}, errUnauthorized
	}
	given := sha256.Sum256([]byte(secret))
	if subtle.ConstantTimeCompare(given[:], g.instance[:]) == 1 && g.open {
		return instanceAccess(), nil
	}
	if g.book == nil {
		return Access{}, errNotTaken
	}
	t, good, err := g.book.Verify(secret)
	switch {
	case err != nil:
		return Access{}, err
	case !good:
		return Access{}, errNotTaken
	}
	access := Access{Token: t.ID, Org: t.Org, Permissions: t.Token.Permissions}
	if t.Token.Company != nil {
		access.Company = *t.Token.Company
	}
	return access, nil
}

// tooMany says when the next request may come.
type tooMany struct {
	wait time.Duration
	says string
}

func (e *tooMany) Error() string { return e.says }
