package sink

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"leadline/schemas"
)

// CompareEntries orders the entries of one meeting as people read them: the
// transcript from its beginning, the summary, the action items, and then what
// was distilled, kind by kind.
func CompareEntries(a, b schemas.Entry) int {
	return cmp.Or(
		cmp.Compare(slices.Index(entryKinds, a.Kind), slices.Index(entryKinds, b.Kind)),
		cmp.Compare(distilledRank(a), distilledRank(b)),
		cmp.Compare(lastNumber(a.ID), lastNumber(b.ID)),
		strings.Compare(a.ID, b.ID),
	)
}

func distilledRank(e schemas.Entry) int {
	if e.Distilled == nil {
		return -1
	}
	return slices.Index(schemas.Kinds, *e.Distilled)
}

// lastNumber is the n of fathom:700001:transcript:n: as text, 10 would come
// before 2.
func lastNumber(id string) int {
	n, err := strconv.Atoi(id[strings.LastIndexByte(id, ':')+1:])
	if err != nil {
		return -1
	}
	return n
}
