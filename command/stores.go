package command

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"leadline/deploy/boot"
	"leadline/schemas"
	"leadline/sinks/clickhouse"
	"leadline/sinks/elasticsearch"
	"leadline/sinks/sink"
)

// storeFlags say where the stores are.
type storeFlags struct {
	ClickHouse         string `name:"clickhouse-dsn" env:"CLICKHOUSE_DSN" help:"ClickHouse, for meetings: clickhouse://user:password@host:9000/database; with TLS ...:9440/database?secure=true."`
	ClickHouseCAFile   string `name:"clickhouse-ca-file" env:"CLICKHOUSE_CA_FILE" type:"path" help:"Roots to trust, in PEM, instead of the system's."`
	ClickHouseCertFile string `name:"clickhouse-cert-file" env:"CLICKHOUSE_CERT_FILE" type:"path" help:"Client certificate, in PEM."`
	ClickHouseKeyFile  string `name:"clickhouse-key-file" env:"CLICKHOUSE_KEY_FILE" type:"path" help:"Its key, in PEM."`

	Elasticsearch []string `name:"elasticsearch-url" env:"ELASTICSEARCH_URL" help:"Elasticsearch, for knowledge: http://host:9200 or https://host:9200; several with commas."`

	ElasticsearchUser     string `env:"ELASTICSEARCH_USER" help:"Its user."`
	ElasticsearchPassword string `env:"ELASTICSEARCH_PASSWORD" help:"The user's password."`
	ElasticsearchAPIKey   string `name:"elasticsearch-api-key" env:"ELASTICSEARCH_API_KEY" help:"An API key instead of both."`
	ElasticsearchCAFile   string `name:"elasticsearch-ca-file" env:"ELASTICSEARCH_CA_FILE" type:"path" help:"Roots to trust, in PEM, instead of the system's."`
	ElasticsearchCertFile string `name:"elasticsearch-cert-file" env:"ELASTICSEARCH_CERT_FILE" type:"path" help:"Client certificate, in PEM."`
	ElasticsearchKeyFile  string `name:"elasticsearch-key-file" env:"ELASTICSEARCH_KEY_FILE" type:"path" help:"Its key, in PEM."`
	ElasticsearchReplicas int    `env:"ELASTICSEARCH_REPLICAS" default:"0" help:"Copies of each shard of a new index, beside the first."`
}

// Validate names the value that is wrong, and connects to nothing.
func (f storeFlags) Validate() error {
	s, err := f.open()
	if err != nil {
		return err
	}
	return s.Close()
}

// stores are the real ones. A meeting's row is in the one and its entries in
// the other; what counts entries asks both.
type stores struct {
	*clickhouse.Store
	knowledge *elasticsearch.Store
}

// open connects to nothing yet: a store that is down is waited for.
func (f storeFlags) open() (_ *stores, err error) {
	s := new(stores)
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if f.ClickHouse != "" {
		if s.Store, err = f.clickhouse(); err != nil {
			return nil, &usageError{err}
		}
	}
	if len(f.Elasticsearch) > 0 {
		if s.knowledge, err = f.elasticsearch(); err != nil {
			return nil, &usageError{err}
		}
	}
	return s, nil
}

func (f storeFlags) clickhouse() (*clickhouse.Store, error) {
	trust := boot.TLS{Variables: "CLICKHOUSE", CAFile: f.ClickHouseCAFile, CertFile: f.ClickHouseCertFile, KeyFile: f.ClickHouseKeyFile}
	if !trust.Given() {
		return clickhouse.New(f.ClickHouse, nil)
	}
	config, err := trust.Config()
	if err != nil {
		return nil, err
	}
	return clickhouse.New(f.ClickHouse, config)
}

func (f storeFlags) elasticsearch() (*elasticsearch.Store, error) { return f.named("") }

// named opens the indices of that name; empty is the default.
func (f storeFlags) named(name string) (*elasticsearch.Store, error) {
	trust := boot.TLS{Variables: "ELASTICSEARCH", CAFile: f.ElasticsearchCAFile, CertFile: f.ElasticsearchCertFile, KeyFile: f.ElasticsearchKeyFile}
	plain := slices.ContainsFunc(f.Elasticsearch, func(address string) bool { return !strings.HasPrefix(strings.ToLower(address), "https://") })
	switch {
	case plain && trust.Given():
		return nil, errors.New("ELASTICSEARCH_CA_FILE, _CERT_FILE or _KEY_FILE is set, but not every ELASTICSEARCH_URL is https")
	case plain && (f.ElasticsearchPassword != "" || f.ElasticsearchAPIKey != ""):
		return nil, errors.New("ELASTICSEARCH_PASSWORD or ELASTICSEARCH_API_KEY would be sent in clear: not every ELASTICSEARCH_URL is https")
	}
	transport, err := trust.Transport()
	if err != nil {
		return nil, err
	}
	return elasticsearch.New(elasticsearch.Options{
		Name: name, Addresses: f.Elasticsearch, Username: f.ElasticsearchUser, Password: f.ElasticsearchPassword,
		APIKey: f.ElasticsearchAPIKey, Replicas: f.ElasticsearchReplicas, Transport: transport,
	})
}

