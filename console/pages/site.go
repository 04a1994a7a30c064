// Package pages is the console in a browser: HTML made on the server over what
// the API reads, for the staff of one organisation.
//
// Whoever has the instance's token makes a link; the link, once, makes a
// session; the session sees its organisation and no other. Every text that
// somebody outside wrote goes through html/template and stands in a bdi
// element, and the Content-Security-Policy lets nothing run but our own file.
package pages

import (
	"context"
	"embed"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"leadline/console"
	"leadline/schemas"
)

// patience ends what nobody waits for any more. Connecting asks a recorder up
// to three times.
const patience = 50 * time.Second

// policy lets the page load our own files, send forms to us, and nothing else.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; report-uri " + reportPath

//go:embed assets
var assets embed.FS

// Options are what a Site works with.
type Options struct {
	Store console.Store
	// Token makes links; see Site.Link. Without one nobody can sign in over HTTP.
	Token string
	// Rules are read and changed by staff; nil has none.
	Rules console.RuleBook
	// Connections are listed and changed by staff; nil has none.
	Connections console.Connections
	// Resolver says whose domains and addresses are; nil can only list what is unmatched.
	Resolver Resolver
	// Deliveries, DeadLetters, Versions and Pending look into topics; nil where there is no Kafka.
	Deliveries  Deliveries
	DeadLetters DeadLetters
	Versions    Versions
	Pending     Pending
	// Users are who may sign in; nil leaves the instance's own links alone.
	Users Users
	// OIDC says who somebody is; nil has none.
	OIDC *OIDC
	// Proxies are those whose X-Forwarded-For is believed where an address is
	// limited; none is believed unless it is named.
	Proxies []netip.Prefix
	// Audit keeps who changed what; nil keeps nothing.
	Audit AuditLog
	// Trial tries rules before they are saved; nil cannot.
	Trial RuleTrial
	// KafkaUI is the address of a cluster in Kafka UI, as in
	// http://localhost:8080/ui/clusters/leadline; empty is none.
	KafkaUI string
	// Hops says how far each part of the pipeline is; nil where there is no Kafka.
	Hops Hops
	// Gatherer has the process's own metrics, of which the trends show some; nil has none.
	Gatherer prometheus.Gatherer
	Metrics  prometheus.Registerer // nil counts for nobody
	Log      *slog.Logger          // nil is silent
}

// Site serves the pages.
type Site struct {
	Options
	local    console.Local
	sessions *sessions
	links    *links
	tries    *tries // to sign in
	begins   *tries // to sign in with the service
	reports  *tries // of browsers
	oidc     *signInService
	streams  *streams
	metrics  *metrics
	mux      *http.ServeMux
	origins  *http.CrossOriginProtection
}

// New makes a Site.
func New(o Options) *Site {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	from := proxies(o.Proxies).clientOf
	s := &Site{
		Options: o, local: console.Local{Store: o.Store}, sessions: newSessions(time.Now), links: newLinks(time.Now),
		tries: newTries(triesEach, triesBurst, from), begins: newTries(beginsEach, beginsBurst, from), reports: newTries(triesEach, triesBurst, from),
		oidc: newSignInService(o.OIDC), streams: newStreams(), metrics: newMetrics(o.Metrics), mux: http.NewServeMux(),
		origins: http.NewCrossOriginProtection(),
	}
	s.mux.Handle("GET /assets/", s.assets())
	s.mux.HandleFunc("POST /signin/links", s.makeLink)
	s.mux.HandleFunc("GET /signin", s.askCode)
	s.mux.HandleFunc("POST /signin", s.signIn)
	s.mux.HandleFunc("GET /signin/oidc", s.toService)
	s.mux.HandleFunc("GET "+oidcCallback, s.fromService)
	s.mux.HandleFunc("POST "+reportPath, s.report)
	s.mux.Handle("GET /{$}", http.RedirectHandler("/meetings", http.StatusSeeOther))
	for _, t := range s.routes() {
		s.mux.Handle(t.pattern, s.page(t))
	}
	for _, t := range s.liveRoutes() {
		s.mux.Handle(t.pattern, s.live(t))
	}
	s.mux.Handle("/", s.page(route{"none", schemas.RoleReadOnly, func(_ context.Context, v *visit) (answer, error) {
		return answer{}, &console.NotFound{What: "page", Name: v.URL.Path}
	}}))
	return s
}

// ServeHTTP refuses what another site's page sends, before anything is read.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	if err := s.origins.Check(r); err != nil {
		http.Error(w, "This form was sent by another site.", http.StatusForbidden)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	s.mux.ServeHTTP(w, r)
}

func (s *Site) assets() http.Handler {
	files := http.FileServerFS(assets)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The files change with the binary, and carry no time of their own.
		w.Header().Set("Cache-Control", "public, max-age=300")
		files.ServeHTTP(w, r)
	})
}
