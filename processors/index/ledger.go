package index

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"leadline/processors/stage"
	"leadline/schemas"
)

// ledger is what is remembered of a meeting: its version, a digest of what was
// last emitted, and which entries that was. It outlives the meeting, so that one
// that comes back goes on with the versions where it stopped.
type ledger struct {
	version uint64
	digest  [sha256.Size]byte
	counts  counts
}

// counts has the number of entries of each family. Entries are numbered from 0
// without gaps, so the numbers say which ids there are.
type counts map[string]int

// distilledFamily is before the kind in the family of a distillate.
const distilledFamily = schemas.EntryDistilled + ":"

// entryID names the n-th entry of a family.
func (id identity) entryID(family string, n int) string {
	recording := id.provider + ":" + id.recording
	if kind, distilled := strings.CutPrefix(family, distilledFamily); distilled {
		return distilledFamily + recording + ":" + kind + ":" + strconv.Itoa(n)
	}
	if family == schemas.EntryTranscript {
		return recording + ":" + family + ":" + strconv.Itoa(n)
	}
	return recording + ":" + family
}

// without lists the entries that the other ledger has not.
func (l ledger) without(other ledger, id identity) []string {
	var ids []string
	for _, family := range slices.Sorted(maps.Keys(l.counts)) {
		for n := other.counts[family]; n < l.counts[family]; n++ {
			ids = append(ids, id.entryID(family, n))
		}
	}
	return ids
}

const ledgerFormat = 1

func (l ledger) append(to []byte) []byte {
	to = append(to, ledgerFormat)
	to = binary.AppendUvarint(to, l.version)
	to = append(to, l.digest[:]...)
	for _, family := range slices.Sorted(maps.Keys(l.counts)) {
		to = binary.AppendUvarint(to, uint64(len(family)))
		to = append(to, family...)
		to = binary.AppendUvarint(to, uint64(l.counts[family])) //nolint:gosec // a count is not negative
	}
	return to
}

func readLedger(tx *stage.Tx, meeting string) (ledger, error) {
	raw, found, err := tx.Get(meeting)
	if err != nil {
		return ledger{}, fmt.Errorf("reading the state of %s: %w", meeting, err)
	}
	if !found {
		return ledger{}, nil
	}
	l, err := parseLedger(raw)
	if err != nil {
		return ledger{}, fmt.Errorf("reading the state of %s: %w", meeting, err)
	}
	return l, nil
}

var errLedger = errors.New("not a ledger of this format")

func parseLedger(raw []byte) (ledger, error) {
	l := ledger{counts: make(counts)}
	if len(raw) == 0 || raw[0] != ledgerFormat {
		return l, errLedger
	}
	raw = raw[1:]
	number := func() (uint64, bool) {
		v, n := binary.Uvarint(raw)
		if n <= 0 {
			return 0, false
		}
		raw = raw[n:]
		return v, true
	}
	var ok bool
	if l.version, ok = number(); !ok || len(raw) < sha256.Size {
		return l, errLedger
	}
	l.digest, raw = [sha256.Size]byte(raw), raw[sha256.Size:]
	for len(raw) > 0 {
		size, ok := number()
		if !ok || size > uint64(len(raw)) {
			return l, errLedger
		}
		family := string(raw[:size])
		raw = raw[size:]
		count, ok := number()
		if !ok || count > schemas.MaxRecordBytes {
			return l, errLedger
		}
		l.counts[family] = int(count)
	}
	return l, nil
}
