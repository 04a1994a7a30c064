package simulator

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"
)

// account is who calls: the owner of an API key, and what he sees.
type account struct {
	key   string
	owner string // e-mail address; empty: a key that sees everything
	oauth bool   // called with a bearer token, as an OAuth app does
}

type accountKey struct{}

func accountOf(r *http.Request) account {
	who, _ := r.Context().Value(accountKey{}).(account)
	return who
}

// authenticated answers 401 before anything else is looked at, so that a wrong key learns nothing about paths.
func (s *Simulator) authenticated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key, oauth := r.Header.Get("X-Api-Key"), false
		if token, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); found && key == "" {
			key, oauth = token, true
		}
		who, found := s.account(key)
		if !found {
			s.quota.idle(w.Header())
			answerError(w, http.StatusUnauthorized, "missing or unknown API key")
			return
		}
		who.oauth = oauth
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), accountKey{}, who)))
	})
}

func (s *Simulator) account(key string) (account, bool) {
	// Digests have one length, so the time tells neither the length nor the beginning of a key.
	got := sha256.Sum256([]byte(key))
	for known, owner := range s.keys {
		want := sha256.Sum256([]byte(known))
		if subtle.ConstantTimeCompare(got[:], want[:]) == 1 {
			return account{key: known, owner: owner}, true
		}
	}
	return account{}, false
}

func domainOf(email string) string {
	_, domain, _ := strings.Cut(email, "@")
	return strings.ToLower(domain)
}

func (a account) recorded(m *meeting) bool {
	return a.owner == "" || strings.EqualFold(a.owner, m.RecordedBy.Email)
}

func (a account) sees(m *meeting) bool { return a.recorded(m) || m.sharedWithTeam() }

// outside tells whether somebody outside the account's organisation recorded the meeting.
func (a account) outside(m *meeting) bool {
	return a.owner != "" && domainOf(a.owner) != domainOf(m.RecordedBy.Email)
}

// triggers tells whether a webhook of this account fires for the meeting. A key without an owner stands for a person
// without a team plan: all recordings are his own, shared or not.
func (a account) triggers(triggeredFor []string, m *meeting) bool {
	for _, trigger := range triggeredFor {
		fires := false
		switch trigger {
		case "my_recordings":
			fires = a.recorded(m) && (a.owner == "" || !m.sharedWithTeam())
		case "my_shared_with_team_recordings":
			fires = a.recorded(m) && m.sharedWithTeam()
		case "shared_team_recordings":
			fires = m.sharedWithTeam() && (a.owner == "" || !a.recorded(m) && !a.outside(m))
		case "shared_external_recordings":
			fires = m.sharedWithTeam() && a.outside(m)
		}
		if fires {
			return true
		}
	}
	return false
}
