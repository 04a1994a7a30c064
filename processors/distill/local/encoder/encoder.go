// Package encoder is a small transformer that says which kinds a turn is of. It
// runs in the process, in integers where it adds up, so that the same words give
// the same answer on every machine.
//
// Its weights are in the binary: see ../train for what they were made of.
package encoder

import (
	"fmt"
	"math"
	"sync"
)

// The shape of all-MiniLM-L6-v2, of whose six layers the first ones are kept.
const (
	width     = 384
	inner     = 4 * width
	heads     = 12
	headWidth = width / heads

	// maxTokens is the text with what was said before it: attention grows with
	// the square of it, and nothing longer was trained on.
	maxTokens  = 96
	maxText    = 66
	maxContext = 24
)

// Encoder is safe for concurrent use.
type Encoder struct {
	words      vocabulary
	embeddings []byte // rows of width, int8
	scales     []float32
	positions  []float32
	sides      []float32 // of the two texts
	norm       scaling
	layers     []layer
	head       []float32 // rows of outputs over the mean and the maximum of the tokens
	bias       []float32
	thresholds [kinds]float32
	corpus     string // digest of what it was trained on
}

type layer struct {
	query, key, value, mix matrix
	afterMix               scaling
	widen, narrow          matrix
	afterNarrow            scaling
}

// Load reads the weights, once in a process: it takes some 50 ms and 20 MB.
var Load = sync.OnceValues(func() (*Encoder, error) {
	e, err := read(weights)
	if err != nil {
		return nil, fmt.Errorf("reading the encoder's weights: %w", err)
	}
	return e, nil
})

// Read says what a text is, spoken by the customer's side or ours, after what was
// said before it, which may be empty.
func (e *Encoder) Read(text, before string, customer bool) Reading {
	tokens, split := e.words.input(text, before, customer)
	x := e.embed(tokens, split)
	for i := range e.layers {
		x = e.layers[i].apply(x)
	}
	return e.classify(x[:split*width])
}

func (e *Encoder) embed(tokens []int, split int) []float32 {
	x := make([]float32, len(tokens)*width)
	for t, token := range tokens {
		row := x[t*width : (t+1)*width]
		bytes, scale := e.embeddings[token*width:(token+1)*width], e.scales[token]
		side := e.sides[:width]
		if t >= split {
			side = e.sides[width:]
		}
		position := e.positions[t*width : (t+1)*width]
		for i := range row {
			row[i] = float32(int8(bytes[i]))*scale + position[i] + side[i] //nolint:gosec // the file holds int8
		}
		e.norm.apply(row)
	}
	return x
}

func (l *layer) apply(x []float32) []float32 {
	n := len(x) / width
	in := quantise(x, width)
	mixed := attend(l.query.times(in), l.key.times(in), l.value.times(in), n)
	y := l.mix.times(quantise(mixed, width))
	for i := range y {
		y[i] += x[i]
	}
	for t := range n {
		l.afterMix.apply(y[t*width : (t+1)*width])
	}
	z := l.widen.times(quantise(y, width))
	for i, v := range z {
		z[i] = gelu(v)
	}
	z = l.narrow.times(quantise(z, inner))
	for i := range z {
		z[i] += y[i]
	}
	for t := range n {
		l.afterNarrow.apply(z[t*width : (t+1)*width])
	}
	return z
}

// attend mixes the values of all tokens into each by how well its query meets
// their keys, head by head.
func attend(query, key, value []float32, n int) []float32 {
	mixed := make([]float32, n*width)
	weights := make([]float32, n)
	scale := float32(1 / math.Sqrt(headWidth))
	for h := range heads {
		from := h * headWidth
		for t := range n {
			q := query[t*width+from:][:headWidth]
			most := float32(math.Inf(-1))
			for u := range n {
				k := key[u*width+from:][:headWidth]
				var a, b, c, d float32 // four sums at once wait less for one another
				for i := 0; i < headWidth; i += 4 {
					q, k := q[i:i+4:i+4], k[i:i+4:i+4]
					a += q[0] * k[0]
					b += q[1] * k[1]
					c += q[2] * k[2]
					d += q[3] * k[3]
				}
				weights[u] = (a + b + c + d) * scale
				most = max(most, weights[u])
			}
			var total float32
			for u, w := range weights {
				w = float32(math.Exp(float64(w - most)))
				weights[u] = w
				total += w
			}
			out := mixed[t*width+from:][:headWidth]
			for u, w := range weights {
				w /= total
				for i, v := range value[u*width+from:][:headWidth] {
					out[i] += w * v
				}
			}
		}
	}
	return mixed
}

// scaling is a layer normalisation.
type scaling struct{ gain, bias []float32 }

func (n scaling) apply(row []float32) {
	var mean, spread float64
	for _, v := range row {
		mean += float64(v)
	}
	mean /= float64(len(row))
	for _, v := range row {
		d := float64(v) - mean
		spread += d * d
	}
	by := 1 / math.Sqrt(spread/float64(len(row))+1e-12)
	for i, v := range row {
		row[i] = float32((float64(v)-mean)*by)*n.gain[i] + n.bias[i]
	}
}

// gelu reads x*Phi(x) from a table: computing it took a fifth of the time.
func gelu(x float32) float32 {
	switch {
	case x >= geluRange:
		return x
	case x <= -geluRange:
		return 0
	}
	at := (x + geluRange) * geluSteps
	i := int(at)
	part := at - float32(i)
	return geluTable[i]*(1-part) + geluTable[i+1]*part
}

const (
	geluRange = 6
	geluSteps = 512
)

var geluTable = func() (t [2*geluRange*geluSteps + 2]float32) {
	for i := range t {
		x := float64(i)/geluSteps - geluRange
		t[i] = float32(x * 0.5 * (1 + math.Erf(x/math.Sqrt2)))
	}
	return t
}()
