package sink

import (
	"fmt"
	"math"
	"strconv"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
)

// MaxVersion is the highest version that every store can compare: SQLite's
// integers and Elasticsearch's external versions are signed.
const MaxVersion = math.MaxInt64

// ByHeader takes the version that the record carries: for rows and entries.
func ByHeader(r *kgo.Record) (uint64, error) {
	v, err := schemas.VersionOf(r)
	if err != nil {
		return 0, fmt.Errorf("header %s: %w", schemas.HeaderVersion, err)
	}
	if v > MaxVersion {
		return 0, fmt.Errorf("header %s: %d is above %d", schemas.HeaderVersion, v, uint64(MaxVersion))
	}
	return v, nil
}

// ByOffset takes the record's place in its partition, counted from 1: for a
// topic whose keys each stay in one partition and whose last record of a key
// counts, such as the directory.
func ByOffset(r *kgo.Record) (uint64, error) {
	return uint64(r.Offset) + 1, nil //nolint:gosec // offsets are not negative
}

// ByKey names a row by the record's key.
func ByKey(r *kgo.Record) string { return string(r.Key) }

// ByPlace names a row by the record's partition and offset: for a topic of
// events, where two records of one key are two rows.
func ByPlace(r *kgo.Record) string {
	return strconv.Itoa(int(r.Partition)) + "/" + strconv.FormatInt(r.Offset, 10)
}
