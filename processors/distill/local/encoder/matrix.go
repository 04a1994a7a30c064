package encoder

// A matrix is cut into strips of as many outputs as two vectors of 16 hold, and
// meets as many rows of the other side at once as leave room for them.
const (
	strip = 32
	lanes = strip / 2
	group = 4 // neighbours that one instruction multiplies and adds up
	tile  = 4
)

// matrix holds weights as integers, each output with a scale of its own.
type matrix struct {
	in, out int
	packed  []int8 // strip by strip, group by group: the group's weights of each output in turn
	zero    []int32
	scales  []float32
	bias    []float32
}

// middle is what stands for 0 among the integers of a row. They are unsigned,
// because that is what processors multiply by signed ones at once; eight bits
// of them move what is read no more than those of the weights do.
const (
	middle = 128
	most   = 127
)

// newMatrix takes rows of in weights, one for each output, both in multiples of
// what is read at once.
func newMatrix(in, out int, rows []byte, scales, bias []float32) matrix {
	m := matrix{in: in, out: out, packed: make([]int8, in*out), zero: make([]int32, out), scales: scales, bias: bias}
	for o := range out {
		at := o/strip*strip*in + o%strip*group
		for i := range in {
			w := int8(rows[o*in+i]) //nolint:gosec // the file holds int8
			m.packed[at+i/group*strip*group+i%group] = w
			m.zero[o] -= middle * int32(w)
		}
	}
	return m
}

// integers are rows of one width, each with a scale of its own. The last tile is
// filled up with rows of no use.
type integers struct {
	full, width int // rows, with those of no use
	values      []uint8
	scales      []float32
}

// quantise makes integers of rows, in the place of those before.
func (q *integers) quantise(x []float32, width int) {
	n := len(x) / width
	q.full, q.width = (n+tile-1)/tile*tile, width
	for t := range n {
		row := x[t*width : (t+1)*width]
		far := farthest(row)
		if far == 0 {
			far = 1
		}
		round(q.values[t*width:], row, most/far)
		q.scales[t] = far / most
	}
}

// times is the product with each of the rows, plus the bias; y has room for the
// rows of no use too. A strip comes from memory once and stays near for all rows.
func (m matrix) times(x integers, y []float32) {
	for o := 0; o < m.out; o += strip {
		rows := m.packed[o*m.in:][:strip*m.in]
		for t := 0; t < x.full; t += tile {
			multiply(x.values[t*m.in:][:tile*m.in], x.scales[t:][:tile], rows,
				m.zero[o:][:strip], m.scales[o:][:strip], m.bias[o:][:strip], y[t*m.out+o:], m.out)
		}
	}
}

// multiplyInGo does for one strip and one tile what assembly does elsewhere, to
// the last bit: sums are of integers, and each becomes a float in the same steps.
// y has its next row after out numbers.
func multiplyInGo(x []uint8, each []float32, rows []int8, zero []int32, scales, bias, y []float32, out int) {
	var sums [tile * strip]int32
	n := len(x) / tile
	for t := range tile {
		sum := sums[t*strip:][:strip]
		copy(sum, zero)
		for g := 0; g < n; g += group {
			a := x[t*n+g:][:group]
			a0, a1, a2, a3 := int32(a[0]), int32(a[1]), int32(a[2]), int32(a[3])
			w := rows[g*strip:][:strip*group]
			for o := range sum {
				b := w[o*group:][:group]
				sum[o] += a0*int32(b[0]) + a1*int32(b[1]) + a2*int32(b[2]) + a3*int32(b[3])
			}
		}
	}
	scale(&sums, each, scales, bias, y, out)
}

func scale(sums *[tile * strip]int32, each, scales, bias, y []float32, out int) {
	for t := range tile {
		row := y[t*out:][:strip]
		for o := range row {
			row[o] = float32(float32(sums[t*strip+o])*float32(scales[o]*each[t])) + bias[o]
		}
	}
}
