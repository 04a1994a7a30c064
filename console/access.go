package console

import (
	"context"
	"slices"

	"leadline/schemas"
)

// Access is what a request may do, as its token says.
type Access struct {
	Token       string   // its id, as in metrics and logs
	Org         string   // the only organisation; empty is every one, for the instance's own token
	Company     string   // the only customer; empty is the organisation's staff
	Permissions []string // schemas.PermissionRead, ...
}

// instanceToken is the id of that token; those of organisations have 13 letters.
const instanceToken = "instance"

// instanceAccess is that of the token that comes with the process.
func instanceAccess() Access {
	return Access{Token: instanceToken, Permissions: []string{schemas.PermissionRead, schemas.PermissionIngest, schemas.PermissionAdmin}}
}

// instance says whether it is that of the process.
func (a Access) instance() bool { return a.Token == instanceToken }

// may says whether the route is open to it.
func (a Access) may(t route) bool {
	return t.permission == "" || slices.Contains(a.Permissions, t.permission) && (!t.staff || a.Company == "")
}

// Scope narrows the access to what was asked for. It never widens: what is
// outside is errForbidden, and says so before any store is asked, so that the
// answer does not tell whether it exists.
func (a Access) Scope(asked schemas.Scope) (schemas.Scope, error) {
	if a.Org != "" && asked.Org != a.Org {
		return schemas.Scope{}, errForbidden
	}
	if a.Company != "" {
		if asked.Company != "" && asked.Company != a.Company {
			return schemas.Scope{}, errForbidden
		}
		asked.Company = a.Company
	}
	if asked.Company != "" || asked.EndUser != "" {
		asked.HeldBack = false
	}
	return asked, nil
}

type accessKey struct{}

// AccessOf is that of the request which a handler behind the API's gate serves.
// Elsewhere it permits nothing.
func AccessOf(ctx context.Context) Access {
	access, _ := ctx.Value(accessKey{}).(Access)
	return access
}
