// Package elasticsearch is the store of knowledge entries for a team: passages
// of meetings in Elasticsearch 8, searched each in its own language.
//
// What is gone stays as a tombstone, a document without words. Elasticsearch
// remembers the version of a deleted document for index.gc_deletes only (60
// seconds), and then an older write, of a replay or of a sink that was asleep,
// would bring it back. The alias for reading leaves tombstones out; Purge
// removes the old ones.
package elasticsearch

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"sync"
	"time"

	client "github.com/elastic/go-elasticsearch/v8"

	"leadline/sinks/embedding"
)

// DefaultName is the alias that is read; what writes is at the same with
// "-write", and what holds the documents at the same with a number.
const DefaultName = "leadline-knowledge"

// Options say where Elasticsearch is and how the indices are to be made.
type Options struct {
	Addresses []string // http or https URLs of some nodes
	// APIKey, or else Username and Password; all empty for a cluster without
	// security.
	Username, Password, APIKey string

	Name     string // of the aliases; empty is DefaultName
	Shards   int    // of a new index; 0 is 1, enough for some 50 GB
	Replicas int    // of each shard; 0 suits a single node only
	// BulkBytes is how long the body of one request gets; 0 is 8 MiB. A document
	// that is longer goes alone.
	BulkBytes int

	Transport http.RoundTripper // whom it trusts, and shows; nil is net/http's own

	fields    object // in the mapping beside ours: as those of another build
	pageBytes int    // how much is read of documents at a time, unless one alone is longer; 0 is 16 MiB
}

// Store is a store of knowledge entries. It is safe for concurrent use.
type Store struct {
	client  *client.BaseClient
	options Options
	schema  indexSchema
	// opening and closing mark what is highlighted: characters of the planes
	// for private use, drawn anew for each Store. A text that holds one of them
	// loses its marks.
	opening, closing string

	questions embedding.Asker // nil: searches are by words alone
	serving   struct {
		sync.Mutex
		at    time.Time // when it was asked for
		space embedding.Space
		is    bool
	}
}

// validName is narrower than what Elasticsearch takes: no comma, star or
// leading sign, which mean something where names are listed.
var validName = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,99}$`)

// New checks the options. It does not connect.
func New(o Options) (*Store, error) {
	if o.Name == "" {
		o.Name = DefaultName
	}
	if o.Shards == 0 {
		o.Shards = 1
	}
	if o.BulkBytes == 0 {
		o.BulkBytes = 8 << 20
	}
	if o.pageBytes == 0 {
		o.pageBytes = 16 << 20
	}
	if err := o.check(); err != nil {
		return nil, fmt.Errorf("elasticsearch: %w", err)
	}
	schema, err := newIndexSchema(o.fields)
	if err != nil {
		return nil, fmt.Errorf("elasticsearch: %w", err)
	}
	c, err := client.NewBaseClient(client.Config{
		Addresses: o.Addresses, Username: o.Username, Password: o.Password, APIKey: o.APIKey,
		Transport: o.Transport,
		// The sinks' loop tries again with a pause. A client that does so at once
		// adds load to a cluster that has just said it has too much.
		DisableRetry: true,
	})
	if err != nil {
		return nil, fmt.Errorf("elasticsearch: %w", err)
	}
	return &Store{
		client: c, options: o, schema: schema,
		opening: string(rune(0xF0000 + rand.N(0xFFFE))),  //nolint:gosec // no secret: it must only be rare in what people say
		closing: string(rune(0x100000 + rand.N(0xFFFE))), //nolint:gosec // likewise
	}, nil
}

func (o Options) check() error {
	// Without an address the client would take one from the environment.
	if len(o.Addresses) == 0 {
		return errors.New("no address is given")
	}
	for _, a := range o.Addresses {
		u, err := url.Parse(a)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
			return errors.New("an address is no http or https URL") // which may hold a password
		}
	}
	switch {
	case !validName.MatchString(o.Name):
		return fmt.Errorf("name %.100q: want %s", o.Name, validName)
	case o.Shards < 1 || o.Replicas < 0:
		return fmt.Errorf("%d shards with %d replicas each", o.Shards, o.Replicas)
	case o.BulkBytes < 0:
		return fmt.Errorf("%d bytes a request", o.BulkBytes)
	}
	return nil
}

func (s *Store) readAlias() string  { return s.options.Name }
func (s *Store) writeAlias() string { return s.options.Name + "-write" }