// names are the stores that there are, as topicsOf has them.
func (s *stores) names() (all []string) {
	if s.Store != nil {
		all = append(all, "clickhouse")
	}
	if s.knowledge != nil {
		all = append(all, "elasticsearch")
	}
	return all
}

func (s *stores) whole() bool { return s.Store != nil && s.knowledge != nil }

// Close closes what was opened.
func (s *stores) Close() error {
	if s.Store == nil {
		return nil
	}
	return s.Store.Close()
}

// sinks carry the end of the pipeline into the stores that there are.
func (s *stores) sinks(p *plant, keep time.Duration) []boot.Role {
	metrics := sink.NewMetrics(p.registry)
	meetings, knowledge := s.needs()
	kafka := p.kafkaNeed(s.names()...)
	var roles []boot.Role
	if s.Store != nil {
		roles = append(roles, after([]boot.Role{
			sinkRole(p, metrics, "clickhouse-meetings", schemas.MeetingRows, s.MeetingSink(), nil, sink.ByHeader),
			sinkRole(p, metrics, "clickhouse-progress", schemas.MeetingProgress, s.ProgressSink(), sink.ByPlace, sink.ByOffset),
			sinkRole(p, metrics, "clickhouse-usage", schemas.DistillationUsage, s.UsageSink(), nil, sink.ByOffset),
			sinkRole(p, metrics, "clickhouse-hits", schemas.RuleHits, s.RuleHitSink(), nil, sink.ByOffset),
			sinkRole(p, metrics, "clickhouse-directory", schemas.Directory, s.DirectorySink(), nil, sink.ByOffset),
		}, kafka, meetings)...)
	}
	if s.knowledge != nil {
		purging := elasticsearch.NewPurging(s.knowledge, keep, p.registry, p.log)
		roles = append(roles, after([]boot.Role{
			sinkRole(p, metrics, "elasticsearch-entries", schemas.KnowledgeEntries, s.knowledge.EntrySink(), nil, sink.ByHeader),
		}, kafka, knowledge)...)
		roles = append(roles, after(p.vectors.roles(p, metrics, "elasticsearch-vectors", s.knowledge), kafka, knowledge)...)
		roles = append(roles, boot.Role{Name: "purge", Run: purging.Run, Needs: []*boot.Need{knowledge}})
	}
	return roles
}

// Meeting is the row with the number of its entries.
func (s *stores) Meeting(ctx context.Context, scope schemas.Scope, id string) (schemas.StoredMeeting, bool, error) {
	m, found, err := s.Store.Meeting(ctx, scope, id)
	if err != nil || !found {
		return m, found, err
	}
	counted, err := s.counted(ctx, scope, []schemas.StoredMeeting{m})
	if err != nil {
		return m, false, err
	}
	return counted[0], true, nil
}

// Meetings are rows with the numbers of their entries.
func (s *stores) Meetings(ctx context.Context, q schemas.MeetingQuery) ([]schemas.StoredMeeting, error) {
	all, err := s.Store.Meetings(ctx, q)
	if err != nil {
		return nil, err
	}
	return s.counted(ctx, q.Scope, all)
}

func (s *stores) counted(ctx context.Context, scope schemas.Scope, all []schemas.StoredMeeting) ([]schemas.StoredMeeting, error) {
	ids := make([]string, len(all))
	for i, m := range all {
		ids[i] = m.Row.ID
	}
	entries, err := s.knowledge.CountByMeeting(ctx, scope, ids)
	if err != nil {
		return nil, fmt.Errorf("counting entries: %w", err)
	}
	for i := range all {
		all[i].Entries = entries[all[i].Row.ID]
	}
	return all, nil
}

// Customer is the directory's and the meetings', with what there is to search.
func (s *stores) Customer(ctx context.Context, scope schemas.Scope, idOrNameOrDomain string) (schemas.Customer, bool, error) {
	c, found, err := s.Store.Customer(ctx, scope, idOrNameOrDomain)
	if err != nil || !found {
		return c, found, err
	}
	c.Distilled, err = s.knowledge.CountDistilled(ctx, scope, c.Company.ID)
	return c, err == nil, err
}

