// Package people keeps who may sign in to the console, and as what.
package people

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/deploy/boot/table"
	"leadline/schemas"
)

const (
	// maxAge is how long the copy is believed while Kafka is away: who was removed
	// elsewhere meanwhile sees nothing for longer than that.
	maxAge = 15 * time.Minute
	// perOrg bounds what one admin can fill the memory of all with.
	perOrg   = 5000
	maxEmail = 254
)

// ErrStale says that it is not known this time who may sign in.
var ErrStale = errors.New("the copy of the users is too old")

// Options are what a Book works with. All are required.
type Options struct {
	Kafka   []kgo.Opt
	Codec   *schemas.Codec
	Log     *slog.Logger
	Metrics prometheus.Registerer
}

// Book is all users, and how they change. It is safe for concurrent use.
type Book struct {
	table *table.Table[schemas.User]
}

// New returns a Book that Run fills.
func New(o Options) *Book {
	return &Book{table: table.New(table.Options[schemas.User]{
		Topic: schemas.Users, Key: func(u *schemas.User) string { return schemas.UserKey(u.Org, u.Email) },
		Kafka: o.Kafka, Codec: o.Codec, Log: o.Log, Metrics: o.Metrics, Area: "console_people",
	})}
}

// Run follows the users until ctx ends, and then returns nil.
func (b *Book) Run(ctx context.Context) error { return b.table.Run(ctx) }

// Ready returns when the users are known, or with ctx's error.
func (b *Book) Ready(ctx context.Context) error { return b.table.Ready(ctx) }

// User is one of an organisation. The error is ErrStale.
func (b *Book) User(org, email string) (schemas.User, bool, error) {
	if age, known := b.table.Age(); !known || age > maxAge {
		return schemas.User{}, false, ErrStale
	}
	u, found := b.table.Get(schemas.UserKey(org, strings.ToLower(email)))
	return u, found, nil
}

// Users are those of an organisation or, where it is empty, those that have the
// address in any; by address.
func (b *Book) Users(org, email string) ([]schemas.User, error) {
	if age, known := b.table.Age(); !known || age > maxAge {
		return nil, ErrStale
	}
	var all []schemas.User
	for _, u := range b.table.All() {
		if (org == "" || u.Org == org) && (email == "" || u.Email == strings.ToLower(email)) {
			all = append(all, u)
		}
	}
	slices.SortFunc(all, func(a, c schemas.User) int {
		return cmp.Or(strings.Compare(a.Email, c.Email), strings.Compare(a.Org, c.Org))
	})
	return all, nil
}

// Put adds a user or gives them another role. What is wrong is an
// *schemas.InvalidQuery.
func (b *Book) Put(ctx context.Context, u schemas.User) error {
	u.Email = strings.ToLower(strings.TrimSpace(u.Email))
	u.AddedAt = time.Now().UTC().Truncate(time.Millisecond)
	if err := check(u); err != nil {
		return err
	}
	all, err := b.Users(u.Org, "")
	if err != nil {
		return err
	}
	key := schemas.UserKey(u.Org, u.Email)
	if _, known := b.table.Get(key); !known && len(all) >= perOrg {
		return &schemas.InvalidQuery{Field: "email", Problem: fmt.Sprintf("is one too many: there are %d users", perOrg)}
	}
	return b.table.Put(ctx, map[string]*schemas.User{key: &u})
}

// Remove takes the right to sign in away; sessions end with the next page. One
// who is not there is no error.
func (b *Book) Remove(ctx context.Context, org, email string) error {
	key := schemas.UserKey(org, email)
	if _, found := b.table.Get(key); !found {
		return nil
	}
	return b.table.Put(ctx, map[string]*schemas.User{key: nil})
}

func check(u schemas.User) error {
	if err := schemas.CheckOrg(u.Org); err != nil {
		return &schemas.InvalidQuery{Field: "org", Problem: err.Error()}
	}
	// A slash would be a part of the key.
	parsed, err := mail.ParseAddress(u.Email)
	if err != nil || parsed.Address != u.Email || len(u.Email) > maxEmail || strings.Contains(u.Email, "/") {
		return &schemas.InvalidQuery{Field: "email", Problem: "is no e-mail address"}
	}
	if !slices.Contains(schemas.Roles, u.Role) {
		return &schemas.InvalidQuery{Field: "role", Problem: fmt.Sprintf("%.40q is none of %q", u.Role, schemas.Roles)}
	}
	return nil
}
