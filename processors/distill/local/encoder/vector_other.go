//go:build !amd64

package encoder

func farthest(row []float32) float32                { return farthestInGo(row) }
func round(into []uint8, row []float32, by float32) { roundInGo(into, row, by) }
func dots(query, keys, into []float32)              { dotsInGo(query, keys, into) }
func mix(weights, values, into []float32)           { mixInGo(weights, values, into) }
