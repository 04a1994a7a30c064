package zoom

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"leadline/ingress/recorder"
	"leadline/schemas"
)

// Plan is what an account pays for; its limits follow from it.
type Plan string

// Zoom's plans, as far as limits tell them apart.
const (
	Free     Plan = "free"
	Pro      Plan = "pro"
	Business Plan = "business" // and above

	// Unlimited is a simulator without limits.
	Unlimited Plan = "unlimited"
)

// Recorder is Zoom as Leadline uses it. Make it with New: it keeps the access tokens of the connections.
type Recorder struct {
	plan Plan
	now  func() time.Time

	mu       sync.Mutex
	accounts map[string]*account // connection id
}

// account is what is kept of one between calls.
type account struct {
	credential Credential
	tokens     *tokens

	mu     sync.Mutex
	users  []User
	listed time.Time
}

var _ recorder.Recorder = (*Recorder)(nil)

// UnmarshalText lets a flag be a Plan.
func (p *Plan) UnmarshalText(text []byte) error {
	if _, known := perSecond[Plan(text)]; !known {
		return fmt.Errorf("%.20q: want free, pro, business or unlimited", text)
	}
	*p = Plan(text)
	return nil
}

// perSecond are light, medium and heavy calls: half of what Zoom allows, because the account's other apps count, too. A
// free account has one heavy call a second, which cannot be halved.
var perSecond = map[Plan][3]int{Free: {2, 1, 1}, Pro: {15, 10, 5}, Business: {40, 30, 20}, Unlimited: {10000, 10000, 10000}}

// New takes the plan of the accounts; Pro if it is none of those above.
func New(plan Plan) *Recorder {
	if _, known := perSecond[plan]; !known {
		plan = Pro
	}
	return &Recorder{plan: plan, now: time.Now, accounts: make(map[string]*account)}
}

// BaseURL is the same for every account.
func (*Recorder) BaseURL() string { return DefaultBaseURL }

// WebhooksByHand is true: an app's events are chosen on its page at Zoom, which shows its secret token.
func (*Recorder) WebhooksByHand() bool { return true }

// Limits are the plan's.
func (r *Recorder) Limits() []recorder.Limit {
	calls := perSecond[r.plan]
	return []recorder.Limit{
		{Name: limitLight, Calls: calls[0], Window: time.Second},
		{Name: limitMedium, Calls: calls[1], Window: time.Second},
		{Name: limitHeavy, Calls: calls[2], Window: time.Second},
	}
}

// client makes one for a call, with what is kept of the account.
func (r *Recorder) client(a recorder.Account) (*Client, *account, error) {
	credential, err := parseCredential(a.Credential.Reveal())
	if err != nil {
		return nil, nil, &recorder.Failure{Kind: recorder.Invalid, Err: err}
	}
	kept := &account{credential: credential, tokens: newTokens(credential)}
	if a.Connection != "" {
		r.mu.Lock()
		// A connection that was made anew may have another credential.
		if known := r.accounts[a.Connection]; known != nil && known.credential == credential {
			kept = known
		} else {
			r.accounts[a.Connection] = kept
		}
		r.mu.Unlock()
	}
	c, err := NewClient(Options{
		BaseURL: a.BaseURL, Credential: credential, HTTP: a.HTTP, Now: r.now, tokens: kept.tokens,
		Wait: func(ctx context.Context, limit string) error { return a.Wait(ctx, limit) },
	})
	if err != nil {
		return nil, nil, &recorder.Failure{Kind: recorder.Invalid, Err: err}
	}
	return c, kept, nil
}

// SameCredential compares what the JSON says: white space, the order of keys and keys that mean nothing to us make no
// other app of it.
func (*Recorder) SameCredential(a, b recorder.Secret) bool {
	one, err := parseCredential(a.Reveal())
	if err != nil {
		return a.Reveal() == b.Reveal()
	}
	other, err := parseCredential(b.Reveal())
	return err == nil && one == other
}

// Prove fetches a token and makes a call with it. The account is the one that deliveries name.
func (r *Recorder) Prove(ctx context.Context, a recorder.Account) (recorder.Proof, error) {
	c, kept, err := r.client(a)
	if err != nil {
		return recorder.Proof{}, err
	}
	if err := c.Prove(ctx, r.now()); err != nil {
		return recorder.Proof{}, sorted(ctx, err)
	}
	return recorder.Proof{Account: kept.credential.AccountID}, nil
}

var errByHand = errors.New("webhooks of Zoom are made on the app's page at Zoom")

// CreateWebhook cannot: see WebhooksByHand.
func (*Recorder) CreateWebhook(context.Context, recorder.Account, string) (recorder.Webhook, error) {
	return recorder.Webhook{}, &recorder.Failure{Kind: recorder.Invalid, Err: errByHand}
}

// DeleteWebhook has nothing to delete: no id was ever given out.
func (*Recorder) DeleteWebhook(context.Context, recorder.Account, string) error { return nil }

// usersKept spares a list of all users for each page. Who comes meanwhile is listed by the next run.
const usersKept = 10 * time.Minute

func (a *account) list(ctx context.Context, c *Client, now time.Time) ([]User, error) {
	a.mu.Lock()
	users, listed := a.users, a.listed
	a.mu.Unlock()
	if users != nil && now.Sub(listed) < usersKept {
		return users, nil
	}
	users, err := c.Users(ctx)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	a.users, a.listed = users, now
	a.mu.Unlock()
	return users, nil
}

