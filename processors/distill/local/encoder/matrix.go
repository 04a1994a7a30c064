package encoder

// matrix holds the rows of a weight matrix as integers of one scale each.
type matrix struct {
	in, out int
	rows    []int8 // out x in
	scales  []float32
	bias    []float32
}

// mostActivation is 11 bits: the longest row, 1536 of them times 127, stays
// below 2^31, so that sums are exact in any order.
const mostActivation = 2047

// rows are vectors of one width as integers of one scale each.
type integers struct {
	n, width int
	values   []int16
	scales   []float32
}

func quantise(x []float32, width int) integers {
	q := integers{n: len(x) / width, width: width, values: make([]int16, len(x)), scales: make([]float32, len(x)/width)}
	for t := range q.n {
		row, into := x[t*width:(t+1)*width], q.values[t*width:(t+1)*width]
		var least, most float32
		for _, v := range row {
			if v > most {
				most = v
			} else if v < least {
				least = v
			}
		}
		if most = max(most, -least); most == 0 {
			continue
		}
		by := mostActivation / most
		for i, v := range row {
			// Adding a half above all values rounds both signs alike, by cutting.
			into[i] = int16(int32(v*by+(mostActivation+0.5)) - mostActivation) //nolint:gosec // within 12 bits
		}
		q.scales[t] = most / mostActivation
	}
	return q
}

// times is the product with each of the vectors, plus the bias. Four rows at a
// time meet all vectors before the next four: the rows come from memory, the
// vectors stay near. An odd last vector goes through twice.
func (m matrix) times(x integers) []float32 {
	y := make([]float32, x.n*m.out)
	var sums [8]int32
	for o := 0; o < m.out; o += 4 {
		rows := m.rows[o*m.in : (o+4)*m.in]
		for t := 0; t < x.n; t += 2 {
			u := min(t+1, x.n-1)
			products(x.values[t*m.in:(t+1)*m.in], x.values[u*m.in:(u+1)*m.in], rows, &sums)
			for k := range 4 {
				scale, bias := m.scales[o+k], m.bias[o+k]
				y[t*m.out+o+k] = float32(sums[2*k])*(scale*x.scales[t]) + bias
				y[u*m.out+o+k] = float32(sums[2*k+1])*(scale*x.scales[u]) + bias
			}
		}
	}
	return y
}

// productsInGo adds up both vectors times each of the four rows.
func productsInGo(a, b []int16, rows []int8, sums *[8]int32) {
	n := len(a)
	b = b[:n]
	for k := range 4 {
		row := rows[k*n:][:n]
		var s, t int32
		for i, w := range row {
			s += int32(a[i]) * int32(w)
			t += int32(b[i]) * int32(w)
		}
		sums[2*k], sums[2*k+1] = s, t
	}
}
