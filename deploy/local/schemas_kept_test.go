package local

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/twmb/franz-go/pkg/sr"
)

// A later build has run on the directory: the earlier one still finds the schemas of what that one wrote, by their ids, and its own
// are what they were.
func TestAnEarlierBuildFindsTheSchemasOfALaterOne(t *testing.T) {
	t.Parallel()
	const (
		one = `{"type":"record","name":"r","fields":[{"name":"a","type":"string"}]}`
		two = `{"type":"record","name":"r","fields":[{"name":"a","type":"string"},{"name":"b","type":"string","default":""}]}`
	)
	dir := t.TempDir()
	earlier := []Schema{{Subject: "t-value", Version: 1, ID: 1, Text: one}}
	later := append(append([]Schema{}, earlier...), Schema{Subject: "t-value", Version: 2, ID: 2, Text: two}, Schema{Subject: "u-value", Version: 1, ID: 3, Text: one})
	for _, build := range []struct {
		schemas []Schema
		knows   int
	}{{earlier, 1}, {later, 3}, {earlier, 3}, {earlier, 3}} {
		e := openAt(t, Config{Dir: dir, Schemas: build.schemas})
		registry, err := sr.NewClient(sr.URLs(e.RegistryURL()))
		if err != nil {
			t.Fatal(err)
		}
		for id := 1; id <= 3; id++ {
			if s, err := registry.SchemaByID(t.Context(), id); (err == nil) != (id <= build.knows) {
				t.Errorf("schema %d of %d: %v, %v", id, build.knows, s, err)
			}
		}
		if found, err := registry.LookupSchema(t.Context(), "t-value", sr.Schema{Schema: one}); err != nil || found.ID != 1 {
			t.Errorf("its own schema: %+v, %v", found, err)
		}
		closeNow(t, e)
	}
	// What cannot be read, or says otherwise than this build, holds nobody up.
	for _, content := range []string{"{", `[{"Subject":"t-value","Version":9,"ID":7,"Text":"x"}]`, `[{"Subject":"t-value","Version":1,"ID":5,"Text":"\"string\""}]`} {
		if err := os.WriteFile(filepath.Join(dir, schemasFile), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		closeNow(t, openAt(t, Config{Dir: dir, Schemas: earlier}))
	}
}
