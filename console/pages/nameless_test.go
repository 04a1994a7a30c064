package pages_test

import (
	"strings"
	"testing"

	"leadline/console/pages"
	"leadline/schemas"
	"leadline/sinks/embedded"
	"leadline/sinks/sink"
)

// A recorder may give a meeting no title, and a directory a company no name:
// every link to them can be seen, and every page of theirs has a heading.
func TestWhatHasNoNameCanBeOpened(t *testing.T) {
	t.Parallel()
	r := newRigWith(t, func(o *pages.Options) {
		s := o.Store.(*embedded.Store)
		write(t, s.DirectorySink(), sink.Row[schemas.DirectoryEntry]{Key: org + "/company/co_amber", Version: 2, Value: &schemas.DirectoryEntry{
			Org: org, Company: &schemas.Company{ID: "co_amber", Domains: []string{"amber.example"}},
		}})
		m := meetingRow("plain", "")
		m.StartedAt = began
		write(t, s.MeetingSink(), sink.Row[schemas.MeetingRow]{Key: m.ID, Version: 2, Value: m})
		write(t, s.EntrySink(), sink.Row[schemas.Entry]{Key: schemas.EntryKey(m.ID, "fathom:plain:transcript:0"), Version: 2, Value: &schemas.Entry{
			ID: "fathom:plain:transcript:0", MeetingID: m.ID, Org: org, Provider: schemas.Fathom, RecordingID: "plain", Kind: schemas.EntryTranscript,
			Text: "gangway", Language: "en", State: m.State, Companies: []string{"co_amber"}, MeetingAt: began,
		}})
	}).signIn()
	for _, path := range []string{
		"/meetings", "/meeting?recorder=fathom&recording=plain", "/meeting/versions?recorder=fathom&recording=plain", "/customers", "/customer?id=co_amber", "/search?q=gangway",
	} {
		tree, body := r.read(path)
		for _, name := range []string{"title", "h1", "a"} {
			for _, n := range all(tree, name) {
				if said := strings.TrimSpace(textOf(n)); said == "" || strings.HasPrefix(said, "- Leadline") {
					t.Errorf("%s: nothing to see in <%s %v>", path, name, n.Attr)
				}
			}
		}
		if strings.HasPrefix(path, "/search") && !strings.Contains(body, "gangway</mark>") {
			t.Errorf("%s does not find it: %s", path, body)
		}
	}
}
