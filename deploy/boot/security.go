package boot

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/oauth"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

// Security says how a process proves who it is to the brokers, and how it knows
// them.
type Security struct {
	TLS   bool
	Trust TLS // where there is TLS

	Mechanism string // "", PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER
	User      string
	// PasswordFile is read at each connection, so that a rotated password needs
	// no restart; it holds the token where the mechanism is OAUTHBEARER.
	PasswordFile string
	Password     string
}

// Options are the client's part of it.
func (s Security) Options() ([]kgo.Opt, error) {
	var opts []kgo.Opt
	if s.TLS {
		config, err := s.Trust.Config()
		if err != nil {
			return nil, err
		}
		opts = append(opts, kgo.DialTLSConfig(config))
	} else if s.Trust.Given() {
		return nil, errors.New("KAFKA_TLS_* is set, but KAFKA_SECURITY does not ask for TLS")
	}
	switch s.Mechanism {
	case "":
		return opts, nil
	case "PLAIN":
		if !s.TLS {
			return nil, errors.New("KAFKA_SASL_MECHANISM=PLAIN without TLS would send the password in clear")
		}
		return append(opts, kgo.SASL(plain.Plain(func(context.Context) (plain.Auth, error) {
			password, err := s.secret()
			return plain.Auth{User: s.User, Pass: password}, err
		}))), nil
	case "SCRAM-SHA-256", "SCRAM-SHA-512":
		auth := func(context.Context) (scram.Auth, error) {
			password, err := s.secret()
			return scram.Auth{User: s.User, Pass: password}, err
		}
		if s.Mechanism == "SCRAM-SHA-256" {
			return append(opts, kgo.SASL(scram.Sha256(auth))), nil
		}
		return append(opts, kgo.SASL(scram.Sha512(auth))), nil
	case "OAUTHBEARER":
		if !s.TLS {
			return nil, errors.New("KAFKA_SASL_MECHANISM=OAUTHBEARER without TLS would send the token in clear")
		}
		return append(opts, kgo.SASL(oauth.Oauth(func(context.Context) (oauth.Auth, error) {
			token, err := s.secret()
			return oauth.Auth{Token: token}, err
		}))), nil
	}
	return nil, fmt.Errorf("KAFKA_SASL_MECHANISM=%q: want PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER", s.Mechanism)
}

func (s Security) secret() (string, error) {
	if s.PasswordFile == "" {
		return s.Password, nil
	}
	raw, err := os.ReadFile(s.PasswordFile)
	if err != nil {
		return "", fmt.Errorf("reading KAFKA_SASL_PASSWORD_FILE: %w", err)
	}
	return strings.TrimRight(string(raw), "\r\n"), nil
}
