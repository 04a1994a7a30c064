package schemas

import (
	"slices"
	"time"
)

// Roles of the people of an organisation, each with the rights of those before.
const (
	RoleReadOnly = "read_only" // sees everything of the organisation
	RoleMember   = "member"    // resolves unmatched meetings, changes rules, asks for syncs
	RoleAdmin    = "admin"     // connects and erases, replays, says who the people are
)

// Roles lists them by rising rights.
var Roles = []string{RoleReadOnly, RoleMember, RoleAdmin}

// MayAs says whether somebody with the role may do what wants another. A role
// that there is not may do nothing.
func MayAs(role, wanted string) bool {
	has, wants := slices.Index(Roles, role), slices.Index(Roles, wanted)
	return has >= 0 && wants >= 0 && has >= wants
}

// User is somebody who may sign in to the console of an organisation. Its key is
// UserKey; a nil value takes the right away.
type User struct {
	Org     string    `avro:"org"`
	Email   string    `avro:"email"` // in lower case; what a sign-in service says of them
	Role    string    `avro:"role"`  // one of Roles
	AddedBy string    `avro:"added_by"`
	AddedAt time.Time `avro:"added_at"`
}

// UserKey is the key of a User.
func UserKey(org, email string) string { return org + "/" + email }

// Results of what an AuditEntry tells of.
const (
	AuditDone    = "done"
	AuditRefused = "refused" // the role or the request did not permit it, and nothing was changed
	AuditFailed  = "failed"  // some of it may have been done
)

// AuditEntry tells who changed what, or tried to. Its key is the organisation.
type AuditEntry struct {
	Org    string    `avro:"org"`
	At     time.Time `avro:"at"`
	Who    string    `avro:"who"`    // an e-mail address, operator, token and its id, or command line and its user
	Role   string    `avro:"role"`   // of the person; empty for a token
	Action string    `avro:"action"` // of the page's form or the API's route: rules, create_token
	About  string    `avro:"about"`  // what was changed, as it was named
	Result string    `avro:"result"` // one of Audit...
}
