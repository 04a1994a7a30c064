package simulator

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestControlEndpointsAnswerThisMachineOnly(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	raw, err := json.Marshal(map[string]any{"meeting": testMeeting(), "ended": false})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		method, path, body string
		status             int
	}{
		{"PUT", "meetings", string(raw), 200}, {"PUT", "meetings", `{"x":1}`, 400},
		{"POST", "end", `{"uuid":"` + testUUID + `","step":"recording"}`, 200}, {"POST", "end", `{"uuid":"` + testUUID + `","step":"x"}`, 400},
		{"POST", "end", `{"uuid":"nobody"}`, 404}, {"POST", "end-all", "", 200}, {"GET", "meetings", "", 200}, {"GET", "deliveries", "", 200},
		{"POST", "limits", `{"heavy":1}`, 200}, {"POST", "limits", `{"heavy":-1}`, 400}, {"POST", "expire-tokens", "", 200},
		{"POST", "fault", `{"path":"/users","status":503,"times":1}`, 200}, {"POST", "subscribe", `{"url":"http://127.0.0.1:1/x"}`, 400},
		{"DELETE", "meetings", `{"uuid":"` + testUUID + `"}`, 200}, {"DELETE", "meetings", `{"uuid":"` + testUUID + `"}`, 404},
	} {
		if status, _, answer := b.call(c.method, "/control/"+c.path, "", c.body); status != c.status {
			t.Errorf("%s %s %s: %d %v", c.method, c.path, c.body, status, answer)
		}
	}
	if status, _, _ := b.call("GET", "/v2/users", "", ""); status != 503 {
		t.Errorf("an ordered fault: %d", status)
	}
	for _, change := range []func(*http.Request){
		func(r *http.Request) { r.RemoteAddr = "192.0.2.1:5" }, func(r *http.Request) { r.Host = "evil.example" },
		func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
	} {
		req := httptest.NewRequest(http.MethodPost, "http://127.0.0.1/control/end-all", nil)
		req.RemoteAddr = "127.0.0.1:5"
		change(req)
		w := httptest.NewRecorder()
		b.sim.Handler().ServeHTTP(w, req)
		if w.Code != http.StatusForbidden {
			t.Errorf("status %d", w.Code)
		}
	}
}
