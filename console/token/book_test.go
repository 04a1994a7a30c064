package token

import (
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
	"leadline/schemas/schematest"
)

const org = "harbour"

var reading = schemas.APIToken{Name: "reader", Permissions: []string{schemas.PermissionRead}}

func broker(t *testing.T) []kgo.Opt {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, schemas.APITokens.Name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	return []kgo.Opt{kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.RecordPartitioner(schemas.Partitioner())}
}

// open runs a Book until the test ends.
func open(t *testing.T, kafka []kgo.Opt) *Book {
	t.Helper()
	b := New(Options{Kafka: kafka, Codec: schematest.Codec(t), Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry()})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	catchUp(t, b)
	return b
}

func catchUp(t *testing.T, b *Book) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := b.table.CatchUp(ctx); err != nil {
		t.Fatal(err)
	}
}

func good(t *testing.T, b *Book, secret string) bool {
	t.Helper()
	_, ok, err := b.Verify(secret)
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

func TestATokenIsGoodUntilItIsRevokedAndNothingElseIs(t *testing.T) {
	t.Parallel()
	kafka := broker(t)
	here, there := open(t, kafka), open(t, kafka)
	made, secret, err := here.Create(t.Context(), org, reading)
	if err != nil {
		t.Fatal(err)
	}
	catchUp(t, there)
	last := byte('A')
	if secret[len(secret)-1] == 'A' {
		last = 'B'
	}
	for given, want := range map[string]bool{
		secret: true, "": false, secret + "x": false, secret[:len(secret)-1] + string(last): false, strings.ToLower(secret): false,
		strings.Replace(secret, org, "foreign", 1): false, " " + secret: false, secret + "\n": false,
	} {
		if good(t, here, given) != want || good(t, there, given) != want {
			t.Errorf("%q is good: %t, want %t", given, !want, want)
		}
	}
	if found, err := there.Revoke(t.Context(), "foreign", made.ID); found || err != nil {
		t.Errorf("another organisation revokes it: %t %v", found, err)
	}
	if found, err := there.Revoke(t.Context(), org, made.ID); !found || err != nil {
		t.Fatalf("%t %v", found, err)
	}
	catchUp(t, here)
	if good(t, here, secret) || good(t, there, secret) || len(here.List(org)) != 0 {
		t.Error("it is good after it was revoked")
	}
}

func TestTheSecretIsNowhere(t *testing.T) {
	t.Parallel()
	kafka := broker(t)
	b := open(t, kafka)
	_, secret, err := b.Create(t.Context(), org, reading)
	if err != nil {
		t.Fatal(err)
	}
	client, err := kgo.NewClient(append(kafka, kgo.ConsumeTopics(schemas.APITokens.Name))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	fetches := client.PollFetches(t.Context())
	raw := ""
	for _, r := range fetches.Records() {
		raw += string(r.Key) + string(r.Value)
	}
	hash := sha256.Sum256([]byte(secret))
	if !strings.Contains(raw, string(hash[:])) || strings.Contains(raw, secret[len(secret)-52:]) {
		t.Errorf("the topic holds %q", raw)
	}
}

func TestATokenEnds(t *testing.T) {
	t.Parallel()
	b := open(t, broker(t))
	soon := time.Now().Add(time.Hour)
	asked := reading
	asked.ExpiresAt = &soon
	r, secret, err := b.Create(t.Context(), org, asked)
	if err != nil || !good(t, b, secret) {
		t.Fatalf("%v", err)
	}
	past := time.Now().Add(-time.Second)
	r.Token.ExpiresAt = &past
	if err := b.table.Put(t.Context(), map[string]*schemas.TokenRecord{keyOf(&r): &r}); err != nil {
		t.Fatal(err)
	}
	if good(t, b, secret) {
		t.Error("it is good after its end")
	}
}

func TestWhatCannotBeAToken(t *testing.T) {
	t.Parallel()
	b := open(t, broker(t))
	company, none, past, far := "co", "", time.Now().Add(-time.Minute), time.Now().AddDate(20, 0, 0)
	read := reading.Permissions
	for field, asked := range map[string][]schemas.APIToken{
		"name":        {{Permissions: read}, {Name: " ", Permissions: read}, {Name: "a\nb", Permissions: read}, {Name: strings.Repeat("x", 101), Permissions: read}, {Name: "\xff", Permissions: read}},
		"permissions": {{Name: "x"}, {Name: "x", Permissions: []string{"rule"}}, {Name: "x", Permissions: []string{"read", "read"}}, {Name: "x", Permissions: []string{"admin"}, Company: &company}},
		"customer":    {{Name: "x", Permissions: read, Company: &none}},
		"expires_at":  {{Name: "x", Permissions: read, ExpiresAt: &past}, {Name: "x", Permissions: read, ExpiresAt: &far}},
	} {
		for _, a := range asked {
			_, _, err := b.Create(t.Context(), org, a)
			if invalid, ok := errors.AsType[*schemas.InvalidQuery](err); !ok || invalid.Field != field {
				t.Errorf("%+v: %v, want %s", a, err, field)
			}
		}
	}
	if _, _, err := b.Create(t.Context(), "Har/bour", reading); err == nil {
		t.Error("an organisation of any name has tokens")
	}
}

func TestUseIsWrittenOnceAnHour(t *testing.T) {
	t.Parallel()
	kafka := broker(t)
	here, there := open(t, kafka), open(t, kafka)
	_, secret, err := here.Create(t.Context(), org, reading)
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		good(t, here, secret)
	}
	if len(here.used) != 1 {
		t.Fatalf("%d uses are to be written", len(here.used))
	}
	here.flush(t.Context())
	catchUp(t, here)
	catchUp(t, there)
	if good(t, here, secret); len(here.used) != 0 {
		t.Error("a use of the same hour is to be written again")
	}
	for _, b := range []*Book{here, there} {
		if all := b.List(org); len(all) != 1 || all[0].UsedAt == nil || time.Since(*all[0].UsedAt) > 2*time.Hour {
			t.Errorf("listed as %+v", all)
		}
	}
}

func TestNothingIsGoodBeforeTheTokensAreKnown(t *testing.T) {
	t.Parallel()
	_, secret, _ := mint(org)
	b := New(Options{Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry()})
	if _, ok, err := b.Verify(secret); ok || !errors.Is(err, ErrStale) {
		t.Errorf("%t %v", ok, err)
	}
}

func FuzzParse(f *testing.F) {
	_, secret, _ := mint(org)
	f.Add(secret)
	f.Add("ll_a.b.c")
	f.Fuzz(func(t *testing.T, s string) {
		org, id, ok := parse(s)
		if ok && (!strings.HasPrefix(s, prefix+org+"."+id+".") || schemas.CheckOrg(org) != nil || strings.Contains(id, "/")) {
			t.Errorf("%q is of %q %q", s, org, id)
		}
	})
}
