package command

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/console"
	"leadline/deploy/boot"
	"leadline/deploy/demo"
	"leadline/ingress/connection"
	"leadline/ingress/fathom/simulator"
	"leadline/schemas"
)

// lifeKey is the API key whose traces are looked for.
const lifeKey = "life-key-5f1c0a9be7d24c33"

// life is a Leadline of its own with a simulated Fathom whose meetings are still to end.
type life struct {
	*testing.T
	data      string
	where     place
	simulator *simulator.Simulator
	api       string // of the simulator
	process   *exec.Cmd
	out, said *bytes.Buffer
	told      bytes.Buffer // what commands and the API have answered
}

func newLife(t *testing.T, distiller string) *life {
	t.Helper()
	return newLifeOf(t, distiller, demo.Meetings())
}

// newLifeOf has other meetings than those of the demo.
func newLifeOf(t *testing.T, distiller string, meetings fs.FS) *life {
	t.Helper()
	l := &life{T: t, data: t.TempDir()}
	var err error
	l.simulator, err = simulator.New(simulator.Options{
		Keys: map[string]string{lifeKey: ""}, Meetings: meetings, Pending: true,
		Schedule: []time.Duration{0, 100 * time.Millisecond, 500 * time.Millisecond, 2 * time.Second},
	})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.api = "http://" + ln.Addr().String() + simulator.BasePath
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	served := make(chan error, 1)
	go func() { served <- l.simulator.Run(ctx, ln) }()
	t.Cleanup(func() {
		stop()
		<-served
	})
	t.Cleanup(l.stop)
	l.start(distiller)
	return l
}

// start runs it on what is in its folder.
func (l *life) start(distiller string) {
	l.Helper()
	l.process, l.out, l.said = leadline(context.WithoutCancel(l.Context()), "up", "--org", "demo", "--data", l.data, "--log-level", "debug",
		"--port", "0", "--kafka-port", "0", "--registry-port", "0", "--distiller", distiller)
	if err := l.process.Start(); err != nil {
		l.Fatal(err)
	}
	l.where = running(l.T, l.data)
}

// stop ends the process, once.
func (l *life) stop() {
	if l.process == nil {
		return
	}
	_ = l.process.Process.Signal(os.Interrupt)
	if err := l.process.Wait(); err != nil {
		l.Errorf("it ended with %v\n%.4000s", err, l.said)
	}
	l.process = nil
}

// command runs one, and keeps what it says.
func (l *life) command(code int, key string, args ...string) string {
	l.Helper()
	ctx, cancel := context.WithTimeout(l.Context(), patience(time.Minute))
	defer cancel()
	cmd, out, said := leadline(ctx, append(args, "--data", l.data)...)
	cmd.Env = append(cmd.Env, "FATHOM_API_KEY="+key)
	err := cmd.Run()
	if got := cmd.ProcessState.ExitCode(); got != code {
		l.Fatalf("leadline %s: exit code %d, want %d: %v\n%s%s", strings.Join(args, " "), got, code, err, out, said)
	}
	l.told.Write(out.Bytes())
	l.told.Write(said.Bytes())
	return out.String() + said.String()
}

func (l *life) connect(publicURL string) {
	l.Helper()
	l.command(0, lifeKey, "connect", "fathom", "--public-url", publicURL, "--base-url", l.api, "--look-back", "all")
}

func (l *life) client() *console.Client {
	l.Helper()
	token, err := os.ReadFile(tokenFile(l.data))
	if err != nil {
		l.Fatal(err)
	}
	c, err := console.NewClient(l.where.URL, strings.TrimSpace(string(token)))
	if err != nil {
		l.Fatal(err)
	}
	return c
}

// until waits for something that the stores count.
func (l *life) until(what string, done func(console.Tally) bool) {
	l.Helper()
	l.within(time.Minute, what, done)
}

func (l *life) within(limit time.Duration, what string, done func(console.Tally) bool) {
	l.Helper()
	ctx, cancel := context.WithTimeout(l.Context(), patience(limit))
	defer cancel()
	for tick := time.NewTicker(50 * time.Millisecond); ; {
		tally, err := l.client().Tally(ctx, "demo")
		if err == nil && done(tally) {
			return
		}
		select {
		case <-ctx.Done():
			l.Fatalf("waited too long until %s: %+v, %v", what, tally, err)
		case <-tick.C:
		}
	}
}

