// Package browser is Chromium without a window, driven as somebody with a
// keyboard would. It is for tests; those of the whole product are in this
// folder.
package browser

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// Browser is a page of somebody who uses a console. It belongs to one test.
type Browser struct {
	*testing.T
	Base string // address of the console
	ctx  context.Context
	axe  string // the source of axe-core
}

// Step is something that is done and tells nothing.
type Step = chromedp.Action[chromedp.Void]

// What most laptops have room for.
const deskWidth, deskHeight = 1280, 900

// atMost is for a busy machine.
const atMost = 90 * time.Second

// New starts a browser. Without LEADLINE_AXE, which names the folder that
// console/pages/axe/install makes, the test is skipped: most machines have
// neither that nor Chromium.
func New(t *testing.T, base string) *Browser {
	t.Helper()
	axe := Axe(t)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.WindowSize(deskWidth, deskHeight))
	allocated, cancel := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	t.Cleanup(cancel)
	ctx, stop := chromedp.NewContext(allocated)
	t.Cleanup(stop)
	// The first call starts it, and its context ends it.
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	return &Browser{T: t, Base: base, ctx: ctx, axe: axe}
}

// Axe is the source of axe-core; without it the test is skipped.
func Axe(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("LEADLINE_AXE")
	if folder == "" {
		t.Skip("LEADLINE_AXE is not set: console/pages/axe/install makes the folder that it names")
	}
	source, err := os.ReadFile(filepath.Join(folder, "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	return string(source)
}

// Of is the same page for a part of its test.
func (b *Browser) Of(t *testing.T) *Browser {
	same := *b
	same.T = t
	return &same
}

// Visitor is somebody else: another page of the same browser, without cookies.
func (b *Browser) Visitor(t *testing.T) *Browser {
	t.Helper()
	ctx, stop := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(stop)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	return &Browser{T: t, Base: b.Base, ctx: ctx, axe: b.axe}
}

// Do runs the steps, and fails the test where they do not end in time.
func (b *Browser) Do(steps ...Step) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, atMost)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		text, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string]("location.href + document.body.innerText")) // as much as there is
		b.Fatalf("%v\n%.4000s", err, text)
	}
}

// Get evaluates an expression of the page; a promise is waited for.
func Get[T any](b *Browser, expression string) T {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, atMost)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.Fatalf("%.200s: %v", expression, err)
	}
	return value
}

// Accessible fails where axe-core finds what is serious on the page.
func (b *Browser) Accessible(what string) {
	b.Helper()
	b.Do(chromedp.Evaluate[chromedp.Void](b.axe))
	for _, v := range Get[[]string](b, `axe.run({resultTypes: ["violations"]}).then((all) => all.violations
		.filter((v) => v.impact === "serious" || v.impact === "critical")
		.map((v) => v.id + ": " + v.nodes.map((n) => n.html.slice(0, 200)).join(" | ")))`) {
		b.Errorf("%s: %s", what, v)
	}
}

// Still fails where the page can be scrolled sideways: on a phone a part of it
// would be out of sight.
func (b *Browser) Still(what string) {
	b.Helper()
	if more := Get[int](b, "document.documentElement.scrollWidth - document.documentElement.clientWidth"); more > 0 {
		wide := Get[string](b, `[...document.querySelectorAll("main *, header *")].filter((e) => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1 && !e.closest(".scroll"))
			.slice(0, 3).map((e) => e.outerHTML.slice(0, 200)).join(" | ")`)
		b.Errorf("%s: %d pixels are out of sight: %s", what, more, wide)
	}
}

// Shoot keeps a picture for the docs where LEADLINE_SCREENSHOTS names a folder.
func (b *Browser) Shoot(name string) {
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

// Phone makes the page as narrow as one.
func (b *Browser) Phone(width int64) {
	b.Helper()
	b.Do(chromedp.EmulateViewport(width, 800, chromedp.EmulateMobile))
}

// Desk makes it as wide as it was.
func (b *Browser) Desk() {
	b.Helper()
	b.Do(chromedp.EmulateViewport(deskWidth, deskHeight))
}

// Scheme is what the system of somebody prefers: dark or light.
func (b *Browser) Scheme(name string) {
	b.Helper()
	b.Do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}},
		})
		return err
	}))
}

// Plain runs no script of the page from its next one on.
func (b *Browser) Plain() {
	b.Helper()
	b.Do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}))
}

// Open goes to a path of the console.
func (b *Browser) Open(path string) Step { return chromedp.Navigate(b.Base + path) }

// Until waits for an expression of the page. It asks from outside: the page's
// policy forbids what a test would wait with inside of it.
func Until(expression string) Step {
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		for tick := time.NewTicker(30 * time.Millisecond); ; {
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

// Says waits until the page does, without loading it anew.
func Says(text string) Step {
	return Until(fmt.Sprintf("document.readyState === 'complete' && document.body.innerText.includes(%q)", text))
}

// Hushed waits until the page does not say it.
func Hushed(text string) Step {
	return Until(fmt.Sprintf("document.readyState === 'complete' && !document.body.innerText.includes(%q)", text))
}

// Shows waits for an element.
func Shows(selector string) Step {
	return Until(fmt.Sprintf("document.querySelector(%q) !== null", selector))
}

// Press types into, or presses a key on, what has the keyboard then.
func Press(selector, keys string) Step {
	return chromedp.Steps(Shows(selector), Until(fmt.Sprintf("(() => { const e = document.querySelector(%q); e.focus(); return document.activeElement === e })()", selector)),
		chromedp.KeyEvent(keys))
}

// Type sends keys to whatever has the keyboard.
func Type(keys string) Step { return chromedp.KeyEvent(keys) }

// Follow goes to an address anywhere.
func Follow(address string) Step { return chromedp.Navigate(address) }

// Run has the page do something.
func Run(script string) Step { return chromedp.Evaluate[chromedp.Void](script) }
