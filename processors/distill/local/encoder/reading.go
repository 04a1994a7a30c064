package encoder

import "math"

// The outputs of the head, in the order of the training program.
const (
	Feedback = iota
	Action
	Ask
	Renewal
	kinds

	praise  = kinds
	signals = kinds + 1
	outputs = signals + 9
)

// signalNames are what a renewal signal is about, in the order of the head.
var signalNames = [outputs - signals]string{
	"timing", "price", "competitor", "churn risk", "expansion", "reduction", "people", "intent to stay", "change in the business",
}

// Reading is what the encoder makes of a text.
type Reading struct {
	Is     [kinds]bool    // by Feedback, Action, Ask, Renewal
	Sure   [kinds]float32 // from 0 to 1; comparable within one kind
	Praise bool           // what feedback is, rather than criticism
	Signal string         // what a renewal signal is about
}

// Enough says whether so sure of a kind is sure enough.
func (e *Encoder) Enough(kind int, sure float32) bool { return sure >= e.thresholds[kind] }

func (e *Encoder) classify(x []float32) Reading {
	n := len(x) / width
	pooled := make([]float32, 2*width)
	mean, most := pooled[:width], pooled[width:]
	copy(most, x[:width])
	for t := range n {
		for i, v := range x[t*width : (t+1)*width] {
			mean[i] += v
			most[i] = max(most[i], v)
		}
	}
	for i := range mean {
		mean[i] /= float32(n)
	}
	var logits [outputs]float32
	for o := range logits {
		sum := e.bias[o]
		for i, v := range pooled {
			sum += v * e.head[o*2*width+i]
		}
		logits[o] = sum
	}
	r := Reading{Praise: logits[praise] >= 0}
	for k := range r.Sure {
		r.Sure[k] = float32(1 / (1 + math.Exp(-float64(logits[k]))))
		r.Is[k] = e.Enough(k, r.Sure[k])
	}
	best := 0
	for s := range signalNames {
		if logits[signals+s] > logits[signals+best] {
			best = s
		}
	}
	r.Signal = signalNames[best]
	return r
}
