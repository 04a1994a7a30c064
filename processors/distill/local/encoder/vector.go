package encoder

// What follows gives on every machine what it gives here, to the last bit:
// products are rounded before they are added, which the conversions force, and
// sums are taken in the order in which vectors of eight take them.

// farthestInGo is the largest distance from 0; len(row) is a multiple of 8.
func farthestInGo(row []float32) (far float32) {
	for _, v := range row {
		far = max(far, v, -v)
	}
	return far
}

// roundInGo makes bytes of numbers within -127 and 127 times 1/by, 0 being middle.
func roundInGo(into []uint8, row []float32, by float32) {
	for i, v := range row {
		// The half rounds, as what is cut is never negative.
		into[i] = uint8(int32(float32(v*by) + (middle + 0.5))) //nolint:gosec // within 1 and 255
	}
}

// dotsInGo multiplies a head's query with the keys of all tokens, which are width
// numbers apart.
func dotsInGo(query, keys, into []float32) {
	for u := range into {
		k := keys[u*width:][:headWidth]
		var sums [8]float32
		for i := range sums {
			a := float32(query[i]*k[i]) + float32(query[8+i]*k[8+i])
			b := float32(query[16+i]*k[16+i]) + float32(query[24+i]*k[24+i])
			sums[i] = a + b
		}
		for i := range 4 {
			sums[i] += sums[4+i]
		}
		into[u] = (sums[0] + sums[1]) + (sums[2] + sums[3])
	}
}

// mixInGo adds up a head's values of all tokens, each by its weight.
func mixInGo(weights, values, into []float32) {
	clear(into[:headWidth])
	for u, w := range weights {
		for i, v := range values[u*width:][:headWidth] {
			into[i] += float32(w * v)
		}
	}
}
