package pages

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"leadline/schemas"
)

// maxForm has room for a rule of 500 characters and for any recorder's
// credential.
const maxForm = 64 << 10

// operator is who came by a link that the instance's own token made.
const operator = "operator"

// errForm is a form that was not made for this session.
var errForm = errors.New("This form is not of this session, or too large. Open the page again and send it once more.") //nolint:staticcheck // shown on a page

// checkForm refuses a change that does not carry the session's token: the
// cookie alone comes with every request, whoever made it.
func (v *visit) checkForm() error {
	if v.Method == http.MethodGet || v.Method == http.MethodHead {
		return nil
	}
	if v.ParseForm() != nil || subtle.ConstantTimeCompare([]byte(v.PostFormValue("csrf")), []byte(v.session.csrf)) != 1 {
		return errForm
	}
	return nil
}

// NewLink asks for a link, and Link answers.
type NewLink struct {
	Org string `json:"org"`
}

// Link is below the address that was asked.
type Link struct {
	Path string `json:"path"`
}

// makeLink answers whoever has the instance's token: leadline signin.
func (s *Site) makeLink(w http.ResponseWriter, r *http.Request) {
	given, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	is, want := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(s.Token))
	if s.Token == "" || !bearer || subtle.ConstantTimeCompare(is[:], want[:]) != 1 {
		w.Header().Set("WWW-Authenticate", "Bearer")
		http.Error(w, "want the instance's token", http.StatusUnauthorized)
		return
	}
	var asked NewLink
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		http.Error(w, "want a JSON object with the member org", http.StatusBadRequest)
		return
	}
	if err := schemas.CheckOrg(asked.Org); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.metrics.signIns.WithLabelValues("link").Inc()
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(Link{Path: s.Link(asked.Org)}) // who has gone needs no answer
}

// askCode shows the code in a form rather than taking it: programs that look
// into links, of mails and chats, would use it up.
func (s *Site) askCode(w http.ResponseWriter, r *http.Request) {
	s.metrics.count("signin", s.write(w, nil, answer{name: "signin", title: "Sign in", data: s.door(r.URL.Query().Get("code"))}))
}

// door is what somebody who is not signed in is shown.
type door struct {
	Code, Service string
	Choices       []choice // for a user of several organisations
}

// choice is one of them.
type choice struct{ Org, Role, Code string }

func (s *Site) door(code string) door {
	d := door{Code: code}
	if s.oidc != nil {
		d.Service = s.oidc.Name
	}
	return d
}

func (s *Site) signIn(w http.ResponseWriter, r *http.Request) {
	found, ok := s.links.take(r.PostFormValue("code"))
	if !ok && !s.tries.allow(r) {
		s.refuse(w, "limited", http.StatusTooManyRequests, "Too many tries. Wait a minute.")
		return
	}
	if !ok {
		s.refuse(w, "refused", http.StatusForbidden, "This link has been used, or is older than an hour. Make a new one.")
		return
	}
	s.welcome(w, r, found.person, found.how)
}

// welcome begins a session.
func (s *Site) welcome(w http.ResponseWriter, r *http.Request, of person, how string) {
	s.metrics.signIns.WithLabelValues("done").Inc()
	s.notedSignIn(r.Context(), of, how, schemas.AuditDone)
	setCookie(w, r, s.sessions.begin(of), sessionTime)
	http.Redirect(w, r, "/meetings", http.StatusSeeOther)
}

func (s *Site) refuse(w http.ResponseWriter, result string, status int, why string) {
	s.metrics.signIns.WithLabelValues(result).Inc()
	s.metrics.count("signin", s.write(w, nil, answer{status: status, name: "signin", title: "Sign in", problem: why, data: s.door("")}))
}

func (s *Site) signOut(_ context.Context, v *visit) (answer, error) {
	s.sessions.end(v.session)
	return answer{to: "/signin"}, nil
}
