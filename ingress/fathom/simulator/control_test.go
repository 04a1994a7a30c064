package simulator

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"leadline/ingress/fathom"
)

func titles(t *testing.T, root string) []string {
	t.Helper()
	_, body := call(t, http.MethodGet, root+BasePath+"/meetings", "")
	var page struct{ Items []struct{ Title string } }
	if err := json.Unmarshal([]byte(body), &page); err != nil {
		t.Fatal(err)
	}
	list := []string{}
	for _, item := range page.Items {
		list = append(list, item.Title)
	}
	return list
}

func TestEndingAMeetingListsItAndFiresOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t, everything, 200)
	if got := titles(t, s.root); len(got) != 0 {
		t.Errorf("listed before the end: %v", got)
	}
	for _, want := range []string{`{"fired":1,"recording_id":1}`, `{"fired":0,"recording_id":1}`} {
		if _, body := call(t, http.MethodPost, s.root+"/control/meetings/1/end", ""); body != want {
			t.Errorf("got %s, want %s", body, want)
		}
	}
	if got := titles(t, s.root); len(got) != 1 {
		t.Errorf("listed after the end: %v", got)
	}
	if err := s.sim.Drained(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(s.receiver.got) != 1 {
		t.Errorf("%d deliveries", len(s.receiver.got))
	}
}

