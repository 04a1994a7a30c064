package connection_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"leadline/ingress/connection"
	"leadline/ingress/connection/connectiontest"
	"leadline/ingress/recorder"
	"leadline/schemas"
)

const secondKey = "connect-test-key-2"

var second = recorder.NewSecret(secondKey)

func (a *account) refusing(f func(*http.Request) int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refuse = f
}

func refuseDelete(status int) func(*http.Request) int {
	return func(r *http.Request) int {
		if r.Method == http.MethodDelete {
			return status
		}
		return 0
	}
}

// stored is what the table says once it has caught up.
func stored(t *testing.T, table *connection.Table, name string) schemas.Connection {
	t.Helper()
	if err := table.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	c, _ := table.Lookup("lanternfish", schemas.Fathom, name)
	return c
}

func hasProblem(c schemas.Connection, code string) bool {
	return slices.ContainsFunc(connection.StatusOf(c, nil, time.Now()).Problems, func(p schemas.ConnectionProblem) bool { return p.Code == code })
}

func TestALeakedWebhookIsListedAndTriedAgainUntilItIsGone(t *testing.T) {
	t.Parallel()
	a, r := newAccount(t), connectiontest.New(t)
	c, table := connector(r)
	made, err := c.Connect(t.Context(), a.request())
	if err != nil {
		t.Fatal(err)
	}
	a.refusing(refuseDelete(http.StatusInternalServerError))
	err = c.Disconnect(t.Context(), made.Org, made.Provider, made.Name, false)
	left, ok := errors.AsType[*connection.LeakedWebhooks](err)
	if !ok || left.ByHand || !slices.Equal(left.IDs, []string{made.WebhookID}) {
		t.Fatalf("error %v", err)
	}
	ended := stored(t, table, made.Name)
	if ended.DisconnectedAt == nil || ended.Leaked != made.WebhookID || len(ended.SealedAPIKey) == 0 || len(ended.SealedSecret) != 0 || !hasProblem(ended, "webhook_leaked") {
		t.Errorf("left %+v", ended)
	}
	if _, live := table.Get(made.Org, made.Provider, made.Name); live || len(table.List()) != 0 {
		t.Error("it still counts as connected")
	}
	upkeep := &connection.Upkeep{Connector: c, Table: table, Every: 100 * time.Millisecond}
	r.Start(upkeep.Run)
	a.refusing(nil)
	r.Until("gone", func() bool { return len(a.webhooks()) == 0 && stored(t, table, made.Name).Leaked == "" })
	if ended = stored(t, table, made.Name); len(ended.SealedAPIKey) != 0 || hasProblem(ended, "webhook_leaked") {
		t.Errorf("left %+v", ended)
	}
}

func TestAKeyThatIsRefusedIsDroppedAndItsWebhookIsForAPerson(t *testing.T) {
	t.Parallel()
	a, r := newAccount(t), connectiontest.New(t)
	c, table := connector(r)
	made, err := c.Connect(t.Context(), a.request())
	if err != nil {
		t.Fatal(err)
	}
	a.refusing(refuseDelete(http.StatusUnauthorized))
	err = c.Disconnect(t.Context(), made.Org, made.Provider, made.Name, false)
	if left, ok := errors.AsType[*connection.LeakedWebhooks](err); !ok || !left.ByHand {
		t.Fatalf("error %v", err)
	}
	if ended := stored(t, table, made.Name); len(ended.SealedAPIKey) != 0 || ended.Leaked != made.WebhookID {
		t.Errorf("left %+v", ended)
	}
	if err := c.ForgetWebhooks(t.Context(), made.Org, made.Provider, made.Name); err != nil {
		t.Fatal(err)
	}
	if ended := stored(t, table, made.Name); ended.Leaked != "" {
		t.Errorf("left %+v", ended)
	}
}

func TestTheWebhookOfAReplacedConnectionIsNotForgotten(t *testing.T) {
	t.Parallel()
	a, r := newAccount(t), connectiontest.New(t)
	c, table := connector(r)
	first, err := c.Connect(t.Context(), a.request())
	if err != nil {
		t.Fatal(err)
	}
	a.refusing(refuseDelete(http.StatusBadGateway))
	again, err := c.Connect(t.Context(), a.request())
	if err != nil {
		t.Fatal(err)
	}
	if kept := stored(t, table, connection.First); kept.WebhookID != again.WebhookID || kept.Leaked != first.WebhookID {
		t.Errorf("kept %+v", kept)
	}
	a.refusing(nil)
	if err := c.Disconnect(t.Context(), first.Org, first.Provider, first.Name, false); err != nil {
		t.Fatal(err)
	}
	if hooks := a.webhooks(); len(hooks) != 0 {
		t.Errorf("webhooks %v are left", hooks)
	}
}

