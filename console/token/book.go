package token

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/deploy/boot/table"
	"leadline/schemas"
)

const (
	// maxAge is how long the copy is believed while Kafka is away: reads do not
	// end with the first minute of its trouble, and what was revoked elsewhere
	// meanwhile opens nothing for longer than that.
	maxAge = 15 * time.Minute

	// perOrg bounds what one administrator can fill the memory of all with.
	perOrg = 500

	// maxName and maxLife are for people: a name is a line, and who wants a
	// token for longer can leave its end out.
	maxName = 100
	maxLife = 10 * 365 * 24 * time.Hour
)

// ErrStale says that it is not known this time what a token permits.
var ErrStale = errors.New("the copy of the tokens is too old")

// Options are what a Book works with.
type Options struct {
	Kafka   []kgo.Opt
	Codec   *schemas.Codec
	Log     *slog.Logger
	Metrics prometheus.Registerer
}

// Book is all tokens, and how they change. It is safe for concurrent use.
type Book struct {
	options Options
	table   *table.Table[schemas.TokenRecord]
	failed  prometheus.Counter

	mu   sync.Mutex
	used map[string]schemas.TokenRecord // key of the use -> what is to be written
}

// New returns a Book that Run fills.
func New(o Options) *Book {
	b := &Book{
		options: o, used: make(map[string]schemas.TokenRecord),
		table: table.New(table.Options[schemas.TokenRecord]{
			Topic: schemas.APITokens, Key: keyOf, Kafka: o.Kafka, Codec: o.Codec, Log: o.Log, Metrics: o.Metrics, Area: "console_token",
		}),
		failed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "leadline_console_token_use_failures_total", Help: "Times it could not be written when tokens were used; it is tried again.",
		}),
	}
	o.Metrics.MustRegister(b.failed)
	return b
}

// keyOf is the key of a record; what is both or neither has none.
func keyOf(r *schemas.TokenRecord) string {
	switch {
	case r.Token != nil && r.UsedAt == nil:
		return schemas.TokenKey(r.Org, schemas.SortToken, r.ID)
	case r.Token == nil && r.UsedAt != nil:
		return schemas.TokenKey(r.Org, schemas.SortUse, r.ID)
	}
	return ""
}

// Ready returns when the tokens are known, or with ctx's error.
func (b *Book) Ready(ctx context.Context) error { return b.table.Ready(ctx) }

// Verify returns the token that the secret is of. What was never made, has
// ended or was revoked is false; the error is ErrStale. It notes the use.
func (b *Book) Verify(secret string) (schemas.TokenRecord, bool, error) {
	org, id, ok := parse(secret)
	if !ok {
		return schemas.TokenRecord{}, false, nil
	}
	if age, known := b.table.Age(); !known || age > maxAge {
		return schemas.TokenRecord{}, false, ErrStale
	}
	r, found := b.table.Get(schemas.TokenKey(org, schemas.SortToken, id))
	given := sha256.Sum256([]byte(secret))
	var kept []byte
	if found {
		kept = r.Token.SecretHash
	}
	now := time.Now()
	if subtle.ConstantTimeCompare(given[:], kept) != 1 || r.Token.ExpiresAt != nil && !now.Before(*r.Token.ExpiresAt) {
		return schemas.TokenRecord{}, false, nil
	}
	b.note(r, now)
	return r, true, nil
}

// Listed is a token as people see it.
type Listed struct {
	schemas.TokenRecord
	UsedAt *time.Time // the hour of the last use
}

// List returns the organisation's tokens, oldest first.
func (b *Book) List(org string) []Listed {
	var all []Listed
	rows := b.table.All()
	for key, r := range rows {
		if r.Org != org || r.Token == nil || key == "" {
			continue
		}
		l := Listed{TokenRecord: r}
		if use, ok := rows[schemas.TokenKey(org, schemas.SortUse, r.ID)]; ok {
			l.UsedAt = use.UsedAt
		}
		all = append(all, l)
	}
	slices.SortFunc(all, func(x, y Listed) int {
		return cmp.Or(x.Token.CreatedAt.Compare(y.Token.CreatedAt), strings.Compare(x.ID, y.ID))
	})
	return all
}

// Create makes a token, and returns its secret: nobody will know it again. The
// hash, the id and the time are its own to set. What is wrong with it is an
// *schemas.InvalidQuery.
func (b *Book) Create(ctx context.Context, org string, t schemas.APIToken) (schemas.TokenRecord, string, error) {
	now := time.Now().UTC().Truncate(time.Millisecond)
	if err := check(org, t, now); err != nil {
		return schemas.TokenRecord{}, "", err
	}
	if len(b.List(org)) >= perOrg {
		return schemas.TokenRecord{}, "", wrong("org", "has %d tokens already: revoke some", perOrg)
	}
	id, secret, hash := mint(org)
	t.SecretHash, t.CreatedAt = hash[:], now
	r := schemas.TokenRecord{Org: org, ID: id, Token: &t}
	if err := b.table.Put(ctx, map[string]*schemas.TokenRecord{keyOf(&r): &r}); err != nil {
		return schemas.TokenRecord{}, "", fmt.Errorf("making a token: %w", err)
	}
	return r, secret, nil
}

// Revoke ends a token. From its return on this process refuses it; others do
// when they have read so, which takes them a moment.
func (b *Book) Revoke(ctx context.Context, org, id string) (found bool, err error) {
	key := schemas.TokenKey(org, schemas.SortToken, id)
	if _, found := b.table.Get(key); !found {
		return false, nil
	}
	err = b.table.Put(ctx, map[string]*schemas.TokenRecord{key: nil, schemas.TokenKey(org, schemas.SortUse, id): nil})
	if err != nil {
		return true, fmt.Errorf("revoking a token: %w", err)
	}
	return true, nil
}

func check(org string, t schemas.APIToken, now time.Time) error {
	if err := schemas.CheckOrg(org); err != nil {
		return wrong("org", "%s", err)
	}
	switch {
	case strings.TrimSpace(t.Name) == "" || len(t.Name) > maxName || !utf8.ValidString(t.Name) || strings.ContainsFunc(t.Name, unicode.IsControl):
		return wrong("name", "want 1 to %d bytes of printable text", maxName)
	case len(t.Permissions) == 0:
		return wrong("permissions", "want one or more of %q", schemas.Permissions)
	case t.Company != nil && (*t.Company == "" || len(*t.Company) > 400):
		return wrong("customer", "want an id of 1 to 400 bytes")
	case t.Company != nil && !slices.Equal(t.Permissions, []string{schemas.PermissionRead}):
		return wrong("permissions", "a token that is bound to a customer may only read")
	case t.ExpiresAt != nil && (!t.ExpiresAt.After(now) || t.ExpiresAt.Sub(now) > maxLife):
		return wrong("expires_at", "want a time to come, within ten years")
	}
	for i, p := range t.Permissions {
		if !slices.Contains(schemas.Permissions, p) || slices.Contains(t.Permissions[:i], p) {
			return wrong("permissions", "%.40q is none of %q, or twice", p, schemas.Permissions)
		}
	}
	return nil
}

func wrong(field, problem string, args ...any) error {
	return &schemas.InvalidQuery{Field: field, Problem: fmt.Sprintf(problem, args...)}
}
