package boot

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/sr"

	"leadline/schemas"
)

// Registry says where the schema registry is and how it knows us.
type Registry struct {
	URL string // with the path before /subjects
	// User and Password, or the id and the secret of an API key; both empty for
	// one that asks for nothing.
	User, Password string
	PasswordFile   string // instead of Password; read when a client is made
	Trust          TLS
}

// registryTimeout is for one request: a registry on Kafka answers from memory.
const registryTimeout = 5 * time.Second

// Client checks what it is made from, and connects to nothing yet.
func (r Registry) Client() (*sr.Client, error) {
	u, err := url.Parse(r.URL)
	switch {
	case err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "":
		return nil, errors.New("SCHEMA_REGISTRY_URL is no http or https address")
	case u.User != nil:
		return nil, errors.New("SCHEMA_REGISTRY_URL holds a user, which errors would print: SCHEMA_REGISTRY_USER and _PASSWORD are for that")
	case u.Scheme != "https" && r.Trust.Given():
		return nil, errors.New("SCHEMA_REGISTRY_CA_FILE, _CERT_FILE or _KEY_FILE is set, but SCHEMA_REGISTRY_URL is not https")
	case u.Scheme != "https" && r.User != "":
		return nil, errors.New("SCHEMA_REGISTRY_PASSWORD would be sent in clear: SCHEMA_REGISTRY_URL is not https")
	case r.Password != "" && r.PasswordFile != "":
		return nil, errors.New("SCHEMA_REGISTRY_PASSWORD and SCHEMA_REGISTRY_PASSWORD_FILE are both set")
	case (r.User == "") != (r.Password == "" && r.PasswordFile == ""):
		return nil, errors.New("SCHEMA_REGISTRY_USER and SCHEMA_REGISTRY_PASSWORD go together")
	}
	if r.PasswordFile != "" {
		raw, err := os.ReadFile(r.PasswordFile)
		if err != nil {
			return nil, fmt.Errorf("SCHEMA_REGISTRY_PASSWORD_FILE: %w", err)
		}
		r.Password = strings.TrimRight(string(raw), "\r\n")
	}
	transport, err := r.Trust.Transport()
	if err != nil {
		return nil, err
	}
	opts := []sr.ClientOpt{sr.URLs(r.URL), sr.HTTPClient(&http.Client{
		Transport: transport, Timeout: registryTimeout,
		// Where it points to may be plain text, and is nowhere that was configured.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	})}
	if r.User != "" {
		opts = append(opts, sr.BasicAuth(r.User, r.Password))
	}
	client, err := sr.NewClient(opts...)
	if err != nil {
		return nil, fmt.Errorf("building the schema registry's client: %w", err)
	}
	return client, nil
}

// Codec asks the registry for this build's schemas.
func (r Registry) Codec(ctx context.Context) (*schemas.Codec, error) {
	client, err := r.Client()
	if err != nil {
		return nil, err
	}
	codec, err := schemas.OpenCodec(ctx, client)
	if err != nil {
		return nil, fmt.Errorf("schema registry %s: %w", r.URL, err)
	}
	return codec, nil
}

// RegisterSchemas registers every schema of this build, oldest first, after the
// registry has found each compatible with what it has. It is for the time of
// deployment; nothing registers while it runs. Doing it again changes nothing.
func RegisterSchemas(ctx context.Context, registry *sr.Client) (registered int, err error) {
	all, err := schemas.Manifest()
	if err != nil {
		return 0, err
	}
	for _, r := range all {
		schema := sr.Schema{Schema: r.Text}
		if _, err := registry.LookupSchema(ctx, r.Subject, schema); err == nil {
			continue
		}
		found, err := registry.CheckCompatibility(ctx, r.Subject, -1, schema)
		if err != nil && !noSuchSubject(err) {
			return registered, fmt.Errorf("asking whether %s version %d is compatible: %w", r.Subject, r.Version, err)
		}
		if err == nil && !found.Is {
			return registered, fmt.Errorf("the registry holds a schema of %s that version %d is not compatible with: another build is newer than this one, or somebody else writes to that topic", r.Subject, r.Version)
		}
		if _, err := registry.CreateSchema(ctx, r.Subject, schema); err != nil {
			return registered, fmt.Errorf("registering %s version %d: %w", r.Subject, r.Version, err)
		}
		registered++
		// A registry's own default may be NONE, and then anybody's next schema
		// could be one that this build cannot read.
		for _, set := range registry.SetCompatibility(ctx, sr.SetCompatibility{Level: sr.CompatBackward}, r.Subject) {
			if set.Err != nil {
				return registered, fmt.Errorf("setting the compatibility of %s: %w", r.Subject, set.Err)
			}
		}
	}
	return registered, nil
}

// noSuchSubject is the registry's answer where there is nothing to be
// compatible with: code 40401 (subject) or 40402 (version).
func noSuchSubject(err error) bool {
	var answer *sr.ResponseError
	return errors.As(err, &answer) && (answer.ErrorCode == 40401 || answer.ErrorCode == 40402)
}
