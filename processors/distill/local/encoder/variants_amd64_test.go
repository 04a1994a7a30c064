package encoder

func init() {
	if hasAVX2 {
		variants["AVX2"] = multiplyByAVX2
	}
}
