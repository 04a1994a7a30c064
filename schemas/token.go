package schemas

// What a token of the API permits. None implies another.
const (
	PermissionRead   = "read"   // meetings, entries, customers
	PermissionIngest = "ingest" // to bring meetings in
	PermissionAdmin  = "admin"  // connections, rules, tokens
)

// Permissions lists them.
var Permissions = []string{PermissionRead, PermissionIngest, PermissionAdmin}
