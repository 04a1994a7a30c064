package zoom_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"leadline/ingress/recorder"
	"leadline/ingress/zoom"
	"leadline/ingress/zoom/simulator"
	"leadline/schemas"
)

func kind(err error) recorder.Kind {
	if f, ok := errors.AsType[*recorder.Failure](err); ok {
		return f.Kind
	}
	return ""
}

func whole(t *testing.T, d recorder.Document) schemas.ZoomRecording {
	t.Helper()
	var m schemas.ZoomRecording
	if err := json.Unmarshal(d.Body, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestAListingHasEveryMeetingOfEveryUserOnceNewestMonthFirst(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	want := map[string]bool{}
	now := time.Now().UTC()
	for _, host := range []string{"ada", "bo", "cy"} {
		for n := range 25 {
			want[r.put(meeting(host, n, now.AddDate(0, 0, -5*n)))] = true // four months
		}
	}
	all, pages := r.listing(t.Context(), time.Time{})
	month := "9999-99"
	for _, d := range all {
		m := whole(t, d)
		if !want[m.UUID] {
			t.Errorf("%q came twice, or is none of ours", m.UUID)
		}
		delete(want, m.UUID)
		if this := d.CreatedAt.Format("2006-01"); this > month {
			t.Errorf("%s comes after %s", this, month)
		} else {
			month = this
		}
		if uuid, err := schemas.ZoomUUID(d.Recording); err != nil || uuid != m.UUID || !d.Complete() || d.Event != schemas.ZoomMeetingReceived ||
			len(m.Transcripts) != 1 || len(m.Participants) != 2 || m.Past == nil || m.Missing != nil || m.Report != nil {
			t.Errorf("document %+v, %v", m, err)
		}
	}
	if len(want) > 0 {
		t.Errorf("%d meetings are missing", len(want))
	}
	if pages > 30 || r.called("/oauth/token") != 1 || r.called("/v2/users?") != 2 {
		t.Errorf("%d pages, %d tokens, %d lists of users", pages, r.called("/oauth/token"), r.called("/v2/users?"))
	}
	if some, _ := r.listing(t.Context(), now.AddDate(0, 0, -14)); len(some) != 9 { // days 0, 5 and 10
		t.Errorf("%d meetings of the last fortnight", len(some))
	}
}

func TestAListingGoesOnWhenItsTokenHasEnded(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	late := time.Duration(0)
	r := newRig(t, func(o *simulator.Options) {
		o.Clock = func() time.Time { mu.Lock(); defer mu.Unlock(); return time.Now().Add(late) }
	})
	start := time.Now().UTC().Truncate(24 * time.Hour)
	for n := range 15 {
		r.put(meeting("ada", n, start.Add(time.Duration(n)*time.Minute)))
	}
	first, err := r.recorder.Page(t.Context(), r.account, recorder.Query{Since: start})
	if err != nil || len(first.Documents) != 10 {
		t.Fatalf("%d, %v", len(first.Documents), err)
	}
	mu.Lock()
	late = 20 * time.Minute
	mu.Unlock()
	seen := map[string]bool{}
	for cursor := first.Next; cursor != ""; {
		p, err := r.recorder.Page(t.Context(), r.account, recorder.Query{Since: start, Cursor: cursor})
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range p.Documents {
			seen[d.Recording] = true
		}
		cursor = p.Next
	}
	if len(seen) != 15 {
		t.Errorf("%d meetings after the token had ended", len(seen))
	}
	if _, err := r.recorder.Page(t.Context(), r.account, recorder.Query{Cursor: "another's"}); kind(err) != recorder.BadCursor {
		t.Errorf("a cursor of somebody else: %v", err)
	}
}

func TestWhatZoomDoesNotHaveIsMissingAndWhatItCannotSayNowIsAnError(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault   simulator.Fault
		missing schemas.ZoomMissing
		kind    recorder.Kind
	}{
		"no participants":       {simulator.Fault{Path: "/past_meetings/", Status: 404, Code: 3001, Times: 2}, schemas.ZoomMissing{Part: "past_meeting", Status: 404, Code: 3001}, ""},
		"no right to summaries": {simulator.Fault{Path: "/meeting_summary", Status: 401, Code: 4711, Times: 9}, schemas.ZoomMissing{Part: "summary", Status: 401, Code: 4711}, ""},
		"no transcript file":    {simulator.Fault{Path: "/rec/file", Status: 404, Code: 3301, Times: 1}, schemas.ZoomMissing{Part: "transcript", Status: 404, Code: 3301}, ""},
		"recording deleted":     {simulator.Fault{Path: "/recordings", Status: 404, Code: 3301, Times: 1}, schemas.ZoomMissing{}, recorder.Gone},
		"trouble at Zoom":       {simulator.Fault{Path: "/meeting_summary", Status: 503, Times: 1}, schemas.ZoomMissing{}, recorder.Unavailable},
		"cut off":               {simulator.Fault{Path: "/rec/download", Times: 9}, schemas.ZoomMissing{}, recorder.Unavailable},
		"full day":              {simulator.Fault{Path: "/participants", Status: 500, Times: 1}, schemas.ZoomMissing{}, recorder.Unavailable},
		"token refused":         {simulator.Fault{Path: "/transcript", Status: 401, Code: 124, Times: 9}, schemas.ZoomMissing{}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, nil)
			id, err := schemas.ZoomRecordingID(r.put(meeting("ada", 0, time.Now())))
			if err != nil {
				t.Fatal(err)
			}
			r.sim.Break(c.fault)
			d, err := r.recorder.Meeting(t.Context(), r.account, recorder.Ref{Recording: id})
			if kind(err) != c.kind {
				t.Fatal(err)
			}
			if err != nil {
				return
			}
			m := whole(t, d)
			if c.missing.Part == "" {
				if m.Missing != nil {
					t.Errorf("missing %+v", m.Missing)
				}
			} else if len(m.Missing) == 0 || m.Missing[0] != c.missing {
				t.Errorf("missing %+v", m.Missing)
			}
		})
	}
}

