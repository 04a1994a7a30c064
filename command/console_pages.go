package command

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"leadline/console"
	"leadline/console/audit"
	"leadline/console/hops"
	"leadline/console/pages"
	"leadline/console/people"
	"leadline/console/tail"
	"leadline/deploy/boot"
	"leadline/deploy/boot/table"
	"leadline/ingress/directory"
	"leadline/ingress/rules"
	"leadline/schemas"
)

// pageFlags are for what people open in a browser.
type pageFlags struct {
	KafkaUI string `name:"kafka-ui-url" env:"LEADLINE_KAFKA_UI_URL" help:"Address of the cluster in Kafka UI, for links: http://localhost:8080/ui/clusters/leadline."`

	FathomURL string `name:"fathom-base-url" env:"FATHOM_BASE_URL" help:"Another address of Fathom's API for what is connected in a browser: a simulator."`

	OIDCIssuer   string `name:"oidc-issuer" env:"LEADLINE_OIDC_ISSUER" help:"Sign-in service that speaks OpenID Connect. Its users need to be users of an organisation, too."`
	OIDCClient   string `name:"oidc-client-id" env:"LEADLINE_OIDC_CLIENT_ID" help:"What it knows this console by."`
	OIDCSecret   string `name:"oidc-client-secret" env:"LEADLINE_OIDC_CLIENT_SECRET" help:"The secret that goes with it. Better in the environment than on the command line."`
	OIDCName     string `name:"oidc-name" env:"LEADLINE_OIDC_NAME" default:"your organisation's account" help:"What its button says after: Sign in with."`
	OIDCRedirect string `name:"console-url" env:"LEADLINE_CONSOLE_URL" help:"Address of this console in browsers; the service sends them back to it, at /signin/oidc/callback."`

	Proxies []netip.Prefix `name:"trusted-proxies" env:"LEADLINE_TRUSTED_PROXIES" help:"Proxies before the console, as 10.0.0.0/8,127.0.0.1/32: their X-Forwarded-For says whose tries to sign in are counted."`
}

// check names the flag that is wrong.
func (f pageFlags) check() error {
	for _, a := range []struct{ flag, value string }{
		{"--kafka-ui-url", f.KafkaUI}, {"--fathom-base-url", f.FathomURL}, {"--oidc-issuer", f.OIDCIssuer}, {"--console-url", f.OIDCRedirect},
	} {
		if a.value == "" {
			continue
		}
		u, err := url.Parse(a.value)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return fmt.Errorf("%s=%q: want an http or https address", a.flag, a.value)
		}
	}
	if f.OIDCIssuer != "" && (f.OIDCClient == "" || f.OIDCSecret == "" || f.OIDCRedirect == "") {
		return errors.New("--oidc-issuer wants --oidc-client-id, --oidc-client-secret and --console-url")
	}
	return nil
}

// staff is what the API and the pages change things with; nil where there is no
// Kafka, or no keyset for the connections.
type staff struct {
	book      *rules.Book
	writer    *directory.Writer
	directory *console.Directory
	known     *connections
	people    *people.Book
	log       *audit.Log
	pending   pendingMeetings
}

// staff needs the roles that come with it.
func (p *plant) staff(store console.Store, book *rules.Book) (*staff, []boot.Role, error) {
	writer, err := directory.NewWriter(p.kafka, p.codec, p.registry)
	if err != nil {
		return nil, nil, err
	}
	log, err := audit.New(audit.Options{Kafka: p.kafka, Codec: p.codec, Log: p.log, Metrics: p.registry})
	if err != nil {
		writer.Close()
		return nil, nil, err
	}
	s := &staff{
		book: book, writer: writer, directory: console.NewDirectory(store, writer), log: log,
		people:  people.New(people.Options{Kafka: p.kafka, Codec: p.codec, Log: p.log, Metrics: p.registry}),
		pending: p.pendingMeetings(),
	}
	return s, []boot.Role{
		bookRole(book), directoryRole(writer), {Name: "audit log", Run: log.Run}, {Name: "users", Run: s.people.Run, Ready: s.people.Ready},
		{Name: "pending meetings", Run: s.pending.Run, Ready: s.pending.Ready},
	}, nil
}

// maxSignInAnswer is more than the keys of a sign-in service have.
const maxSignInAnswer = 1 << 20

// pages is what people open in a browser. with may be nil.
func (p *plant) pages(store console.Store, token string, f pageFlags, with *staff) (*pages.Site, boot.Role) {
	o := pages.Options{Store: store, Token: token, KafkaUI: f.KafkaUI, Proxies: f.Proxies, Gatherer: p.registry, Metrics: p.registry, Log: p.log}
	if with != nil {
		topics := &tail.Reader{Kafka: p.kafka, Codec: p.codec}
		o.Deliveries, o.DeadLetters, o.Versions, o.Pending = topics, topics, topics, with.pending
		o.Hops = &hops.Watch{Kafka: p.kafka}
		o.Resolver, o.Users, o.Audit = with.directory, with.people, with.log
		o.Rules, o.Trial = ruleBook{with.book}, &ruleTrial{plant: p, book: with.book}
		if with.known != nil {
			o.Connections = with.known
		}
	}
	if f.OIDCIssuer != "" {
		o.OIDC = &pages.OIDC{Name: f.OIDCName, Issuer: f.OIDCIssuer, ClientID: f.OIDCClient, ClientSecret: f.OIDCSecret, URL: f.OIDCRedirect,
			Client: &http.Client{Transport: boot.LimitAnswers(http.DefaultTransport, maxSignInAnswer)}}
	}
	site := pages.New(o)
	// It ends what browsers keep open: the server would wait for them.
	return site, boot.Role{Name: "pages", Run: site.Run}
}

// besides puts the API beside the pages, on one port. It is no ServeMux, because that
// cleans paths, and an id in one of the API's may hold what it would clean away.
func besides(site, api http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/api/") || r.URL.Path == console.MCPPath {
			api.ServeHTTP(w, r)
			return
		}
		site.ServeHTTP(w, r)
	})
}

// pendingMeetings is a copy of the ledger of meetings that are not complete.
type pendingMeetings struct {
	*table.Table[schemas.PendingMeeting]
}

func (p *plant) pendingMeetings() pendingMeetings {
	return pendingMeetings{table.New(table.Options[schemas.PendingMeeting]{
		Topic: schemas.PendingMeetings, Kafka: p.kafka, Codec: p.codec, Log: p.log, Metrics: p.registry, Area: "console_pending",
		Key: func(m *schemas.PendingMeeting) string {
			return schemas.PendingKey(schemas.ConnectionID(m.Org, m.Provider, m.Connection), m.Recording)
		},
	})}
}

// Pending counts meetings that lack their transcript or summary.
func (p pendingMeetings) Pending(org, provider string) (n int) {
	for _, m := range p.All() {
		if m.Org == org && m.Provider == provider {
			n++
		}
	}
	return n
}
