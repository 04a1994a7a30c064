package encoder

func farthest(row []float32) float32 {
	if !hasAVX2 {
		return farthestInGo(row)
	}
	return farthestAVX2(&row[0], len(row))
}

func round(into []uint8, row []float32, by float32) {
	if !hasAVX2 {
		roundInGo(into, row, by)
		return
	}
	roundAVX2(&into[:len(row)][0], &row[0], len(row), by)
}

func dots(query, keys, into []float32) {
	if !hasAVX2 {
		dotsInGo(query, keys, into)
		return
	}
	dotsAVX2(&query[:headWidth][0], &keys[:(len(into)-1)*width+headWidth][0], &into[0], len(into))
}

func mix(weights, values, into []float32) {
	if !hasAVX2 {
		mixInGo(weights, values, into)
		return
	}
	mixAVX2(&weights[0], &values[:(len(weights)-1)*width+headWidth][0], &into[:headWidth][0], len(weights))
}

//go:noescape
func farthestAVX2(row *float32, n int) float32

//go:noescape
func roundAVX2(into *uint8, row *float32, n int, by float32)

//go:noescape
func dotsAVX2(query, keys, into *float32, n int)

//go:noescape
func mixAVX2(weights, values, into *float32, n int)
