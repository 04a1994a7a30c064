package encoder

import (
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
)

// weights is what ../train/train.py wrote, little-endian, in the order in which
// read takes it.
//
//go:embed weights.bin
var weights []byte

const magic = "LLE1"

// file is read from front to back. What does not fit leaves an error behind, and
// zeros from there on.
type file struct {
	rest []byte
	err  error
}

func (f *file) take(n int) []byte {
	if n < 0 || n > len(f.rest) {
		f.err = errors.Join(f.err, fmt.Errorf("%d bytes wanted, %d left", n, len(f.rest)))
		f.rest = nil
		return make([]byte, max(n, 0))
	}
	taken := f.rest[:n]
	f.rest = f.rest[n:]
	return taken
}

func (f *file) whole() int { return int(binary.LittleEndian.Uint32(f.take(4))) }

func (f *file) floats(n int) []float32 {
	raw := f.take(4 * n)
	all := make([]float32, n)
	for i := range all {
		all[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	return all
}

func (f *file) norm() scaling { return scaling{gain: f.floats(width), bias: f.floats(width)} }

func (f *file) matrix(in, out int) matrix {
	rows := f.take(in * out)
	return newMatrix(in, out, rows, f.floats(out), f.floats(out))
}

// mostLayers is what the model had that the weights began as.
const mostLayers = 6

func read(raw []byte) (*Encoder, error) {
	f := &file{rest: raw}
	if string(f.take(len(magic))) != magic {
		return nil, errors.New("it is no file of weights")
	}
	e := &Encoder{corpus: string(f.take(64))}
	layers := f.whole()
	if layers < 1 || layers > mostLayers {
		return nil, fmt.Errorf("%d layers", layers)
	}
	e.words = newVocabulary(strings.Split(string(f.take(f.whole())), "\n"))
	n := len(e.words.ids)
	e.embeddings, e.scales = f.take(n*width), f.floats(n)
	e.positions, e.sides, e.norm = f.floats(maxTokens*width), f.floats(2*width), f.norm()
	for range layers {
		e.layers = append(e.layers, layer{
			query: f.matrix(width, width), key: f.matrix(width, width), value: f.matrix(width, width), mix: f.matrix(width, width),
			afterMix: f.norm(),
			widen:    f.matrix(width, inner), narrow: f.matrix(inner, width),
			afterNarrow: f.norm(),
		})
	}
	e.head, e.bias = f.floats(outputs*2*width), f.floats(outputs)
	copy(e.thresholds[:], f.floats(kinds))
	if f.err == nil && len(f.rest) > 0 {
		f.err = fmt.Errorf("%d bytes too many", len(f.rest))
	}
	return e, errors.Join(f.err, e.words.err)
}
