package chaos

import (
	"fmt"
	"maps"
	"slices"
)

// Differences compares what there is with what there should be, by key.
func Differences(got, want map[string]string) []string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(want)) {
		switch g, ok := got[key]; {
		case !ok:
			all = append(all, key+" is lost")
		case g != want[key]:
			at := 0
			for at < min(len(g), len(want[key])) && g[at] == want[key][at] {
				at++
			}
			all = append(all, fmt.Sprintf("%s differs: …%.160s, want …%.160s", key, g[max(0, at-40):], want[key][max(0, at-40):]))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[key]; !ok {
			all = append(all, key+" should not be there")
		}
	}
	return all
}
