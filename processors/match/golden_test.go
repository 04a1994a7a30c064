package match

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"leadline/processors/stage/stagetest"
	"leadline/schemas"
	"leadline/schemas/schematest"
)

var update = flag.Bool("update", false, "write testdata/*/out.json from what the stage does")

// goldenIn is a record of in.json, short enough to write by hand.
type goldenIn struct {
	Company *schemas.Company
	EndUser *schemas.EndUser
	Removed string // the key of a directory entry
	Meeting *struct {
		Recording, Title, Host string
		Invitees, Speakers     []string
	}
}

// goldenOut is what is worth reading of an emitted meeting.
type goldenOut struct {
	Meeting, State, Reason string
	Links                  []schemas.Link
	OwnDomains             []string
}

func (g goldenIn) step() step {
	switch {
	case g.Company != nil:
		return entryStep(schemas.DirectoryEntry{Org: "o", Company: g.Company})
	case g.EndUser != nil:
		return entryStep(schemas.DirectoryEntry{Org: "o", EndUser: g.EndUser})
	case g.Removed != "":
		return step{key: g.Removed, isEntry: true}
	}
	s := meetingStep(g.Meeting.Recording, g.Meeting.Invitees...)
	s.meeting.Title, s.meeting.Host.Email = g.Meeting.Title, g.Meeting.Host
	for _, e := range g.Meeting.Speakers {
		s.meeting.Turns = append(s.meeting.Turns, schemas.Turn{Speaker: e, Email: &e, Text: "Hello."})
	}
	return s
}

func TestGolden(t *testing.T) {
	t.Parallel()
	codec := schematest.Codec(t)
	cases, err := filepath.Glob("testdata/*/in.json")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, in := range cases {
		t.Run(filepath.Base(filepath.Dir(in)), func(t *testing.T) {
			t.Parallel()
			raw, err := os.ReadFile(in)
			if err != nil {
				t.Fatal(err)
			}
			var records []goldenIn
			if err := json.Unmarshal(raw, &records); err != nil {
				t.Fatal(err)
			}
			bench := stagetest.New(New(), codec)
			out := []goldenOut{}
			for _, r := range records {
				for _, m := range feed(t, bench, r.step()) {
					out = append(out, goldenOut{m.Meeting.ID, m.State, m.Reason, m.Links, m.OwnDomains})
				}
			}
			got, err := json.MarshalIndent(out, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join(filepath.Dir(in), "out.json")
			if *update {
				if err := os.WriteFile(golden, append(got, '\n'), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(bytes.TrimSpace(want), got) {
				t.Errorf("emitted\n%s\nwant\n%s", got, want)
			}
		})
	}
}
