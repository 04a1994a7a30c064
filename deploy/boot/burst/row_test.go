package burst_test

import (
	"errors"
	"slices"
	"testing"

	"leadline/deploy/boot/burst"
)

func TestRow(t *testing.T) {
	t.Parallel()
	const x = true
	for _, c := range []struct {
		name   string
		before burst.Row
		dead   []bool
		most   int
		after  burst.Row
		halts  bool
	}{
		{"nothing leaves the row as it was", 2, nil, 3, 2, false},
		{"as many as there may be", 0, []bool{x, x, x}, 3, 3, false},
		{"one more", 0, []bool{x, x, x, x}, 3, 4, true},
		{"it goes on from the batch before", 2, []bool{x, x}, 3, 4, true},
		{"a good one ends it", 2, []bool{x, false, x, x}, 3, 2, false},
		{"a good one does not hide the one before it", 0, []bool{x, x, x, x, false}, 3, 0, true},
		{"0 is no limit", 7, []bool{x, x}, 0, 9, false},
	} {
		after, err := c.before.After(slices.Values(c.dead), c.most)
		_, halts := errors.AsType[*burst.Error](err)
		if after != c.after || halts != c.halts {
			t.Errorf("%s: row of %d, halts: %v (%v)", c.name, after, halts, err)
		}
	}
}
