package command

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A role asks at its start for what the docs say it may see: for less, and a
// topic that is missing shows later; for more, and one that its rights hide
// looks missing.
func TestRolesAskForTheTopicsOfTheDocs(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(filepath.Join("..", "docs", "deploy.md"))
	if err != nil {
		t.Fatal(err)
	}
	roles := map[string]string{"sinks, ClickHouse": "clickhouse", "sinks, Elasticsearch": "elasticsearch"}
	checked := 0
	for line := range strings.Lines(string(raw)) {
		cells := strings.Split(line, "|")
		if len(cells) != 7 {
			continue
		}
		role := strings.TrimSpace(cells[1])
		if as, renamed := roles[role]; renamed {
			role = as
		}
		specs, known := topicsOf[role]
		if !known {
			continue
		}
		checked++
		want, got := make(map[string]bool), make(map[string]bool)
		for _, name := range quoted.FindAllStringSubmatch(cells[2]+cells[3], -1) {
			want[name[1]] = true
		}
		for _, s := range specs {
			got[s.Name] = true
		}
		if !maps.Equal(got, want) {
			t.Errorf("%s asks for %q, the docs say %q", role, slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
		}
	}
	if checked != len(topicsOf) {
		t.Errorf("docs/deploy.md has %d of %d roles", checked, len(topicsOf))
	}
}
