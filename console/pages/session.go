package pages

import (
	"crypto/rand"
	"crypto/sha256"
	"net/http"
	"slices"
	"sync"
	"time"

	"leadline/schemas"
)

const (
	cookieName = "leadline_session"
	// sessionTime is a working day: sessions are in memory, and end with the
	// process anyway.
	sessionTime = 12 * time.Hour
	// maxSessions are some hundred bytes each; see makeRoom.
	maxSessions = 1000
)

// person is who is to be signed in.
type person struct{ org, who, role string }

// session is somebody who is signed in.
type session struct {
	org   string
	who   string // an e-mail address, or "operator" for who came by the instance's own link
	csrf  string // every form carries it
	until time.Time

	mu    sync.Mutex
	role  string   // one of schemas.Roles, as it was with the last request
	notes []string // to be shown once, on the next page
}

// tell keeps a sentence for the next page.
func (s *session) tell(note string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notes = append(s.notes, note)
}

func (s *session) roleNow() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.role
}

// may says whether the session's role goes so far.
func (s *session) may(wanted string) bool { return schemas.MayAs(s.roleNow(), wanted) }

func (s *session) told() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	notes := s.notes
	s.notes = nil
	return notes
}

// sessions are found by the digest of their cookie, so that looking one up
// takes no longer for a cookie that begins rightly.
type sessions struct {
	now func() time.Time
	mu  sync.Mutex
	all map[[sha256.Size]byte]*session
}

func newSessions(now func() time.Time) *sessions {
	return &sessions{now: now, all: make(map[[sha256.Size]byte]*session)}
}

// begin makes a session and returns its cookie's value.
func (s *sessions) begin(of person) string {
	cookie, now := rand.Text(), s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	makeRoom(s.all, maxSessions, now, func(one *session) (person, time.Time) { return person{org: one.org, who: one.who}, one.until })
	s.all[sha256.Sum256([]byte(cookie))] = &session{org: of.org, who: of.who, role: of.role, csrf: rand.Text(), until: now.Add(sessionTime)}
	return cookie
}

// of is the request's session; nil where there is none.
func (s *sessions) of(r *http.Request) *session {
	cookie, err := r.Cookie(cookieName)
	if err != nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.all[sha256.Sum256([]byte(cookie.Value))]
	if found == nil || !s.now().Before(found.until) {
		return nil
	}
	return found
}

func (s *sessions) end(of *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, one := range s.all {
		if one == of {
			delete(s.all, key)
		}
	}
}

// setCookie is HttpOnly, so that no script reads it, and Lax, so that a link
// from a mail opens the page while another site's form comes without it.
func setCookie(w http.ResponseWriter, r *http.Request, value string, age time.Duration) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // on the loopback interface there is no TLS, and a Secure cookie would not come back
		Name: cookieName, Value: value, Path: "/", MaxAge: int(age.Seconds()), HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: isSecure(r),
	})
}

// isSecure says whether the browser came by TLS, as the proxy before us says.
func isSecure(r *http.Request) bool {
	return r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"
}

// makeRoom drops what has ended and, where there is still no room for one more,
// one of the organisation that has most and in it of whoever has most: the one
// that would end first. So nobody ends what is another organisation's.
func makeRoom[K comparable, V any](all map[K]V, most int, now time.Time, of func(V) (person, time.Time)) {
	orgs, people := make(map[string]int), make(map[person]int)
	for key, one := range all {
		whose, ends := of(one)
		if !now.Before(ends) {
			delete(all, key)
			continue
		}
		orgs[whose.org]++
		people[whose]++
	}
	if len(all) < most {
		return
	}
	var last K
	var crowd [2]int
	var first time.Time
	for key, one := range all {
		whose, ends := of(one)
		has := [2]int{orgs[whose.org], people[whose]}
		if c := slices.Compare(has[:], crowd[:]); c > 0 || c == 0 && ends.Before(first) {
			last, crowd, first = key, has, ends
		}
	}
	delete(all, last)
}
