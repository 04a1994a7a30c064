package simulator

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"leadline/ingress/fathom"
)

func TestRetriesKeepTheIDAndAreSignedAnew(t *testing.T) {
	t.Parallel()
	s := newStage(t, everything, 500, 302, 200)
	s.end(t)

	official, err := standardwebhooks.NewWebhook(s.hook.Secret)
	if err != nil {
		t.Fatal(err)
	}
	ours, err := fathom.NewVerifier(s.hook.Secret)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.receiver.got) != 3 {
		t.Fatalf("%d attempts", len(s.receiver.got))
	}
	ids, stamps, signatures := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for i, r := range s.receiver.got {
		ids[r.Header.Get("webhook-id")] = true
		stamps[r.Header.Get("webhook-timestamp")] = true
		signatures[r.Header.Get("webhook-signature")] = true
		if s.receiver.bodies[i] != string(sample(1)) {
			t.Errorf("attempt %d: the body is not the file's bytes", i)
		}
		if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("attempt %d: %s %s", i, r.Method, r.Header.Get("Content-Type"))
		}
		if err := official.Verify([]byte(s.receiver.bodies[i]), r.Header); err != nil {
			t.Errorf("attempt %d: the official library says %v", i, err)
		}
		if _, err := ours.Verify(r.Header, []byte(s.receiver.bodies[i]), time.Now()); err != nil {
			t.Errorf("attempt %d: %v", i, err)
		}
	}
	if len(ids) != 1 || len(stamps) != 3 || len(signatures) != 3 {
		t.Errorf("ids %v, timestamps %v, signatures %v", ids, stamps, signatures)
	}
	if want := []time.Duration{0, 5 * time.Second, time.Minute}; !slices.Equal(s.waits.asked, want) {
		t.Errorf("waited %v", s.waits.asked)
	}
	d := s.only(t)
	if d.State != stateDelivered || d.Attempts[0].Status != 500 || d.Attempts[1].Status != 302 || d.Attempts[2].Status != 200 {
		t.Errorf("delivery %+v", d)
	}
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		statuses []int
		attempts int
		state    string
	}{
		"accepted":            {[]int{204}, 1, stateDelivered},
		"never accepted":      {[]int{503}, 3, stateGivenUp},
		"gone stops":          {[]int{500, 410}, 2, stateGivenUp},
		"redirect is failure": {[]int{308, 307, 301}, 3, stateGivenUp},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, everything, c.statuses...)
			elsewhere := newReceiver(t, 200)
			s.receiver.header.Set("Location", elsewhere.url)
			s.end(t)
			if d := s.only(t); len(d.Attempts) != c.attempts || d.State != c.state {
				t.Errorf("delivery %+v", d)
			}
			if len(elsewhere.got) > 0 {
				t.Error("a redirect was followed")
			}
		})
	}
}

func TestRetryAfterSlowsDown(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]time.Duration{"30": 30 * time.Second, "1": 5 * time.Second, "999999999": maxRetryAfter} {
		s := newStage(t, everything, 429, 200)
		s.receiver.header.Set("Retry-After", value)
		s.end(t)
		if !slices.Equal(s.waits.asked, []time.Duration{0, want}) {
			t.Errorf("Retry-After %s: waited %v", value, s.waits.asked)
		}
	}
}

func TestUnreachableReceiverIsGivenUp(t *testing.T) {
	t.Parallel()
	s := newStage(t, everything, 200)
	s.sim.hooks.hooks[0].settings.DestinationURL = "http://127.0.0.1:1/closed"
	s.end(t)
	if d := s.only(t); d.State != stateGivenUp || d.Attempts[2].Status != 0 || d.Attempts[2].Error == "" {
		t.Errorf("delivery %+v", d)
	}
}

func TestDeletedWebhookGetsNothingMore(t *testing.T) {
	t.Parallel()
	s := newStage(t, everything, 200)
	if err := s.client.DeleteWebhook(t.Context(), s.hook.ID); err != nil {
		t.Fatal(err)
	}
	if fired, err := s.sim.End(1); err != nil || fired != 0 {
		t.Errorf("fired %d, %v", fired, err)
	}
	if resp, _ := call(t, http.MethodDelete, s.root+BasePath+"/webhooks/"+s.hook.ID, ""); resp.StatusCode != 404 {
		t.Errorf("second delete: %d", resp.StatusCode)
	}
}