// Page reads up to ten meetings with everything that Zoom has of them. The window is one of days.
func (r *Recorder) Page(ctx context.Context, a recorder.Account, q recorder.Query) (recorder.Page, error) {
	c, kept, err := r.client(a)
	if err != nil {
		return recorder.Page{}, err
	}
	until := q.Until
	if until.IsZero() {
		until = r.now()
	}
	at, to, err := parseCursor(q.Cursor, until)
	if err != nil {
		return recorder.Page{}, &recorder.Failure{Kind: recorder.BadCursor, Err: err}
	}
	users, err := kept.list(ctx, c, r.now())
	if err != nil {
		return recorder.Page{}, sorted(ctx, err)
	}
	w := &walk{Client: c, users: users, since: q.Since, spare: q.Spare, now: r.now, at: at, to: to}
	p, err := w.page(ctx)
	return p, sorted(ctx, err)
}

// Meeting fetches one by its UUID.
func (r *Recorder) Meeting(ctx context.Context, a recorder.Account, ref recorder.Ref) (recorder.Document, error) {
	uuid, err := schemas.ZoomUUID(ref.Recording)
	if err != nil {
		return recorder.Document{}, &recorder.Failure{Kind: recorder.Gone, Err: err}
	}
	c, _, err := r.client(a)
	if err != nil {
		return recorder.Document{}, err
	}
	whole, err := c.Meeting(ctx, uuid)
	if err != nil {
		return recorder.Document{}, sorted(ctx, err)
	}
	return documentOf(whole)
}

// maxMinutes of a meeting are 30 hours, Zoom's own limit.
const maxMinutes = 30 * 60

func documentOf(m *schemas.ZoomRecording) (recorder.Document, error) {
	d := recorder.Document{Event: schemas.ZoomMeetingReceived, Transcript: len(m.Transcripts) > 0, Summary: m.Summary != nil}
	var head struct {
		Start    moment `json:"start_time"`
		Duration int64  `json:"duration"` // minutes
	}
	_ = json.Unmarshal(m.Recording, &head) // zero: nobody knows
	d.CreatedAt = head.Start.Time
	if !head.Start.IsZero() {
		d.EndedAt = head.Start.Add(time.Duration(min(max(head.Duration, 0), maxMinutes)) * time.Minute)
	}
	// A UUID of which no id can be made is normalize's to refuse, with the record kept.
	d.Recording, _ = schemas.ZoomRecordingID(m.UUID)
	var err error
	d.Body, err = encode(m)
	return d, err
}

// AccountOf reads it where all of Zoom's events have it. A challenge has none: it is Zoom's question to the app.
func (*Recorder) AccountOf(body []byte) (account string, shared bool) {
	n, err := parseNotice(body)
	if err != nil || len(n.Payload.AccountID) > maxField {
		return "", true
	}
	return n.Payload.AccountID, true
}

// Verifier checks deliveries by Zoom's scheme.
func (*Recorder) Verifier(secrets ...string) (recorder.Verifier, error) {
	v, err := NewVerifier(secrets...)
	if err != nil {
		return nil, err
	}
	return deliveries{v}, nil
}

// deliveries are never stored: they hold a token that opens the recording for a day. What they are about is fetched. One
// that is signed and cannot be read is refused; the hourly sync finds what it was about.
type deliveries struct{ verifier *Verifier }

func (d deliveries) Verify(h http.Header, body []byte, now time.Time) (recorder.Delivery, error) {
	secret, err := d.verifier.Verify(h, body, now)
	if err != nil {
		return recorder.Delivery{}, err
	}
	n, err := parseNotice(body)
	if err != nil {
		return recorder.Delivery{}, &recorder.Refused{Reason: recorder.ReasonMalformed}
	}
	out := recorder.Delivery{ID: n.id()}
	switch {
	case n.Event == EventValidation:
		if out.Answer, err = n.challenge(secret); err != nil {
			return recorder.Delivery{}, &recorder.Refused{Reason: recorder.ReasonMalformed}
		}
	case n.wantsRecording():
		if out.Fetch, err = schemas.ZoomRecordingID(n.recording()); err != nil {
			return recorder.Delivery{}, &recorder.Refused{Reason: recorder.ReasonMalformed}
		}
		out.Gone = n.gone()
	}
	return out, nil
}

// sorted makes a Failure of a failed call.
func sorted(ctx context.Context, err error) error {
	status, answered := errors.AsType[*StatusError](err)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, ErrTooLarge):
		return &recorder.Failure{Kind: recorder.TooLarge, Status: http.StatusOK, Err: err}
	case !answered: // an answer of another shape, as a proxy that is in trouble sends
		return &recorder.Failure{Kind: recorder.Unavailable, Status: http.StatusOK, Err: err}
	}
	f := &recorder.Failure{Status: status.Status, After: status.RetryAfter, Err: err}
	switch {
	case status.Status == http.StatusTooManyRequests:
		f.Kind = recorder.Limited
	case status.Temporary():
		f.Kind = recorder.Unavailable
	case status.credential || status.noScope() || status.Status == http.StatusUnauthorized || status.Status == http.StatusForbidden:
		f.Kind = recorder.Denied
	case status.Status == http.StatusNotFound:
		f.Kind = recorder.Gone
	default:
		f.Kind = recorder.Invalid
	}
	return f
}
