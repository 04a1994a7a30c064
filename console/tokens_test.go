package console_test

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/console"
	tokens "leadline/console/token"
	"leadline/schemas"
	"leadline/schemas/schematest"
)

// openTokens is a Book on a broker in the process, ready.
func openTokens(t testing.TB) *tokens.Book {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, schemas.APITokens.Name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	book := tokens.New(tokens.Options{
		Kafka: []kgo.Opt{kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.RecordPartitioner(schemas.Partitioner())},
		Codec: schematest.Codec(t), Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(),
	})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- book.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	ready, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	if err := book.Ready(ready); err != nil {
		t.Fatal(err)
	}
	return book
}

func mint(t testing.TB, book *tokens.Book, asked schemas.APIToken) string {
	t.Helper()
	return mintFor(t, book, harbour, asked)
}

func mintFor(t testing.TB, book *tokens.Book, org string, asked schemas.APIToken) string {
	t.Helper()
	_, secret, err := book.Create(t.Context(), org, asked)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

func TestATokenPermitsWhatItSays(t *testing.T) {
	t.Parallel()
	book := openTokens(t)
	d := describe(t, console.Handler(console.Options{Store: openHarbour(t), Token: token, Tokens: book}))
	read, ingest, admin := []string{schemas.PermissionRead}, []string{schemas.PermissionIngest}, []string{schemas.PermissionAdmin}
	given := map[string]string{
		"reader": mint(t, book, schemas.APIToken{Name: "reader", Permissions: read}),
		"amber":  mint(t, book, schemas.APIToken{Name: "amber", Permissions: read, Company: ptr("co_amber")}),
		"feeder": mint(t, book, schemas.APIToken{Name: "feeder", Permissions: ingest}),
		"admin":  mint(t, book, schemas.APIToken{Name: "admin", Permissions: admin}),
		"other":  mintFor(t, book, "foreign", schemas.APIToken{Name: "other", Permissions: []string{"read", "admin"}}),
	}
	for path, may := range map[string]map[string]int{
		"/orgs/harbour/meetings":                               {"reader": 200, "amber": 200},
		"/orgs/harbour/tally":                                  {"reader": 200},
		"/orgs/harbour/rules/hits":                             {"reader": 200},
		"/orgs/harbour/tokens":                                 {"admin": 200},
		"/orgs/harbour/token":                                  {"reader": 200, "amber": 200, "feeder": 200, "admin": 200},
		"/orgs/harbour/customers/co_amber":                     {"reader": 200, "amber": 200},
		"/orgs/harbour/customers/co_birch":                     {"reader": 200, "amber": 404},
		"/orgs/harbour/meetings?customer=co_birch":             {"reader": 200},
		"/orgs/harbour/meetings?customer=co_amber":             {"reader": 200, "amber": 200},
		"/orgs/harbour/meetings?end_user=eu_ann":               {"reader": 200, "amber": 200},
		"/orgs/harbour/meetings/fathom/1003":                   {"reader": 200, "amber": 404},
		"/orgs/harbour/meetings?before=harbour/fathom/1002":    {"reader": 200, "amber": 400},
		"/orgs/harbour/search?q=pier&held_back=true":           {"reader": 200, "amber": 200},
		"/orgs/harbour/end_users/ann@amber.example/context":    {"reader": 200, "amber": 200},
		"/orgs/harbour/end_users/skipper@mail.example/context": {"reader": 200, "amber": 404},
		"/orgs/foreign/meetings":                               {"other": 200},
	} {
		for who, secret := range given {
			want, ok := may[who]
			if !ok {
				want = http.StatusForbidden
			}
			if w := d.ask(http.MethodGet, path, secret, nil); w.Code != want {
				t.Errorf("%s of %s: %d %.200s, want %d", path, who, w.Code, w.Body, want)
			}
		}
	}
	for who, says := range map[string]string{
		"amber": `"permissions":["read"],"customer":"co_amber"}`, "admin": `"permissions":["admin"],"customer":null}`,
	} {
		if w := d.ask(http.MethodGet, "/orgs/harbour/token", given[who], nil); !strings.Contains(w.Body.String(), says) {
			t.Errorf("the token of %s tells %s, want %s", who, w.Body, says)
		}
	}
	if w := d.ask(http.MethodGet, "/orgs/harbour/meetings", given["reader"]+"A", nil); w.Code != http.StatusUnauthorized || !strings.Contains(w.Body.String(), "not known here") {
		t.Errorf("a mistyped token: %d %s", w.Code, w.Body)
	}
}
