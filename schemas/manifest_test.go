package schemas

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/avro"
)

var register = flag.Bool("register", false, "append what changed to avro/manifest.json")

// A schema that is in the manifest has been written with somewhere, so its text
// stays; the newest version of each subject is what the Go type says; and
// whatever any version wrote, this build can read.
func TestManifestIsAppendOnlyCompleteAndBackwardCompatible(t *testing.T) {
	mine, err := Subjects()
	if err != nil {
		t.Fatal(err)
	}
	if *register {
		appendChanged(t, mine)
	}
	all, err := Manifest()
	if err != nil {
		t.Fatal(err)
	}
	ids := make(map[int]string)
	versions := make(map[string]int)
	for _, r := range all {
		if sum := sha256.Sum256([]byte(r.Text)); hex.EncodeToString(sum[:]) != r.SHA256 {
			t.Errorf("%s: the registered text was edited; add a version instead (go test ./schemas -register)", r.File)
		}
		if other, used := ids[r.ID]; used {
			t.Errorf("id %d names %s and %s", r.ID, other, r.File)
		}
		ids[r.ID] = r.File
		if r.Version != versions[r.Subject]+1 {
			t.Errorf("%s: version %d follows %d", r.Subject, r.Version, versions[r.Subject])
		}
		versions[r.Subject] = r.Version
		reader, known := mine[r.Subject]
		if !known {
			t.Errorf("%s: no topic has this subject", r.Subject)
			continue
		}
		writer, err := avro.Parse(r.Text)
		if err != nil {
			t.Errorf("%s: %v", r.File, err)
			continue
		}
		if err := avro.CheckCompatibility(writer, reader); err != nil {
			t.Errorf("this build cannot read what was written with %s: %v", r.File, err)
		}
	}
	newest, err := latest()
	if err != nil {
		t.Fatal(err)
	}
	for subject, schema := range mine {
		if got := newest[subject].Text; got != indented(t, schema) {
			t.Errorf("%s: the Go type is not the newest registered schema (go test ./schemas -register)", subject)
		}
	}
}

func TestAnIncompatibleEditIsSeen(t *testing.T) {
	t.Parallel()
	edit := func(old, new string) error {
		mine, err := Subjects()
		if err != nil {
			t.Fatal(err)
		}
		text := indented(t, mine[MeetingProgress.Subject()])
		edited := strings.Replace(text, old, new, 1)
		if edited == text {
			t.Fatalf("%q does not occur in the schema", old)
		}
		return avro.CheckCompatibility(avro.MustParse(text), avro.MustParse(edited))
	}
	if err := edit(`"name": "outcome"`, `"name": "result"`); err == nil {
		t.Error("a renamed field without a default passed")
	}
	if err := edit(`"type": "int"`, `"type": "string"`); err == nil {
		t.Error("a changed type passed")
	}
	if err := edit(`"type": "int"`, `"type": "long"`); err != nil {
		t.Errorf("a widened type was refused: %v", err)
	}
}

func appendChanged(t *testing.T, mine map[string]*avro.Schema) {
	t.Helper()
	all, err := Manifest()
	if err != nil {
		all = nil
	}
	version, id, text := make(map[string]int), 0, make(map[string]string)
	for _, r := range all {
		version[r.Subject], text[r.Subject], id = r.Version, r.Text, max(id, r.ID)
	}
	subjects := make([]string, 0, len(mine))
	for s := range mine {
		subjects = append(subjects, s)
	}
	slices.Sort(subjects)
	for _, s := range subjects {
		now := indented(t, mine[s])
		if now == text[s] {
			continue
		}
		id++
		r := Registered{Subject: s, Version: version[s] + 1, ID: id}
		r.File = fmt.Sprintf("%s.%d.avsc", strings.TrimSuffix(s, "-value"), r.Version)
		sum := sha256.Sum256([]byte(now))
		r.SHA256 = hex.EncodeToString(sum[:])
		if err := os.WriteFile("avro/"+r.File, []byte(now), 0o644); err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	out, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("avro/manifest.json", append(out, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Skip("registered; run again without -register")
}

func indented(t *testing.T, s *avro.Schema) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(s.String()), "", "  "); err != nil {
		t.Fatal(err)
	}
	b.WriteByte('\n')
	return b.String()
}
