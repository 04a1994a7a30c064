package pages

import (
	"context"
	"errors"

	"leadline/schemas"
)

// route is one page or form: how it is reached, who may, and what it does.
type route struct {
	pattern string
	role    string // the least that is wanted
	do      func(context.Context, *visit) (answer, error)
}

// routes is every page of those who are signed in.
func (s *Site) routes() []route {
	return []route{
		{"POST /signout", schemas.RoleReadOnly, s.signOut},
		{"GET /meetings", schemas.RoleReadOnly, s.meetings},
		{"GET /meeting", schemas.RoleReadOnly, s.meeting},
		{"GET /meeting/versions", schemas.RoleReadOnly, s.versions},
		{"GET /customers", schemas.RoleReadOnly, s.customers},
		{"GET /customer", schemas.RoleReadOnly, s.customer},
		{"GET /search", schemas.RoleReadOnly, s.search},
		{"GET /sources", schemas.RoleReadOnly, s.sources},
		{"GET /trends", schemas.RoleReadOnly, s.trends},
		{"GET /unmatched", schemas.RoleReadOnly, s.unmatched},
		{"POST /unmatched", schemas.RoleMember, s.resolve},
		{"GET /rules", schemas.RoleReadOnly, s.rules},
		{"POST /rules", schemas.RoleMember, s.changeRules},
		{"GET /integrations", schemas.RoleReadOnly, s.integrations},
		{"POST /integrations", schemas.RoleAdmin, s.connect},
		{"GET /integration", schemas.RoleReadOnly, s.integration},
		{"GET /integration/end", schemas.RoleAdmin, s.ending},
		{"POST /integration/sync", schemas.RoleMember, s.sync},
		{"POST /integration/ingest", schemas.RoleAdmin, s.ingest},
		{"POST /integration/end", schemas.RoleAdmin, s.end},
		{"GET /users", schemas.RoleAdmin, s.users},
		{"POST /users", schemas.RoleAdmin, s.changeUsers},
		{"GET /changes", schemas.RoleAdmin, s.audit},
		{"GET /flow", schemas.RoleReadOnly, s.flow},
		{"GET /deadletter", schemas.RoleAdmin, s.deadLetter},
		{"POST /deadletters", schemas.RoleAdmin, s.replay},
	}
}

// liveRoutes are parts of pages that are sent again whenever they change.
func (s *Site) liveRoutes() []route {
	return []route{
		{"GET /integration/live", schemas.RoleReadOnly, s.integrationNow},
		{"GET /flow/live", schemas.RoleReadOnly, s.flowNow},
	}
}

// errRole is what somebody asks for whose role does not go so far.
var errRole = errors.New("Your role does not permit this. Ask an admin of your organisation.") //nolint:staticcheck // shown on a page

func (v *visit) checkRole(wanted string) error {
	if !v.session.may(wanted) {
		return errRole
	}
	return nil
}
