package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
)

// browser is Chromium without a window, steered as somebody with a keyboard
// would.
type browser struct {
	*testing.T
	ctx  context.Context
	base string
	axe  string // the source of axe-core
}

// step is something that is done and tells nothing.
type step = chromedp.Action[chromedp.Void]

// atMost is for the demonstration to arrive on a busy machine.
const atMost = 3 * time.Minute

func newBrowser(t *testing.T, base, axe string) *browser {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.WindowSize(1280, 900))
	allocated, cancel := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	t.Cleanup(cancel)
	ctx, stop := chromedp.NewContext(allocated)
	t.Cleanup(stop)
	// The first call starts it, and its context ends it.
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	return &browser{T: t, ctx: ctx, base: base, axe: axe}
}

// do runs the steps, and fails the test where they do not end in time.
func (b *browser) do(steps ...step) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, atMost)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		text, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string]("location.href + document.body.innerText")) // as much as there is
		b.Fatalf("%v\n%.4000s", err, text)
	}
}

func (b *browser) open(path string) step { return chromedp.Navigate(b.base + path) }

// until waits for an expression of the page. It asks from outside: the page's
// policy forbids what a test would wait with inside of it.
func until(expression string) step {
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		for tick := time.NewTicker(50 * time.Millisecond); ; {
			// A page that is being left answers with an error.
			if is, err := chromedp.Evaluate[bool](expression)(ctx, t); err == nil && is {
				return chromedp.Void{}, nil
			}
			select {
			case <-ctx.Done():
				return chromedp.Void{}, fmt.Errorf("never was %s: %w", expression, ctx.Err())
			case <-tick.C:
			}
		}
	}
}

// says waits until the page does, without loading it anew.
func says(text string) step {
	return until(fmt.Sprintf("document.readyState === 'complete' && document.body.innerText.includes(%q)", text))
}

// shows waits for an element.
func shows(selector string) step {
	return until(fmt.Sprintf("document.querySelector(%q) !== null", selector))
}

// press types into, or presses Enter on, what has the keyboard then.
func press(selector, keys string) step {
	return chromedp.Steps(shows(selector), until(fmt.Sprintf("(() => { const e = document.querySelector(%q); e.focus(); return document.activeElement === e })()", selector)),
		chromedp.KeyEvent(keys))
}

// accessible fails where axe-core finds what is serious on the page.
func (b *browser) accessible(what string) {
	b.Helper()
	b.do(chromedp.Evaluate[chromedp.Void](b.axe))
	found, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]string](`axe.run({resultTypes: ["violations"]}).then((all) => all.violations
		.filter((v) => v.impact === "serious" || v.impact === "critical")
		.map((v) => v.id + ": " + v.nodes.map((n) => n.html.slice(0, 200)).join(" | ")))`, chromedp.EvalAwaitPromise))
	if err != nil {
		b.Fatalf("%s: %v", what, err)
	}
	for _, v := range found {
		b.Errorf("%s: %s", what, v)
	}
}

// shoot keeps a picture for the docs where LEADLINE_SCREENSHOTS names a folder.
func (b *browser) shoot(name string) {
	b.Helper()
	folder := os.Getenv("LEADLINE_SCREENSHOTS")
	if folder == "" {
		return
	}
	picture, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o600); err != nil {
		b.Fatal(err)
	}
}

// Somebody with a keyboard alone comes by the link, watches the demonstration
// arrive, and does on each page what it is for; the pages hold nothing back from
// a screen reader, and break their own policy nowhere.
func TestInABrowser(t *testing.T) {
	folder := os.Getenv("LEADLINE_AXE")
	if folder == "" {
		t.Skip("LEADLINE_AXE is not set: console/pages/axe/install makes the folder that it names")
	}
	axe, err := os.ReadFile(filepath.Join(folder, "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	cmd, _, said := leadline(context.WithoutCancel(t.Context()), "up", "--demo", "--data", data, "--port", "0", "--kafka-port", "0", "--registry-port", "0")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	stop := func() {
		once.Do(func() {
			_ = cmd.Process.Signal(os.Interrupt)
			if err := cmd.Wait(); err != nil {
				t.Errorf("it ended with %v\n%.4000s", err, said)
			}
		})
	}
	t.Cleanup(stop)
	where := running(t, data)
	link, out, _ := leadline(t.Context(), "signin", "--data", data)
	if err := link.Run(); err != nil {
		t.Fatal(err)
	}
	b := newBrowser(t, where.URL, string(axe))
	b.do(chromedp.Navigate(strings.TrimSpace(out.String())), press("form button", kb.Enter), says("Meetings"))
	b.do(b.open("/flow"), says("All: 21 meetings stored")) // by server-sent events

	b.deadLetter(where)
	b.rule()
	b.search()
	b.connections()
	b.everyPage()
	b.light()

	if reports := b.metric("leadline_pages_csp_reports_total"); reports != "0" {
		t.Errorf("browsers reported %s breaches of the policy", reports)
	}
	// What would be a breach is reported: the zero above means something.
	b.do(b.open("/flow"), chromedp.Evaluate[chromedp.Void](`document.body.append(Object.assign(document.createElement("script"), {textContent: "document.title = 'ran'"}))`))
	b.until("leadline_pages_csp_reports_total", "1")
	stop()
	b.do(says("The connection is lost"))
}

// until waits for the value of a metric.
func (b *browser) until(name, want string) {
	b.Helper()
	for began, tick := time.Now(), time.NewTicker(50*time.Millisecond); b.metric(name) != want; <-tick.C {
		if time.Since(began) > 20*time.Second {
			b.Fatalf("%s is %s, want %s", name, b.metric(name), want)
		}
	}
}

// deadLetter is read and replayed, and dies again.
func (b *browser) deadLetter(where place) {
	b.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(where.Brokers...), kgo.RecordPartitioner(schemas.Partitioner()))
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	broken := schemas.RawRecord(schemas.Origin{
		Event: schemas.FathomMeetingReceived, Provider: schemas.Fathom, Org: where.Org, Connection: "default", Source: schemas.SourceWebhook,
		Delivery: "msg_broken", Received: time.Now(),
	}, []byte(`{"title": "</bdi><script>alert(1)</script>`))
	if err := client.ProduceSync(b.Context(), broken).FirstErr(); err != nil {
		b.Fatal(err)
	}
	b.do(says("1 records failed"), b.open("/flow"), says("malformed"), press(`td a[href^="/deadletter"]`, kb.Enter),
		says("<script>alert(1)</script>"))
	b.accessible("the dead letter")
	b.do(press(`form[action="/deadletters"] button`, kb.Enter), says("1 replayed"), says("2 records failed"))
}

