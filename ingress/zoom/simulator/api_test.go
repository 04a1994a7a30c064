package simulator

import (
	"strings"
	"testing"
	"time"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	for name, c := range map[string][2]string{
		"no credential": {"", "grant_type=account_credentials&account_id=acc"},
		"other grant":   {"basic", "grant_type=client_credentials&account_id=acc"},
		"other account": {"basic", "grant_type=account_credentials&account_id=x"},
	} {
		if status, _, answer := b.call("POST", "/oauth/token", c[0], c[1]); status != 400 || answer["error"] == nil {
			t.Errorf("%s: %d %v", name, status, answer)
		}
	}
	first, second := b.token(), b.token()
	for _, token := range []string{first, second} { // a new one does not end the old
		if status, _, _ := b.call("GET", "/v2/users", token, ""); status != 200 {
			t.Errorf("status %d", status)
		}
	}
	if status, _, answer := b.call("GET", "/v2/users?access_token="+first, first, ""); status != 401 || answer["code"] != 124.0 {
		t.Errorf("in the query: %d %v", status, answer)
	}
	b.advance(tokenLife)
	if status, _, answer := b.call("GET", "/v2/users", first, ""); status != 401 || answer["code"] != 124.0 {
		t.Errorf("expired: %d %v", status, answer)
	}
}

func TestPathsAndRangesAreZooms(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.put(testMeeting(), true)
	token := b.token()
	for path, want := range map[string]int{
		"/v2/meetings/%252Fsim%252F%252FA%252Bb%253D%253D/recordings": 200,
		"/v2/meetings/%2Fsim%2F%2FA%2Bb%3D%3D/recordings":             404, // escaped once only
		"/v2/meetings/81000000001/recordings":                         200, // the latest occurrence
		"/v2/meetings/81000000002/recordings":                         404,
		"/v2/past_meetings/81000000001/instances":                     200,
		"/v2/users/host/recordings?from=2026-10-01&to=2026-11-01":     200,
		"/v2/users/ada@ours.example/recordings":                       200,
		"/v2/users/host/recordings?from=2026-10-01&to=2026-11-02":     400,
		"/v2/users/host/recordings?from=yesterday":                    400,
		"/v2/users/host/recordings?page_size=0":                       400,
		"/v2/users/host/recordings?next_page_token=xyz":               400,
		"/v2/users/me/recordings":                                     404,
		"/v2/nothing":                                                 404,
	} {
		if status, _, answer := b.call("GET", path, token, ""); status != want {
			t.Errorf("%s: %d %v", path, status, answer)
		}
	}
	_, _, page := b.call("GET", "/v2/users/host/recordings", token, "") // default: today
	if page["total_records"] != 0.0 || page["page_size"] != 30.0 || page["from"] != "2026-10-20" {
		t.Errorf("default page %v", page)
	}
}

func TestLimitsAreCountedByClassAndDay(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *Options) { o.Limits = Limits{Light: 1, Medium: 5, Heavy: 2, Daily: 3} })
	b.put(testMeeting(), true)
	token := b.token()
	report := "/v2/report/meetings/81000000001/participants"
	for i, want := range []int{200, 200, 429} {
		status, h, answer := b.call("GET", report, token, "")
		if status != want || h.Get("X-RateLimit-Category") != "Heavy" || h.Get("X-RateLimit-Type") != "QPS" || want == 429 && (h.Get("Retry-After") != "" || answer["code"] != 429.0) {
			t.Errorf("call %d: %d %v", i, status, h)
		}
	}
	if status, _, _ := b.call("GET", "/v2/past_meetings/81000000001", token, ""); status != 200 {
		t.Error("a light call is counted as a heavy one")
	}
	b.advance(time.Second)
	_, _, _ = b.call("GET", report, token, "")
	status, h, _ := b.call("GET", report, token, "")
	if status != 429 || h.Get("X-RateLimit-Type") != "Daily-limit" || h.Get("Retry-After") != "2026-10-21T00:00:00Z" {
		t.Errorf("%d %v", status, h)
	}
	b.advance(24 * time.Hour)
	if status, _, _ := b.call("GET", report, b.token(), ""); status != 200 {
		t.Errorf("the next day: %d", status)
	}
	if n := b.sim.Refused(); n != 2 {
		t.Errorf("%d were refused", n)
	}
}

func TestFilesNeedATokenAndTheirOwnLink(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.put(testMeeting(), true)
	if status, _, _ := b.call("GET", "/rec/download/"+testFile, "", ""); status != 401 {
		t.Errorf("without token: %d", status)
	}
	_, _, recording := b.call("GET", "/v2/meetings/81000000001/recordings?include_fields=download_access_token", b.token(), "")
	status, h, _ := b.call("GET", "/rec/download/"+testFile, recording["download_access_token"].(string), "")
	link := strings.TrimPrefix(h.Get("Location"), b.root)
	if status != 302 || link == "" {
		t.Fatalf("%d %v", status, h)
	}
	for path, want := range map[string]int{link: 200, "/rec/file/" + testFile + "?sig=guessed": 404, strings.Replace(link, testFile, "file-0", 1): 404} {
		if status, _, _ := b.call("GET", path, "", ""); status != want {
			t.Errorf("%s: %d", path, status)
		}
	}
	b.advance(downloadLife)
	if status, _, _ := b.call("GET", link, "", ""); status != 404 {
		t.Errorf("a day later: %d", status)
	}
}
