package schemas

import "time"

// What a token of the API permits. None implies another.
const (
	PermissionRead   = "read"   // meetings, entries, customers
	PermissionIngest = "ingest" // to bring meetings in
	PermissionAdmin  = "admin"  // connections, rules, tokens
)

// Permissions lists them.
var Permissions = []string{PermissionRead, PermissionIngest, PermissionAdmin}

// TokenRecord is a token of the API or, apart from it, when it was used: a
// process that notes a use must not write the token itself, or it could bring
// one back that was revoked meanwhile. Exactly one of both is set. Its key is
// TokenKey; a nil value revokes.
type TokenRecord struct {
	Org    string     `avro:"org"`
	ID     string     `avro:"id"`
	Token  *APIToken  `avro:"token"`
	UsedAt *time.Time `avro:"used_at"` // to the hour
}

// APIToken says what a caller may do who knows the secret.
type APIToken struct {
	Name        string     `avro:"name"`        // for people
	SecretHash  []byte     `avro:"secret_hash"` // SHA-256 of 256 random bits
	Permissions []string   `avro:"permissions"`
	Company     *string    `avro:"company"` // bound to this customer; nil is the organisation's staff
	CreatedAt   time.Time  `avro:"created_at"`
	ExpiresAt   *time.Time `avro:"expires_at"`
}

// Sorts of token records, as they stand in keys.
const (
	SortToken = "token"
	SortUse   = "use"
)

// TokenKey is the key of a record in APITokens: org/token/ID or org/use/ID.
func TokenKey(org, sort, id string) string { return org + "/" + sort + "/" + id }
