// Package token keeps the tokens of the API: who may read what, for how long.
package token

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"regexp"
	"strings"
)

// prefix makes a token recognisable to whoever finds one where it should not
// be, programs that scan for secrets included.
const prefix = "ll_"

// form is ll_<organisation>.<id>.<secret>. With the first two a token is looked
// up without its secret, so that no lookup takes longer the more of a secret is
// right.
var form = regexp.MustCompile(`^ll_([a-z0-9][a-z0-9_-]{0,62})\.([a-z2-7]{13})\.([A-Z2-7]{52})$`)

// mint makes a token: 2 x 26 letters of base32 are 260 random bits.
func mint(org string) (id, secret string, hash [sha256.Size]byte) {
	id = strings.ToLower(rand.Text()[:13])
	secret = fmt.Sprintf("%s%s.%s.%s", prefix, org, id, rand.Text()+rand.Text())
	return id, secret, sha256.Sum256([]byte(secret))
}

// Org is the organisation whose token the secret claims to be, empty where it is
// none of ours.
func Org(secret string) string {
	org, _, _ := parse(secret)
	return org
}

// parse says which token a secret claims to be.
func parse(secret string) (org, id string, ok bool) {
	parts := form.FindStringSubmatch(secret)
	if parts == nil {
		return "", "", false
	}
	return parts[1], parts[2], true
}