func TestSeveralKeysHaveNamesAndPathsOfTheirOwn(t *testing.T) {
	t.Parallel()
	a, r := newAccount(t), connectiontest.New(t)
	c, table := connector(r)
	if _, err := c.Connect(t.Context(), a.request()); err != nil {
		t.Fatal(err)
	}
	other := a.request()
	other.Name = "second"
	_, err := c.Connect(t.Context(), other)
	if step, ok := errors.AsType[*connection.StepError](err); !ok || !strings.Contains(step.Advice(), "already") || len(a.webhooks()) != 1 {
		t.Fatalf("one key under two names: %v, %d webhooks", err, len(a.webhooks()))
	}
	other.Credential = second
	made, err := c.Connect(t.Context(), other)
	if err != nil {
		t.Fatal(err)
	}
	if made.WebhookURL != "https://leadline.example/base/api/integrations/fathom/webhook/lanternfish/second" {
		t.Errorf("webhook %s", made.WebhookURL)
	}
	if err := c.Disconnect(t.Context(), made.Org, made.Provider, connection.First, false); err != nil {
		t.Fatal(err)
	}
	if still := stored(t, table, "second"); still.DisconnectedAt != nil || len(a.webhooks()) != 1 {
		t.Errorf("ending one ended the other: %+v", still)
	}
}

func TestTwoThatConnectAtOnceLeaveOneWebhook(t *testing.T) {
	t.Parallel()
	a, r := newAccount(t), connectiontest.New(t)
	const callers = 4
	var connecting sync.WaitGroup
	succeeded := make(chan schemas.Connection, callers)
	var table *connection.Table
	for range callers {
		c, t1 := connector(r)
		table = t1
		connecting.Go(func() {
			if made, err := c.Connect(t.Context(), a.request()); err == nil {
				succeeded <- made
			}
		})
	}
	connecting.Wait()
	kept := stored(t, table, connection.First)
	if hooks := a.webhooks(); len(succeeded) == 0 || len(hooks) != 1 || hooks[0] != kept.WebhookID {
		t.Errorf("%d succeeded, webhooks %v, kept %q, leaked %q", len(succeeded), hooks, kept.WebhookID, kept.Leaked)
	}
}

func TestTheSwitchIsKeptAndSwitchingOnAsksForWhatWasMissed(t *testing.T) {
	t.Parallel()
	a, r := newAccount(t), connectiontest.New(t)
	c, table := connector(r)
	made, err := c.Connect(t.Context(), a.request())
	if err != nil {
		t.Fatal(err)
	}
	set := func(on bool) {
		t.Helper()
		for range 2 { // the second one changes nothing
			if err := c.SetIngest(t.Context(), made.Org, made.Provider, made.Name, on); err != nil {
				t.Fatal(err)
			}
		}
	}
	set(false)
	if off := stored(t, table, made.Name); off.Ingest || connection.StatusOf(off, nil, time.Now()).State != schemas.ConnectionPaused {
		t.Errorf("off: %+v", off)
	}
	if _, paused := errors.AsType[*connection.Paused](c.Sync(t.Context(), made.Org, made.Provider, made.Name, time.Time{})); !paused {
		t.Error("a sync of a paused connection was taken")
	}
	set(true)
	if err := c.Sync(t.Context(), made.Org, made.Provider, made.Name, time.Unix(0, 0)); err != nil {
		t.Fatal(err)
	}
	var sources []string
	for _, rec := range r.Read(schemas.SyncRequests.Name) {
		v, err := schemas.Decode(r.Codec, schemas.SyncRequests, rec.Value)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, v.Source)
	}
	if !slices.Equal(sources, []string{"connect", "resume", "manual"}) || !stored(t, table, made.Name).Ingest {
		t.Errorf("requests %v", sources)
	}
	_, missing := errors.AsType[*connection.NotConnected](c.SetIngest(t.Context(), "nobody", made.Provider, made.Name, true))
	if !missing {
		t.Error("an unknown connection was switched")
	}
}