func TestAMeetingThatIsListedAndNotFoundIsNamedAndHasNoBody(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	at := time.Now().UTC().Truncate(time.Second)
	id, err := schemas.ZoomRecordingID(r.put(meeting("ada", 0, at)))
	if err != nil {
		t.Fatal(err)
	}
	r.sim.Break(simulator.Fault{Path: "/meetings/", Status: 404, Code: 3301, Times: 1})
	for _, body := range []bool{false, true} {
		listed, _ := r.listing(t.Context(), at.AddDate(0, 0, -1))
		if len(listed) != 1 || listed[0].Recording != id || !listed[0].CreatedAt.Equal(at) || (len(listed[0].Body) > 0) != body {
			t.Errorf("listed %+v, want %s with a body %v", listed, id, body)
		}
	}
}

func TestTheReportIsAskedForWhereAnAddressIsLacking(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	m := meeting("ada", 1, time.Now())
	m.Participants[1]["user_email"] = ""
	m.Report = []map[string]any{{"name": "Guest", "user_id": "2", "user_email": "guest@customer.example"}}
	id, err := schemas.ZoomRecordingID(r.put(m))
	if err != nil {
		t.Fatal(err)
	}
	d, err := r.recorder.Meeting(t.Context(), r.account, recorder.Ref{Recording: id})
	if err != nil || len(whole(t, d).Report) != 1 || r.called("/report/") != 1 {
		t.Errorf("%d reports, %v", r.called("/report/"), err)
	}
}