// records reads every topic to its end, as no compression hides it.
func (l *life) records() []*kgo.Record {
	l.Helper()
	ctx, cancel := context.WithTimeout(l.Context(), patience(time.Minute))
	defer cancel()
	k := boot.Kafka{Brokers: l.where.Brokers, RegistryURL: l.where.Registry}
	client, err := kgo.NewClient(append(k.Options(prometheus.NewRegistry(), new(Globals).logger()),
		kgo.ConsumeRegex(), kgo.ConsumeTopics(".*"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.KeepControlRecords())...)
	if err != nil {
		l.Fatal(err)
	}
	defer client.Close()
	ends, err := kadm.NewClient(client).ListEndOffsets(ctx)
	if err != nil {
		l.Fatal(err)
	}
	left := make(map[string]int64)
	ends.Each(func(o kadm.ListedOffset) {
		if o.Offset > 0 {
			left[fmt.Sprint(o.Topic, o.Partition)] = o.Offset
		}
	})
	var all []*kgo.Record
	for len(left) > 0 {
		fetches := client.PollFetches(ctx)
		if ctx.Err() != nil {
			l.Fatalf("reading all topics, left: %v", left)
		}
		for _, r := range fetches.Records() {
			all = append(all, r)
			if at := fmt.Sprint(r.Topic, r.Partition); r.Offset+1 >= left[at] {
				delete(left, at)
			}
		}
	}
	return all
}

// A connection lives through everything that can happen to it, and in the end neither its key nor its webhook's secret is
// in clear anywhere: not in a topic, a log, an answer, or a file. Then it goes, and takes what it brought along.
func TestALifeLeavesNoSecretAndTakesEverythingAlong(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a whole life, and an erasure that gives up after two minutes")
	}
	l := newLife(t, "local")
	l.command(1, "wrong-"+lifeKey, "connect", "fathom", "--public-url", l.where.URL, "--base-url", l.api)
	l.connect(l.where.URL)
	l.simulator.EndAll(0)
	l.until("webhooks are in the stores", func(tally console.Tally) bool { return total(tally.Meetings) == 16 && total(tally.Entries) > 0 })
	if said := l.command(0, "", "sync", "--watch"); !strings.Contains(said, "complete") {
		t.Errorf("sync said %s", said)
	}
	l.command(0, "", "connections", "pause")
	l.command(1, "", "sync")
	l.command(0, "", "secrets", "rotate")
	l.command(0, "", "connections", "resume")
	l.command(0, "", "connections", "show", "--json")
	l.command(0, "", "secrets", "list")
	token, err := os.ReadFile(tokenFile(l.data))
	if err != nil {
		t.Fatal(err)
	}
	for method, body := range map[string]string{http.MethodGet: "", http.MethodPost: `{"provider":"fathom","name":"x","credential":"` + lifeKey + `"}`} {
		req, err := http.NewRequestWithContext(t.Context(), method, l.where.URL+"/api/v1/orgs/demo/connections", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
		resp, err := testClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(&l.told, resp.Body)
		_ = resp.Body.Close()
	}
	l.command(0, "", "sync", "--watch") // with the key that was sealed anew, by a process that was not restarted
	secret := l.webhookSecret()
	if said := l.command(0, "", "connections", "disconnect", "--erase"); !strings.Contains(said, "erased") ||
		!strings.Contains(said, "16 meetings") || strings.Contains(said, "not seen") {
		t.Errorf("disconnecting said %s", said)
	}
	tally, err := l.client().Tally(t.Context(), "demo")
	if err != nil || total(tally.Meetings) != 0 || total(tally.Entries) != 0 {
		t.Errorf("the stores have %+v, %v", tally, err)
	}
	records := l.records()
	l.stop()
	l.searchFor(map[string]string{"key": lifeKey, "secret": secret}, records)
}

// webhookSecret is what only the keyset opens.
func (l *life) webhookSecret() string {
	l.Helper()
	var made *schemas.Connection
	codec, err := boot.Kafka{Brokers: l.where.Brokers, RegistryURL: l.where.Registry}.Codec(l.Context())
	if err != nil {
		l.Fatal(err)
	}
	for _, r := range l.records() {
		if r.Topic != schemas.Connections.Name || r.Attrs.IsControl() || r.Value == nil {
			continue
		}
		if made, err = schemas.Decode(codec, schemas.Connections, r.Value); err != nil {
			l.Fatal(err)
		}
	}
	sealer, err := connection.OpenSealer("", keysFile(l.data))
	if err != nil {
		l.Fatal(err)
	}
	secret, err := sealer.WebhookSecret(*made)
	if err != nil || secret.Reveal() == "" {
		l.Fatalf("no secret: %v", err)
	}
	return strings.TrimPrefix(secret.Reveal(), "whsec_")
}

// searchFor looks through everything that is left of the life.
func (l *life) searchFor(secrets map[string]string, records []*kgo.Record) {
	l.Helper()
	places := map[string][]byte{"standard output": l.out.Bytes(), "standard error": l.said.Bytes(), "answers": l.told.Bytes()}
	for _, r := range records {
		raw := append(append([]byte{}, r.Key...), r.Value...)
		for _, h := range r.Headers {
			raw = append(append(raw, h.Key...), h.Value...)
		}
		places[fmt.Sprintf("%s/%d/%d", r.Topic, r.Partition, r.Offset)] = raw
	}
	err := filepath.WalkDir(l.data, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		places[path], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		l.Fatal(err)
	}
	// What is no secret is found, so a secret would be.
	found := 0
	for _, raw := range places {
		if bytes.Contains(raw, []byte("910003")) {
			found++
		}
	}
	if found < 10 || l.said.Len() == 0 {
		l.Errorf("%d of %d places have a recording's id, %d bytes of log: this search proves little", found, len(places), l.said.Len())
	}
	for name, secret := range secrets {
		decoded, _ := base64.StdEncoding.DecodeString(secret)
		for place, raw := range places {
			if bytes.Contains(raw, []byte(secret)) || bytes.Contains(raw, []byte(base64.StdEncoding.EncodeToString([]byte(secret)))) ||
				len(decoded) > 8 && bytes.Contains(raw, decoded) {
				l.Errorf("the %s is in clear in %s", name, place)
			}
		}
	}
}