// MeetingEntries are the knowledge store's.
func (s *stores) MeetingEntries(ctx context.Context, scope schemas.Scope, id string) ([]schemas.Hit, error) {
	return s.knowledge.MeetingEntries(ctx, scope, id)
}

// Search is the knowledge store's.
func (s *stores) Search(ctx context.Context, q schemas.SearchQuery) ([]schemas.Hit, error) {
	return s.knowledge.Search(ctx, q)
}

// EntrySink is the knowledge store's.
func (s *stores) EntrySink() sink.Sink[schemas.Entry] { return s.knowledge.EntrySink() }

// Tally counts in both.
func (s *stores) Tally(ctx context.Context, org string) (schemas.Tally, error) {
	t, err := s.Store.Tally(ctx, org)
	if err != nil {
		return t, err
	}
	if t.Entries, err = s.knowledge.CountByKind(ctx, org); err != nil {
		return t, fmt.Errorf("counting entries: %w", err)
	}
	return t, nil
}

// Sources sums up in both. An entry without its meeting counts for nobody: it
// is on its way out, or its meeting on the way in.
func (s *stores) Sources(ctx context.Context, org string) ([]schemas.Holding, error) {
	all, err := s.Store.Sources(ctx, org)
	if err != nil {
		return nil, err
	}
	found, err := s.knowledge.Sources(ctx, org)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if of, known := found[all[i].Provider]; known {
			all[i].Searchable, all[i].Entries = of.Searchable, of.Entries
		}
	}
	return all, nil
}

type storesCommand struct {
	Migrate storesMigrateCommand `cmd:"" help:"Make what the stores need: tables, views, index template and aliases."`
	Check   storesCheckCommand   `cmd:"" help:"Say whether the stores are as this build wants them."`
}

type storesMigrateCommand struct{ storeFlags }

// Help shows an example.
func (*storesMigrateCommand) Help() string {
	return `Example:
  CLICKHOUSE_DSN=clickhouse://clickhouse:9000/leadline ELASTICSEARCH_URL=http://elasticsearch:9200 leadline stores migrate`
}

// Run migrates each store that is named.
func (c *storesMigrateCommand) Run(ctx context.Context) error {
	return c.each(ctx, (*clickhouse.Store).Migrate, (*elasticsearch.Store).Prepare, "is prepared")
}

type storesCheckCommand struct{ storeFlags }

// Help shows an example.
func (*storesCheckCommand) Help() string { return "Example:\n  leadline stores check" }

// Run checks each store that is named.
func (c *storesCheckCommand) Run(ctx context.Context) error {
	return c.each(ctx, (*clickhouse.Store).Check, (*elasticsearch.Store).Check, "is as it should be")
}

// each does something to each store that is named.
func (f storeFlags) each(ctx context.Context, meetings func(*clickhouse.Store, context.Context) error,
	knowledge func(*elasticsearch.Store, context.Context) error, done string,
) (err error) {
	s, err := f.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if s.Store == nil && s.knowledge == nil {
		return &usageError{errors.New("neither CLICKHOUSE_DSN nor ELASTICSEARCH_URL is set")}
	}
	if s.Store != nil {
		if err := meetings(s.Store, ctx); err != nil {
			return err
		}
		fmt.Println("ClickHouse " + done + ".")
	}
	if s.knowledge != nil {
		if err := knowledge(s.knowledge, ctx); err != nil {
			return err
		}
		fmt.Println("Elasticsearch " + done + ".")
	}
	return nil
}

type reindexCommand struct {
	storeFlags
	RemoveOld bool `help:"Also remove the indices that nothing points to any more."`
}

// Help says when.
func (*reindexCommand) Help() string {
	return `After an upgrade that changes the mapping (leadline stores check says so): makes the next index, copies while sinks
write, and switches the aliases. After an error run it again.

Example:
  ELASTICSEARCH_URL=http://elasticsearch:9200 leadline reindex --remove-old`
}

// Run reindexes.
func (c *reindexCommand) Run(ctx context.Context) error {
	if len(c.Elasticsearch) == 0 {
		return &usageError{errors.New("ELASTICSEARCH_URL is not set")}
	}
	knowledge, err := c.elasticsearch()
	if err != nil {
		return &usageError{err}
	}
	done, err := knowledge.Reindex(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("%d documents copied from %s to %s.\n", done.Copied, done.From, done.To)
	if !c.RemoveOld {
		return nil
	}
	removed, err := knowledge.RemoveOld(ctx)
	if err != nil {
		return err
	}
	fmt.Println("Removed:", removed)
	return nil
}
