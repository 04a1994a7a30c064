package pages

import (
	"crypto/rand"
	"crypto/sha256"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"leadline/schemas"
)

const (
	// linkTime lets somebody who has started Leadline fetch a coffee.
	linkTime = time.Hour
	maxLinks = 100

	// triesEach is how often one address may fail; a code has 130 bits, so this
	// keeps the log quiet rather than the door shut. Behind a proxy that is not known
	// as one an address is everybody's, so that no try may cost others theirs.
	triesEach  = rate.Limit(10.0 / 60)
	triesBurst = 10
	maxTriers  = 10_000

	// beginsEach is how often one address may begin at the sign-in service, whether
	// it comes back or not: an office comes to work by one address. In oidcTime it
	// cannot begin as many as maxFlows, and so ends nobody else's.
	beginsEach  = rate.Limit(1)
	beginsBurst = 100
)

// links are good once each.
type links struct {
	now func() time.Time
	mu  sync.Mutex
	all map[[sha256.Size]byte]link
}

type link struct {
	person
	how   string // for the log of changes
	until time.Time
}

// byLink is how most come.
const byLink = "link"

func newLinks(now func() time.Time) *links {
	return &links{now: now, all: make(map[[sha256.Size]byte]link)}
}

// Link makes a link that signs in to an organisation as its operator, once and within an hour.
// It is the path and query below the address of the site.
func (s *Site) Link(org string) string {
	return s.link(person{org: org, who: operator, role: schemas.RoleAdmin})
}

// link makes one for somebody.
func (s *Site) link(of person) string {
	return "/signin?" + url.Values{"code": {s.code(of, byLink)}}.Encode()
}

// code is what makes a link.
func (s *Site) code(of person, how string) string {
	code, now := rand.Text(), s.links.now()
	s.links.mu.Lock()
	defer s.links.mu.Unlock()
	makeRoom(s.links.all, maxLinks, now, func(l link) (person, time.Time) { return person{org: l.org, who: l.who}, l.until })
	s.links.all[sha256.Sum256([]byte(code))] = link{person: of, how: how, until: now.Add(linkTime)}
	return code
}

// take uses the link up.
func (l *links) take(code string) (found link, ok bool) {
	key := sha256.Sum256([]byte(code))
	l.mu.Lock()
	defer l.mu.Unlock()
	found, ok = l.all[key]
	delete(l.all, key)
	return found, ok && l.now().Before(found.until)
}

// tries limits how often one address may try.
type tries struct {
	each  rate.Limit
	burst int
	from  func(*http.Request) string // the address
	mu    sync.Mutex
	all   map[string]*rate.Limiter
}

func newTries(each rate.Limit, burst int, from func(*http.Request) string) *tries {
	return &tries{each: each, burst: burst, from: from, all: make(map[string]*rate.Limiter)}
}

func (t *tries) allow(r *http.Request) bool {
	client := t.from(r)
	t.mu.Lock()
	defer t.mu.Unlock()
	limiter := t.all[client]
	if limiter == nil {
		if len(t.all) >= maxTriers {
			clear(t.all)
		}
		limiter = rate.NewLimiter(t.each, t.burst)
		t.all[client] = limiter
	}
	return limiter.Allow()
}
