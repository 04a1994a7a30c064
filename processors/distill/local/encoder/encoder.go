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

// The shape of all-MiniLM-L6-v2.
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
	r := rooms.Get().(*room)
	defer rooms.Put(r)
	r.tokens = len(tokens)
	e.embed(r, tokens, split)
	for i := range e.layers {
		e.layers[i].apply(r)
	}
	return e.classify(r.x[:split*width])
}

// room is where a text is read: making it anew each time would take longer than
// some of the steps. What is behind the last token is left from before.
type room struct {
	tokens            int
	x                 [maxTokens * width]float32 // what is known of each token
	query, key, value [maxTokens * width]float32
	mixed             [maxTokens * width]float32
	wide              [maxTokens * inner]float32
	weights           [maxTokens]float32
	whole             integers
}

var rooms = sync.Pool{New: func() any {
	return &room{whole: integers{values: make([]uint8, maxTokens*inner), scales: make([]float32, maxTokens)}}
}}

func (e *Encoder) embed(r *room, tokens []int, split int) {
	for t, token := range tokens {
		row := r.x[t*width : (t+1)*width]
		bytes, scale := e.embeddings[token*width:(token+1)*width], e.scales[token]
		side := e.sides[:width]
		if t >= split {
			side = e.sides[width:]
		}
		position := e.positions[t*width : (t+1)*width]
		for i := range row {
			row[i] = float32(float32(int8(bytes[i]))*scale) + position[i] + side[i] //nolint:gosec // the file holds int8
		}
		e.norm.apply(row)
	}
}

func (l *layer) apply(r *room) {
	n := r.tokens * width
	r.whole.quantise(r.x[:n], width)
	l.query.times(r.whole, r.query[:])
	l.key.times(r.whole, r.key[:])
	l.value.times(r.whole, r.value[:])
	r.attend()
	r.whole.quantise(r.mixed[:n], width)
	l.mix.times(r.whole, r.mixed[:])
	l.afterMix.add(r.x[:n], r.mixed[:n])

	r.whole.quantise(r.x[:n], width)
	l.widen.times(r.whole, r.wide[:])
	wide := r.wide[:r.tokens*inner]
	for i, v := range wide {
		wide[i] = gelu(v)
	}
	r.whole.quantise(wide, inner)
	l.narrow.times(r.whole, r.mixed[:])
	l.afterNarrow.add(r.x[:n], r.mixed[:n])
}

// attend mixes the values of all tokens into each by how well its query meets
// their keys, head by head.
func (r *room) attend() {
	weights := r.weights[:r.tokens]
	scale := float32(1 / math.Sqrt(headWidth))
	for from := 0; from < width; from += headWidth {
		for t := range r.tokens {
			dots(r.query[t*width+from:], r.key[from:], weights)
			far := weights[0]
			for _, w := range weights {
				far = max(far, w)
			}
			var total float32
			for u, w := range weights {
				w = fading((w - far) * scale)
				weights[u] = w
				total += w
			}
			by := 1 / total
			for u := range weights {
				weights[u] *= by
			}
			mix(weights, r.value[from:], r.mixed[t*width+from:])
		}
	}
}

// fading is e^x of x up to 0, from a table, to five digits.
func fading(x float32) float32 {
	at := x * -fadingSteps
	if !(at < fadingRange*fadingSteps) {
		return 0
	}
	i := int(at)
	part := at - float32(i)
	return float32(fadingTable[i]*(1-part)) + float32(fadingTable[i+1]*part)
}

const (
	fadingRange = 20
	fadingSteps = 256
)

var fadingTable = func() (t [fadingRange*fadingSteps + 2]float32) {
	for i := range t {
		t[i] = float32(math.Exp(-float64(i) / fadingSteps))
	}
	return t
}()

// scaling is a layer normalisation.
type scaling struct{ gain, bias []float32 }

// add adds to the rows of x those of y, and normalises them.
func (s scaling) add(x, y []float32) {
	for i, v := range y {
		x[i] += v
	}
	for t := 0; t < len(x); t += width {
		s.apply(x[t : t+width])
	}
}

// Four sums at once wait less for one another.
func (s scaling) apply(row []float32) {
	var sums, squares [4]float64
	for i := 0; i < width; i += 4 {
		for k, v := range row[i : i+4 : i+4] {
			d := float64(v)
			sums[k] += d
			squares[k] += float64(d * d)
		}
	}
	mean := (sums[0] + sums[1] + sums[2] + sums[3]) / width
	spread := (squares[0]+squares[1]+squares[2]+squares[3])/width - float64(mean*mean)
	by, less := float32(1/math.Sqrt(max(spread, 0)+1e-12)), float32(mean)
	for i, v := range row {
		row[i] = float32(float32((v-less)*by)*s.gain[i]) + s.bias[i]
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
	return float32(geluTable[i]*(1-part)) + float32(geluTable[i+1]*part)
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
