// Package nearest finds the vectors that are nearest to one, by looking at
// each: 100,000 of 384 numbers take some 20 ms, and no index of them that can
// be had in plain Go finds as many of the right ones.
package nearest

import (
	"cmp"
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"sync"
)

// Name is whose vector it is.
type Name struct{ Meeting, Entry string }

// Index is safe for concurrent use.
type Index struct {
	mu     sync.RWMutex
	width  int
	places map[Name]int
	names  []Name
	groups []uint8
	scales []float32 // what a byte is multiplied by
	bytes  []int8    // width of each
}

// New is an empty index of vectors with so many numbers.
func New(width int) *Index { return &Index{width: width, places: make(map[Name]int)} }

var errWidth = errors.New("a vector of another width")

// Pack makes the bytes by which a vector of length 1 is kept: nearness by them
// differs in the third digit.
func Pack(v []float32) []byte {
	most := float32(0)
	for _, x := range v {
		most = max(most, float32(math.Abs(float64(x))))
	}
	scale := max(most/127, math.SmallestNonzeroFloat32)
	b := binary.LittleEndian.AppendUint32(nil, math.Float32bits(scale))
	for _, x := range v {
		b = append(b, byte(int8(math.Round(float64(x/scale))))) //nolint:gosec // between -127 and 127
	}
	return b
}

// Unpack is about what was packed.
func Unpack(raw []byte) []float32 {
	if len(raw) < 4 {
		return nil
	}
	scale := math.Float32frombits(binary.LittleEndian.Uint32(raw))
	v := make([]float32, len(raw)-4)
	for i, b := range raw[4:] {
		v[i] = float32(int8(b)) * scale //nolint:gosec // as it was packed
	}
	return v
}

// Put adds what was packed, or puts it in the place of what has its name. The
// groups are bits of the caller's own, at least one.
func (x *Index) Put(n Name, groups uint8, raw []byte) error {
	if len(raw) != 4+x.width {
		return errWidth
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	at, there := x.places[n]
	if !there {
		at = len(x.names)
		x.places[n] = at
		x.names, x.groups, x.scales = append(x.names, n), append(x.groups, 0), append(x.scales, 0)
		x.bytes = append(x.bytes, make([]int8, x.width)...)
	}
	x.groups[at], x.scales[at] = groups, math.Float32frombits(binary.LittleEndian.Uint32(raw))
	for i, b := range raw[4:] {
		x.bytes[at*x.width+i] = int8(b) //nolint:gosec // as it was packed
	}
	return nil
}

// Remove takes one out; the last takes its place.
func (x *Index) Remove(n Name) {
	x.mu.Lock()
	defer x.mu.Unlock()
	at, there := x.places[n]
	if !there {
		return
	}
	last := len(x.names) - 1
	x.names[at], x.groups[at], x.scales[at] = x.names[last], x.groups[last], x.scales[last]
	copy(x.bytes[at*x.width:(at+1)*x.width], x.bytes[last*x.width:])
	x.places[x.names[at]] = at
	delete(x.places, n)
	x.names[last] = Name{}
	clear(x.bytes[last*x.width:])
	x.names, x.groups, x.scales, x.bytes = x.names[:last], x.groups[:last], x.scales[:last], x.bytes[:last*x.width]
}

// Near is one with its cosine.
type Near struct {
	Name
	Cosine float64
}

// Best returns those nearest to a vector of length 1 that have one of the
// groups' bits, the nearest first; more says that others were left out. Only
// those in names count, where that is not nil.
func (x *Index) Best(to []float32, groups uint8, names []Name, limit int) (best []Near, more bool) {
	if len(to) != x.width {
		return nil, false
	}
	packed := Pack(to)
	query, scale := make([]int8, x.width), math.Float32frombits(binary.LittleEndian.Uint32(packed))
	for i, b := range packed[4:] {
		query[i] = int8(b) //nolint:gosec // as it was packed
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	type placed struct {
		at     int
		cosine float32
	}
	var all []placed
	look := func(at int) {
		if x.groups[at]&groups != 0 {
			sum := dot(query, x.bytes[at*x.width:(at+1)*x.width])
			all = append(all, placed{at, float32(sum) * scale * x.scales[at]})
		}
	}
	if names == nil {
		all = make([]placed, 0, len(x.names))
		for at := range x.names {
			look(at)
		}
	} else {
		for _, n := range names {
			if at, there := x.places[n]; there {
				look(at)
			}
		}
	}
	slices.SortFunc(all, func(a, b placed) int { return cmp.Or(cmp.Compare(b.cosine, a.cosine), cmp.Compare(a.at, b.at)) })
	more = len(all) > limit
	for _, p := range all[:min(len(all), limit)] {
		best = append(best, Near{x.names[p.at], float64(p.cosine)})
	}
	return best, more
}

// dot is written for the compiler: four sums that do not wait for each other.
func dot(a, b []int8) int32 {
	b = b[:len(a)]
	var s0, s1, s2, s3 int32
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s0 += int32(a[i]) * int32(b[i])
		s1 += int32(a[i+1]) * int32(b[i+1])
		s2 += int32(a[i+2]) * int32(b[i+2])
		s3 += int32(a[i+3]) * int32(b[i+3])
	}
	for ; i < len(a); i++ {
		s0 += int32(a[i]) * int32(b[i])
	}
	return s0 + s1 + s2 + s3
}