func TestDeliverAgainWithSameOrNewID(t *testing.T) {
	t.Parallel()
	s := newStage(t, everything, 200)
	if resp, _ := call(t, http.MethodPost, s.root+"/control/deliver/1", ""); resp.StatusCode != http.StatusConflict {
		t.Errorf("a meeting that has not ended: %d", resp.StatusCode)
	}
	s.end(t)
	for _, order := range []string{`{"same_id":true}`, `{"same_id":false}`, ``} {
		if resp, body := call(t, http.MethodPost, s.root+"/control/deliver/1", order); resp.StatusCode != 200 {
			t.Fatalf("%s: %s", order, body)
		}
		if err := s.sim.Drained(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	var ids []string
	for _, r := range s.receiver.got {
		ids = append(ids, r.Header.Get("webhook-id"))
	}
	if len(ids) != 4 || ids[0] != ids[1] || ids[1] == ids[2] || ids[2] == ids[3] {
		t.Errorf("ids %v", ids)
	}
}

func TestMeetingsAreAddedEditedAndDeleted(t *testing.T) {
	t.Parallel()
	_, root := start(t, Options{})
	one := root + "/control/meetings/1"
	retitled := string(sample(1, map[string]any{"title": "Renamed"}))
	for _, c := range []struct {
		method, url, body string
		status            int
		listed            string
	}{
		{"PUT", one, string(sample(1)), 201, ""},
		{"POST", one + "/end", "", 200, "Call 1"},
		{"PUT", one, retitled, 200, "Renamed"},
		{"PUT", one, string(sample(2)), 400, "Renamed"},
		{"PUT", one, `{}`, 400, "Renamed"},
		{"PUT", one, `nonsense`, 400, "Renamed"},
		{"PUT", root + "/control/meetings/x", retitled, 400, "Renamed"},
		{"DELETE", one, "", 204, ""},
		{"DELETE", one, "", 404, ""},
		{"POST", one + "/end", "", 404, ""},
		{"POST", root + "/control/deliver/1", "", 404, ""},
		{"PUT", one + "?ended=true", string(sample(1)), 201, "Call 1"},
	} {
		resp, body := call(t, c.method, c.url, c.body)
		if resp.StatusCode != c.status {
			t.Errorf("%s %s: %d %s", c.method, c.url, resp.StatusCode, body)
		}
		if got := strings.Join(titles(t, root), ","); got != c.listed {
			t.Errorf("after %s %s: listed %q, want %q", c.method, c.url, got, c.listed)
		}
	}
}

func TestEndAllEndsTheOldestFirst(t *testing.T) {
	t.Parallel()
	for _, order := range []string{``, `{"per_second":5000}`} {
		clock := newFakeClock()
		s, root := start(t, Options{Meetings: folder(12), Pending: true, Clock: clock.now})
		r := newReceiver(t, 200)
		request := everything
		request.DestinationURL, request.TriggeredFor = r.url, []string{fathom.MyRecordings}
		if _, err := newClient(t, root, testKey).CreateWebhook(t.Context(), request); err != nil {
			t.Fatal(err)
		}
		if resp, body := call(t, http.MethodPost, root+"/control/end-all", order); resp.StatusCode != 202 || body != `{"ending":12}` {
			t.Fatalf("%d %s", resp.StatusCode, body)
		}
		if err := s.Drained(t.Context()); err != nil {
			t.Fatal(err)
		}
		deliveries := s.courier.snapshot(func(d *delivery) bool { return d.State == stateDelivered })
		if len(deliveries) != 12 {
			t.Fatalf("%d deliveries", len(deliveries))
		}
		for i, d := range deliveries {
			if d.RecordingID != int64(i+1) {
				t.Errorf("delivery %d is of recording %d", i, d.RecordingID)
			}
		}
	}
}

func TestControlShowsMeetingsAndDeliveries(t *testing.T) {
	t.Parallel()
	s := newStage(t, everything, 500, 200)
	s.end(t)
	if _, _, err := s.sim.Put(sample(2), false); err != nil {
		t.Fatal(err)
	}
	_, body := call(t, http.MethodGet, s.root+"/control/meetings", "")
	var shown struct {
		Meetings []struct {
			RecordingID int64 `json:"recording_id"`
			Ended       bool
			Deliveries  []delivery
		}
	}
	if err := json.Unmarshal([]byte(body), &shown); err != nil {
		t.Fatal(err)
	}
	if len(shown.Meetings) != 2 || shown.Meetings[0].Ended || !shown.Meetings[1].Ended ||
		len(shown.Meetings[0].Deliveries) != 0 || len(shown.Meetings[1].Deliveries) != 1 {
		t.Fatalf("meetings: %s", body)
	}
	if strings.Contains(body, s.hook.Secret) {
		t.Error("the control endpoint shows a secret")
	}
	for state, want := range map[string]int{"": 1, "delivered": 1, "pending": 0, "given_up": 0} {
		_, body := call(t, http.MethodGet, s.root+"/control/deliveries?state="+state, "")
		var shown struct{ Deliveries []delivery }
		if err := json.Unmarshal([]byte(body), &shown); err != nil || len(shown.Deliveries) != want {
			t.Errorf("state %q: %s", state, body)
			continue
		}
		for _, d := range shown.Deliveries {
			if len(d.Attempts) != 2 || d.Attempts[0].Status != 500 || d.Attempts[1].Status != 200 || d.WebhookID != s.hook.ID {
				t.Errorf("state %q: %s", state, body)
			}
		}
	}
}

func TestControlChecksItsBodies(t *testing.T) {
	t.Parallel()
	_, root := start(t, Options{})
	for _, c := range []struct {
		method, path, body string
		status             int
	}{
		{"POST", "/control/limits", `{"calls":-1}`, 400},
		{"POST", "/control/limits", `{"unknown":1}`, 400},
		{"POST", "/control/limits", `{"calls":60,"heavy":30,"window_seconds":60}`, 200},
		{"POST", "/control/end-all", `{"per_second":"x"}`, 400},
		{"POST", "/control/end-all", strings.Repeat(" ", maxControlBody+1), 413},
		{"POST", "/control/nothing", ``, 404},
		{"GET", "/control/end-all", ``, 405},
	} {
		resp, body := call(t, c.method, root+c.path, c.body)
		if resp.StatusCode != c.status || !json.Valid([]byte(body)) {
			t.Errorf("%s %s %.40s: %d %s", c.method, c.path, c.body, resp.StatusCode, body)
		}
	}
}

func TestControlAnswersThisMachineOnly(t *testing.T) {
	t.Parallel()
	s, root := start(t, Options{})
	for host, status := range map[string]int{
		"localhost": 200, "localhost:8080": 200, "127.0.0.1:1": 200, "[::1]:1": 200,
		"evil.example": 403, "evil.example:80": 403, "127.0.0.1.evil.example": 403, "10.0.0.1": 403,
	} {
		if resp, _ := call(t, http.MethodGet, root+"/control/meetings", "", "Host", host); resp.StatusCode != status {
			t.Errorf("host %s: %d", host, resp.StatusCode)
		}
	}
	if resp, _ := call(t, http.MethodPost, root+"/control/end-all", "", "Origin", "http://evil.example"); resp.StatusCode != 403 {
		t.Errorf("another site's page: %d", resp.StatusCode)
	}
	for remote, status := range map[string]int{"127.0.0.1:5": 200, "[::1]:5": 200, "192.0.2.1:5": 403, "": 403} {
		request := httptest.NewRequest(http.MethodGet, "http://localhost/control/meetings", nil)
		request.RemoteAddr = remote
		recorder := httptest.NewRecorder()
		s.Handler().ServeHTTP(recorder, request)
		if recorder.Code != status {
			t.Errorf("from %s: %d", remote, recorder.Code)
		}
	}
}

func TestPacedEndingTakesItsTimeAndIsWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, err := New(Options{Keys: map[string]string{testKey: ""}, Meetings: folder(4), Pending: true})
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		if n := s.EndAll(0.5); n != 4 {
			t.Errorf("%d meetings to end", n)
		}
		if err := s.Drained(t.Context()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin).Round(time.Millisecond); took != 6*time.Second {
			t.Errorf("four meetings, one in two seconds, took %v", took)
		}
		if _, _, err := s.Put(sample(5), false); err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.Put(sample(6), false); err != nil {
			t.Fatal(err)
		}
		s.EndAll(1.0 / 3600)
		synctest.Wait()
		s.Close()
		_, first := s.archive.get(5)
		_, second := s.archive.get(6)
		if !first || second {
			t.Errorf("ended before Close: first %t, second %t", first, second)
		}
	})
}
