package zoom

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Credential is what a server-to-server OAuth app of Zoom shows on its page.
type Credential struct {
	AccountID    string `json:"account_id"`
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
}

// Text is the credential as one text, to be sealed.
func (c Credential) Text() (string, error) {
	if err := c.check(); err != nil {
		return "", err
	}
	text, err := json.Marshal(map[string]string{
		"account_id": c.AccountID, "client_id": c.ClientID, "client_secret": c.ClientSecret,
	})
	return string(text), err
}

// parseCredential reads Text. Its error shows nothing of it.
func parseCredential(text string) (Credential, error) {
	var c Credential
	if json.Unmarshal([]byte(text), &c) != nil {
		return Credential{}, errors.New("credential of Zoom is not what connecting made")
	}
	return c, c.check()
}

// String keeps the secret out of logs that print a credential.
func (c Credential) String() string { return "zoom credential of account " + c.AccountID }

// GoString is what %#v prints.
func (c Credential) GoString() string { return c.String() }

// maxField is some ten times what Zoom gives out.
const maxField = 256

func (c Credential) check() error {
	for _, f := range []struct{ name, value string }{
		{"account id", c.AccountID}, {"client id", c.ClientID}, {"client secret", c.ClientSecret},
	} {
		if f.value == "" || len(f.value) > maxField || strings.ContainsFunc(f.value, notVisibleASCII) {
			return fmt.Errorf("%s of Zoom: want 1 to %d visible ASCII characters", f.name, maxField)
		}
	}
	// Basic authentication splits at the first colon.
	if strings.Contains(c.ClientID, ":") {
		return errors.New("client id of Zoom: want no colon")
	}
	return nil
}

func notVisibleASCII(r rune) bool { return r <= ' ' || r > '~' }
