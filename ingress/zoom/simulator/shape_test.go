package simulator

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// What the fixtures of the reference have, an answer has, too, and in the same types.
func TestAnswersHaveTheShapeOfTheFixtures(t *testing.T) {
	t.Parallel()
	root := os.Getenv("LEADLINE_SHARED")
	if root == "" {
		root = "../../../../shared"
	}
	fixture := func(name string) (value map[string]any) {
		raw, err := os.ReadFile(filepath.Join(root, "reference", "fixtures", "zoom", name))
		if err != nil {
			t.Skipf("shared fixtures are not here (set LEADLINE_SHARED): %v", err)
		}
		if err := json.Unmarshal(raw, &value); err != nil {
			t.Fatal(err)
		}
		return value
	}
	rows := func(name string) (list []map[string]any) {
		for _, row := range fixture(name)["participants"].([]any) {
			list = append(list, row.(map[string]any))
		}
		return list
	}
	m := Meeting{
		Host:      Host{ID: "ExHostIdMayaLindqvist1", Email: "maya.lindqvist@brightfjord.example", Name: "Maya Lindqvist"},
		Recording: fixture("meeting-recordings.json"), Participants: rows("past-meeting-participants.json"), Report: rows("report-participants.json"),
		Summary: fixture("meeting-summary.json"), Past: fixture("past-meeting.json"), VTT: []string{"WEBVTT\n"},
	}
	b := newBench(t, nil)
	b.put(m, true)
	token := b.token()
	for path, name := range map[string]string{
		"/v2/meetings/98765432101/recordings?include_fields=download_access_token":  "meeting-recordings.json",
		"/v2/meetings/98765432101/meeting_summary":                                  "meeting-summary.json",
		"/v2/past_meetings/98765432101":                                             "past-meeting.json",
		"/v2/past_meetings/98765432101/participants":                                "past-meeting-participants.json",
		"/v2/report/meetings/98765432101/participants":                              "report-participants.json",
		"/v2/users/ExHostIdMayaLindqvist1/recordings?from=2026-09-01&to=2026-09-30": "list-recordings.page1.json",
	} {
		status, _, got := b.call("GET", path, token, "")
		if status != 200 {
			t.Errorf("%s: %d %v", path, status, got)
		}
		sameShape(t, name, fixture(name), got)
	}
}

func sameShape(t *testing.T, at string, want, got any) {
	t.Helper()
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			t.Errorf("%s: %T", at, got)
			return
		}
		for key, value := range w {
			if inner, there := g[key]; !there {
				t.Errorf("%s.%s is not there", at, key)
			} else {
				sameShape(t, at+"."+key, value, inner)
			}
		}
	case []any:
		g, ok := got.([]any)
		if !ok || len(w) > 0 && len(g) == 0 {
			t.Errorf("%s: %T", at, got)
			return
		}
		if len(w) > 0 {
			sameShape(t, at+"[0]", w[0], g[0])
		}
	default:
		if fmt.Sprintf("%T", want) != fmt.Sprintf("%T", got) {
			t.Errorf("%s: want a %T, got a %T", at, want, got)
		}
	}
}
