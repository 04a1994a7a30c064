package pages

import (
	"context"
	"net/http"
	"strings"

	"leadline/console"
	"leadline/schemas"
)

// UserReader knows who may sign in. The pages call it for every request; an
// error says that it is not known this time, and nobody passes.
type UserReader interface {
	User(org, email string) (schemas.User, bool, error)
	// Users are those of an organisation or, where it is empty, those that have
	// the address in any.
	Users(org, email string) ([]schemas.User, error)
}

// UserWriter changes who may sign in. Twice the same changes nothing; an
// *schemas.InvalidQuery says what an admin got wrong.
type UserWriter interface {
	Put(ctx context.Context, u schemas.User) error
	Remove(ctx context.Context, org, email string) error
}

// Users are read and changed.
type Users interface {
	UserReader
	UserWriter
}

type usersPage struct {
	Users []schemas.User
	Roles []string
	Email string // as it was typed
	Link  string // for one who was just given it; shown once
	For   string
	OIDC  string // the name of the sign-in service, if there is one
}

func (s *Site) users(ctx context.Context, v *visit) (answer, error) {
	return s.usersWith(v, 0, "", usersPage{})
}

func (s *Site) usersWith(v *visit, status int, problem string, made usersPage) (answer, error) {
	if s.Users == nil {
		return answer{}, &console.NotFound{What: "page", Name: "of users: this process has no Kafka"}
	}
	var err error
	made.Users, err = s.Users.Users(v.session.org, "")
	made.Roles, made.Email = schemas.Roles, v.PostFormValue("email")
	if s.oidc != nil {
		made.OIDC = s.oidc.Name
	}
	return answer{status: status, name: "users", title: "Users", problem: problem, data: made}, err
}

// changeUsers adds, changes, removes, or makes a link for somebody.
func (s *Site) changeUsers(ctx context.Context, v *visit) (answer, error) {
	if s.Users == nil {
		return s.users(ctx, v)
	}
	email, role, do := strings.ToLower(strings.TrimSpace(v.PostFormValue("email"))), v.PostFormValue("role"), v.PostFormValue("do")
	v.about = strings.TrimSpace(do + " " + email + " " + role)
	var err error
	note := "Saved."
	switch do {
	case "put":
		err = s.Users.Put(ctx, schemas.User{Org: v.session.org, Email: email, Role: role, AddedBy: v.session.who})
	case "remove":
		err, note = s.Users.Remove(ctx, v.session.org, email), clip(maxShown, email)+" may not sign in any more."
	case "link":
		u, found, err := s.Users.User(v.session.org, email)
		if err != nil {
			return answer{}, err
		}
		if found {
			return s.usersWith(v, 0, "", usersPage{Link: s.link(person{org: u.Org, who: u.Email, role: u.Role}), For: u.Email})
		}
		return s.usersWith(v, http.StatusUnprocessableEntity, "There is no such user any more.", usersPage{})
	default:
		err = &schemas.InvalidQuery{Field: "do", Problem: "is nothing that can be done to a user"}
	}
	if isInvalid(err) {
		return s.usersWith(v, http.StatusUnprocessableEntity, sentence(err), usersPage{})
	}
	if err != nil {
		return answer{}, err
	}
	v.session.tell(note)
	return answer{to: "/users"}, nil
}

// maxShown is of an address.
const maxShown = 254

// current is the request's session with the role that its user has now; nil
// where there is none, or none any more.
func (s *Site) current(r *http.Request) (*session, error) {
	of := s.sessions.of(r)
	if of == nil || of.who == operator {
		return of, nil
	}
	if s.Users == nil {
		return nil, nil
	}
	u, found, err := s.Users.User(of.org, of.who)
	if err != nil {
		return nil, err
	}
	if !found {
		s.sessions.end(of)
		return nil, nil
	}
	of.mu.Lock()
	of.role = u.Role
	of.mu.Unlock()
	return of, nil
}