func TestWebhookBelongsToItsKey(t *testing.T) {
	t.Parallel()
	_, root := start(t, Options{Keys: map[string]string{"a": "", "b": ""}})
	request := everything
	request.DestinationURL, request.TriggeredFor = "http://h.example", []string{fathom.MyRecordings}
	hook, err := newClient(t, root, "a").CreateWebhook(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		key    string
		status int
	}{{"b", 404}, {"a", 204}} {
		resp, _ := call(t, http.MethodDelete, root+BasePath+"/webhooks/"+hook.ID, "", "X-Api-Key", c.key)
		if resp.StatusCode != c.status {
			t.Errorf("key %s: %d", c.key, resp.StatusCode)
		}
	}
}

func TestDeliveryCarriesOnlyWhatTheWebhookIncludes(t *testing.T) {
	t.Parallel()
	s := newStage(t, fathom.WebhookRequest{Summary: true}, 200)
	s.end(t)
	body := s.receiver.bodies[0]
	for _, absent := range []string{`"transcript"`, `"action_items"`, `"crm_matches"`, "matched_speaker_display_name"} {
		if strings.Contains(body, absent) {
			t.Errorf("%s is in the body", absent)
		}
	}
	if !strings.Contains(body, `"default_summary"`) {
		t.Error("no summary in the body")
	}
	official, err := standardwebhooks.NewWebhook(s.hook.Secret)
	if err != nil {
		t.Fatal(err)
	}
	if err := official.Verify([]byte(body), s.receiver.got[0].Header); err != nil {
		t.Error(err)
	}
}

func TestTriggers(t *testing.T) {
	t.Parallel()
	owned := account{owner: "ana@lanternfish.example"}
	meetingBy := func(email, shared string) *meeting {
		m := &meeting{SharedWith: shared}
		m.RecordedBy.Email = email
		return m
	}
	const mine, colleague, stranger = "Ana@lanternfish.example", "li@lanternfish.example", "pat@elsewhere.example"
	names := []string{"my_recordings", "my_shared_with_team_recordings", "shared_team_recordings", "shared_external_recordings"}
	for _, c := range []struct {
		who     account
		m       *meeting
		trigger string
	}{
		{owned, meetingBy(mine, "no_teams"), "my_recordings"},
		{owned, meetingBy(mine, ""), "my_recordings"},
		{owned, meetingBy(mine, "single_team"), "my_shared_with_team_recordings"},
		{owned, meetingBy(colleague, "all_teams"), "shared_team_recordings"},
		{owned, meetingBy(stranger, "single_team"), "shared_external_recordings"},
		{owned, meetingBy(colleague, "no_teams"), ""},
		{owned, meetingBy(stranger, "no_teams"), ""},
		{account{}, meetingBy(stranger, "no_teams"), "my_recordings"},
	} {
		for _, name := range names {
			if got := c.who.triggers([]string{name}, c.m); got != (name == c.trigger) {
				t.Errorf("%s for %s shared with %q: %t", name, c.m.RecordedBy.Email, c.m.SharedWith, got)
			}
		}
	}
}

func TestDestinationURLGetsThePartLater(t *testing.T) {
	t.Parallel()
	s, root := start(t, Options{Meetings: folder(1)})
	for _, part := range []string{"transcript", "summary"} {
		r := newReceiver(t, 200)
		path := root + BasePath + "/recordings/1/" + part
		_, answer := call(t, http.MethodGet, path+"?destination_url="+r.url, "")
		if want := `{"destination_url":"` + r.url + `"}`; answer != want {
			t.Errorf("%s: %s", part, answer)
		}
		if err := s.Drained(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, direct := call(t, http.MethodGet, path, "")
		if len(r.bodies) != 1 || r.bodies[0] != direct || r.got[0].Header.Get("webhook-signature") != "" {
			t.Errorf("%s: posted %q", part, r.bodies)
		}
	}
}

func TestSecretsAreLongAndDifferent(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for i := range 100 {
		secret := newSecret()
		if _, err := fathom.Sign(secret, strconv.Itoa(i), time.Now(), nil); err != nil || len(secret) != len("whsec_")+32 || seen[secret] {
			t.Fatalf("%s: %v", secret, err)
		}
		seen[secret] = true
	}
}
