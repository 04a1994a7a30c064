package encoder

import "golang.org/x/sys/cpu"

var (
	hasVNNI = cpu.X86.HasAVX512F && cpu.X86.HasAVX512VNNI
	hasAVX2 = cpu.X86.HasAVX2
)

func multiply(x []uint8, each []float32, rows []int8, zero []int32, scales, bias, y []float32, out int) {
	switch {
	case hasVNNI:
		multiplyVNNI(&x[0], &each[0], &rows[0], &zero[0], &scales[0], &bias[0], &y[:(tile-1)*out+strip][0], len(x)/tile, out)
	case hasAVX2:
		multiplyByAVX2(x, each, rows, zero, scales, bias, y, out)
	default:
		multiplyInGo(x, each, rows, zero, scales, bias, y, out)
	}
}

func multiplyByAVX2(x []uint8, each []float32, rows []int8, zero []int32, scales, bias, y []float32, out int) {
	var sums [tile * strip]int32
	n := len(x) / tile
	for t := 0; t < tile; t += 2 {
		for o := 0; o < strip; o += lanes {
			productsAVX2(&x[t*n], &rows[o*group], n, &sums[t*strip+o])
		}
	}
	for t := range tile {
		for o, z := range zero {
			sums[t*strip+o] += z
		}
	}
	scale(&sums, each, scales, bias, y, out)
}

// multiplyVNNI does what multiplyInGo does; n is the length of a row of x.
//
//go:noescape
func multiplyVNNI(x *uint8, each *float32, rows *int8, zero *int32, scales, bias, y *float32, n, out int)

// productsAVX2 adds up two rows of x, of n numbers each, times half a strip. The
// sums of the second row are a strip behind those of the first.
//
//go:noescape
func productsAVX2(x *uint8, rows *int8, n int, sums *int32)
