//go:build !amd64

package encoder

func multiply(x []uint8, each []float32, rows []int8, zero []int32, scales, bias, y []float32, out int) {
	multiplyInGo(x, each, rows, zero, scales, bias, y, out)
}