func TestATranscriptThatComesLaterIsSaidToBeMissing(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	m := meeting("ada", 2, time.Now())
	if _, err := r.sim.Put(m, false); err != nil {
		t.Fatal(err)
	}
	uuid := m.Recording["uuid"].(string)
	id, err := schemas.ZoomRecordingID(uuid)
	if err != nil {
		t.Fatal(err)
	}
	fetch := func() recorder.Document {
		d, err := r.recorder.Meeting(t.Context(), r.account, recorder.Ref{Recording: id})
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	if _, err := r.recorder.Meeting(t.Context(), r.account, recorder.Ref{Recording: id}); kind(err) != recorder.Gone {
		t.Errorf("before it ended: %v", err)
	}
	for _, step := range []struct {
		take                func(string) (int, error)
		transcript, summary bool
	}{{r.sim.Record, false, false}, {r.sim.Transcribe, true, false}, {r.sim.Summarize, true, true}} {
		if _, err := step.take(uuid); err != nil {
			t.Fatal(err)
		}
		if d := fetch(); d.Transcript != step.transcript || d.Summary != step.summary {
			t.Errorf("transcript %v, summary %v", d.Transcript, d.Summary)
		} else if missing := whole(t, d).Missing; !step.transcript && (len(missing) == 0 || missing[0].Reason != "NOT_READY") {
			t.Errorf("missing %+v", missing)
		}
	}
}

func TestProveNamesTheAccountAndRefusesAWrongCredential(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.put(meeting("ada", 0, time.Now()))
	proof, err := r.recorder.Prove(t.Context(), r.account)
	if err != nil || proof.Account != credential.AccountID {
		t.Errorf("%+v, %v", proof, err)
	}
	wrong := credential
	wrong.ClientSecret = "hush-wrong"
	text, err := wrong.Text()
	if err != nil {
		t.Fatal(err)
	}
	bad := r.account
	bad.Credential = recorder.NewSecret(text)
	if _, err := r.recorder.Prove(t.Context(), bad); kind(err) != recorder.Denied || strings.Contains(err.Error(), "hush") {
		t.Errorf("wrong secret: %v", err)
	}
	// The connection was made anew with the right one: nothing of the wrong one is kept.
	if _, err := r.recorder.Prove(t.Context(), r.account); err != nil {
		t.Error(err)
	}
	r.sim.ExpireTokens()
	if _, err := r.recorder.Prove(t.Context(), r.account); err != nil {
		t.Errorf("after the token had ended: %v", err)
	}
}

func TestDeliveriesBecomeRequestsAndNothingOfThemIsKept(t *testing.T) {
	t.Parallel()
	r := zoom.New(zoom.Pro)
	v, err := r.Verifier("old", secretToken)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 10, 5, 12, 0, 0, 0, time.UTC)
	for body, want := range map[string]recorder.Delivery{
		`{"event":"recording.completed","event_ts":1,"download_token":"hush","payload":{"account_id":"a","object":{"uuid":"/a//b==","id":1}}}`:        {ID: "recording.completed 1 /a//b==", Fetch: "_a__b=="},
		`{"event":"recording.transcript_completed","event_ts":2,"payload":{"download_token":"hush","account_id":"a","object":{"uuid":"x","id":"1"}}}`: {ID: "recording.transcript_completed 2 x", Fetch: "x"},
		`{"event":"meeting.summary_completed","event_ts":3,"payload":{"account_id":"a","object":{"meeting_uuid":"y+","meeting_id":7}}}`:               {ID: "meeting.summary_completed 3 y+", Fetch: "y-"},
		`{"event":"recording.recovered","event_ts":5,"payload":{"account_id":"a","object":{"uuid":"z","id":1}}}`:                                      {ID: "recording.recovered 5 z", Fetch: "z"},
		`{"event":"recording.trashed","event_ts":6,"payload":{"account_id":"a","object":{"uuid":"z","id":1}}}`:                                        {ID: "recording.trashed 6 z", Fetch: "z", Gone: true},
		`{"event":"recording.deleted","event_ts":7,"payload":{"account_id":"a","object":{"uuid":"z","id":1}}}`:                                        {ID: "recording.deleted 7 z", Fetch: "z", Gone: true},
		`{"event":"meeting.ended","payload":{"account_id":"a","object":{"uuid":"x","id":"1"}}}`:                                                       {ID: "meeting.ended  x"},
		`{"event":"endpoint.url_validation","event_ts":4,"payload":{"plainToken":"p"}}`: {ID: "endpoint.url_validation 4 ",
			Answer: fmt.Appendf(nil, `{"encryptedToken":%q,"plainToken":"p"}`, zoom.EncryptToken(secretToken, "p"))},
	} {
		h := http.Header{}
		h.Set("x-zm-request-timestamp", strconv.FormatInt(now.Unix(), 10))
		h.Set("x-zm-signature", zoom.Sign(secretToken, now, []byte(body)))
		got, err := v.Verify(h, []byte(body), now)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n%+v, %v", body, got, err)
		}
		account, shared := r.AccountOf([]byte(body))
		if challenge := got.Answer != nil; !shared || (account == "") != challenge {
			t.Errorf("%s: of account %q", body, account)
		}
	}
	for _, body := range []string{`[]`, `{"event":""}`, `{"event":"recording.completed","payload":{"object":{}}}`, `{"event":"endpoint.url_validation","payload":{}}`} {
		h := http.Header{}
		h.Set("x-zm-request-timestamp", strconv.FormatInt(now.Unix(), 10))
		h.Set("x-zm-signature", zoom.Sign(secretToken, now, []byte(body)))
		if _, err := v.Verify(h, []byte(body), now); err == nil {
			t.Errorf("%s: accepted", body)
		}
	}
}

// A meeting costs six calls or more: one that is spared is listed, and nothing else.
func TestAMeetingThatIsSparedIsListedAndNotRead(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	old, err := schemas.ZoomRecordingID(r.put(meeting("ada", 0, time.Now().AddDate(0, 0, -3))))
	if err != nil {
		t.Fatal(err)
	}
	young := r.put(meeting("ada", 2, time.Now().Add(-time.Hour)))
	spare := func(recording string, createdAt time.Time) bool {
		return recording == old && time.Since(createdAt) > 48*time.Hour
	}
	p, err := r.recorder.Page(t.Context(), r.account, recorder.Query{Since: time.Now().AddDate(0, 0, -5), Spare: spare})
	for cursor := p.Next; err == nil && cursor != ""; { // a month may have begun meanwhile
		var more recorder.Page
		more, err = r.recorder.Page(t.Context(), r.account, recorder.Query{Since: time.Now().AddDate(0, 0, -5), Cursor: cursor, Spare: spare})
		p.Documents, cursor = append(p.Documents, more.Documents...), more.Next
	}
	if err != nil || len(p.Documents) != 2 {
		t.Fatalf("%d documents, %v", len(p.Documents), err)
	}
	for _, d := range p.Documents {
		if d.Recording == old && (len(d.Body) > 0 || d.CreatedAt.IsZero()) || d.Recording != old && whole(t, d).UUID != young {
			t.Errorf("document %+v", d)
		}
	}
	if n := r.called("/participants"); n != 1 {
		t.Errorf("%d meetings were read, want 1", n)
	}
}