func TestAnAdminIsToldWhatToDo(t *testing.T) {
	t.Parallel()
	on := func(method string, status int) func(*http.Request) int {
		return func(r *http.Request) int {
			if r.Method == method {
				return status
			}
			return 0
		}
	}
	for name, c := range map[string]struct {
		refuse    func(*http.Request) int
		change    func(*connection.Request)
		says      string
		temporary bool
	}{
		"wrong key":              {on(http.MethodGet, 401), nil, "mistyped", false},
		"deactivated user's key": {on(http.MethodGet, 403), nil, "deactivated", false},
		"rate limited":           {on(http.MethodGet, 429), nil, "too many calls", true},
		"recorder away":          {on(http.MethodGet, 503), nil, "does not answer", true},
		"unreachable public URL": {on(http.MethodPost, 400), nil, "public URL", false},
		"may not make webhooks":  {on(http.MethodPost, 403), nil, "may not make webhooks", false},
		"bad public URL":         {nil, func(r *connection.Request) { r.PublicURL = "leadline.example" }, "public URL", false},
		"key with spaces":        {nil, func(r *connection.Request) { r.Credential = recorder.NewSecret("a b") }, "missing characters", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, r := newAccount(t), connectiontest.New(t)
			a.refuse = c.refuse
			connect, _ := connector(r)
			request := a.request()
			if c.change != nil {
				c.change(&request)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			_, err := connect.Connect(ctx, request)
			step, ok := errors.AsType[*connection.StepError](err)
			if !ok || !strings.Contains(step.Advice(), c.says) || step.Temporary() != c.temporary {
				t.Errorf("%v, temporary %v, advice %q", err, ok && step.Temporary(), step.Advice())
			}
			if strings.Contains(err.Error()+step.Advice(), apiKey) {
				t.Error("the key is shown")
			}
		})
	}
}

func TestProgressTellsRateAndTimeLeft(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	since, reached := began.AddDate(0, 0, -100), began.AddDate(0, 0, -25)
	c := schemas.Connection{Org: "a", Provider: schemas.Fathom, Name: "default", Ingest: true, ConnectedAt: began}
	cursor := schemas.SyncCursor{
		Since: since, Page: "next", Meetings: 250, Pages: 25, Run: &began, Reached: &reached, Source: "connect",
		UpdatedAt: began.Add(time.Minute),
	}
	p := connection.StatusOf(c, &cursor, cursor.UpdatedAt).Sync
	// A quarter of the window took a minute.
	if !p.Running || p.PerMinute != 250 || p.SecondsLeft == nil || *p.SecondsLeft != 180 {
		t.Errorf("progress %+v", p)
	}
	cursor.Page, cursor.Stopped = "", "refused"
	s := connection.StatusOf(c, &cursor, cursor.UpdatedAt)
	if s.Sync.Running || s.Sync.SecondsLeft != nil || len(s.Problems) != 1 || s.Problems[0].Code != "sync_refused" {
		t.Errorf("status %+v", s)
	}
	c.ConnectedAt = began.Add(time.Hour)
	if s := connection.StatusOf(c, &cursor, cursor.UpdatedAt); s.Sync != nil {
		t.Errorf("progress of the connection before: %+v", s.Sync)
	}
}

// eraser is told when it may be done.
type eraser chan struct{}

func (e eraser) Erase(ctx context.Context, c schemas.Connection) (schemas.ErasureReceipt, error) {
	select {
	case <-e:
		return schemas.ErasureReceipt{AskedAt: *c.EraseAskedAt, Meetings: 7}, nil
	case <-ctx.Done():
		return schemas.ErasureReceipt{}, ctx.Err()
	}
}

func TestNobodyConnectsOverAnErasureThatIsUnderWay(t *testing.T) {
	t.Parallel()
	a, r := newAccount(t), connectiontest.New(t)
	c, table := connector(r)
	made, err := c.Connect(t.Context(), a.request())
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Disconnect(t.Context(), made.Org, made.Provider, made.Name, true); err != nil {
		t.Fatal(err)
	}
	done := make(eraser)
	upkeep := &connection.Upkeep{Connector: c, Table: table, Eraser: done, Every: 100 * time.Millisecond}
	r.Start(upkeep.Run)
	if _, err := c.Connect(t.Context(), a.request()); !errors.Is(err, connection.ErrErasing) || len(a.webhooks()) != 0 {
		t.Fatalf("connected over it: %v", err)
	}
	close(done)
	r.Until("receipt", func() bool {
		receipt := connection.StatusOf(stored(t, table, made.Name), nil, time.Now()).Receipt
		return receipt != nil && receipt.Meetings == 7
	})
	if _, err := c.Connect(t.Context(), a.request()); err != nil {
		t.Error(err)
	}
}
