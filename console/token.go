package console

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"leadline/console/token"
)

// gate lets in who has a token, as often as it may.
type gate struct {
	instance [sha256.Size]byte
	open     bool // there is an instance's token
	book     *token.Book
	rate     int // requests a second and token; 0 is any number

	mu     sync.Mutex
	limits map[string]*rate.Limiter // token -> its limiter: one for each that was ever good, some hundred bytes
}

// burst is for how many seconds a token may ask at once for what it may ask in
// time: an assistant asks five things together and then thinks.
const burst = 4

func newGate(o Options) *gate {
	return &gate{
		instance: sha256.Sum256([]byte(o.Token)), open: o.Token != "", book: o.Tokens,
		rate: o.Rate, limits: make(map[string]*rate.Limiter),
	}
}

// admit says what the request's token permits, and counts it against the
// token's rate.
func (g *gate) admit(r *http.Request) (Access, error) {
	access, err := g.authenticate(r)
	if err != nil || g.rate == 0 {
		return access, err
	}
	name := access.Org + "/" + access.Token
	g.mu.Lock()
	limiter := g.limits[name]
	if limiter == nil {
		limiter = rate.NewLimiter(rate.Limit(g.rate), burst*g.rate)
		g.limits[name] = limiter
	}
	g.mu.Unlock()
	turn := limiter.Reserve()
	if wait := turn.Delay(); wait > 0 {
		turn.Cancel()
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
