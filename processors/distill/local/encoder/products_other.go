//go:build !amd64

package encoder

func products(a, b []int16, rows []int8, sums *[8]int32) { productsInGo(a, b, rows, sums) }