func (b *browser) rule() {
	b.Helper()
	b.do(b.open("/rules"), press("#type", "k"), press("#text", "off the record"), chromedp.KeyEvent(kb.Tab),
		chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter), says("Nothing was saved"))
	b.accessible("a rule that is tried")
	b.do(press(`#text`, kb.Tab), chromedp.KeyEvent(kb.Enter), says("The rule was added"), press(`button[value="off"]`, kb.Enter), says("switched off"))
}

// search finds while somebody types: nothing is sent by hand.
func (b *browser) search() {
	b.Helper()
	b.do(b.open("/search"), press("#q", "renewal"), shows("#results mark"))
}

// connections are paused and resumed, and a credential that cannot be one is refused.
func (b *browser) connections() {
	b.Helper()
	b.do(b.open("/integrations"), press("#account_id", "account"), press("#client_id", "a:colon"),
		press("#client_secret", "secret"), chromedp.KeyEvent(kb.Enter), shows(".problem[role=alert]"))
	b.accessible("a credential that is refused")
	b.do(b.open("/integration?recorder=fathom&name=default"), says("Last deliveries"), press(`button[value="off"]`, kb.Enter), says("Paused"),
		press(`button[value="on"]`, kb.Enter), says("Resumed"), press(`form[action="/integration/sync"] button`, kb.Enter),
		says("A sync has been asked for"))
	b.do(b.open("/integration/end?recorder=fathom&name=default&erase=1"), press("#word", "no"), chromedp.KeyEvent(kb.Enter), says("Nothing was erased"))
}

func (b *browser) everyPage() {
	b.Helper()
	for name, path := range map[string]string{
		"meetings": "/meetings", "meeting": "/meeting?recorder=fathom&recording=910016", "versions": "/meeting/versions?recorder=fathom&recording=910016",
		"customers": "/customers", "customer": "/customer?id=co_harlow", "unmatched": "/unmatched", "search": "/search?q=renewal", "sources": "/sources",
		"rules": "/rules", "integrations": "/integrations", "integration": "/integration?recorder=fathom&name=default",
		"ending": "/integration/end?recorder=fathom&name=default", "trends": "/trends", "flow": "/flow", "users": "/users", "changes": "/changes", "nowhere": "/nowhere",
	} {
		b.do(b.open(path), shows("main h1"))
		b.accessible(name)
		b.shoot(name)
	}
}

// light: a first page of 100 KB opens at once on a bad line.
func (b *browser) light() {
	b.Helper()
	b.do(b.open("/meetings"), says("Meetings"))
	sent, err := chromedp.Run(b.ctx, chromedp.Evaluate[float64](`["navigation", "resource"].flatMap((t) => performance.getEntriesByType(t)).reduce((n, e) => n + e.encodedBodySize, 0)`))
	if err != nil {
		b.Fatal(err)
	}
	if sent <= 0 || sent > 100_000 {
		b.Errorf("the first page has %.0f bytes", sent)
	}
	b.Logf("the first page has %.0f bytes in all", sent)
}

// metric is the value of one without labels.
func (b *browser) metric(name string) string {
	b.Helper()
	transport := http.DefaultTransport.(*http.Transport).Clone()
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, b.base+"/metrics", nil)
	if err != nil {
		b.Fatal(err)
	}
	res, err := transport.RoundTrip(req)
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	var body bytes.Buffer
	if _, err := body.ReadFrom(res.Body); err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(body.String()) {
		if value, found := strings.CutPrefix(line, name+" "); found {
			return strings.TrimSpace(value)
		}
	}
	b.Fatalf("there is no metric %s", name)
	return ""
}
