package encoder

// variants are the ways to multiply that this machine has, beside the one it takes.
var variants = map[string]func(x []uint8, each []float32, rows []int8, zero []int32, scales, bias, y []float32, out int){
	"Go": multiplyInGo,
}
