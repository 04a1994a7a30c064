package console

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"
)

// authenticate says what the request's token permits. It compares digests:
// they are of one length, so that the time tells nothing about the token, not
// even its length.
func (a *api) authenticate(r *http.Request) (Access, error) {
	scheme, token, found := strings.Cut(r.Header.Get("Authorization"), " ")
	if !found || !strings.EqualFold(scheme, "Bearer") {
		return Access{}, errUnauthorized
	}
	given := sha256.Sum256([]byte(token))
	if subtle.ConstantTimeCompare(given[:], a.token[:]) == 1 && a.Token != "" {
		return instance(), nil
	}
	return Access{}, errUnauthorized
}
