package stage

import "iter"

// rejections says of each record of the work whether it was rejected.
func rejections(work []*portion) iter.Seq[bool] {
	return func(yield func(bool) bool) {
		for _, w := range work {
			for _, rejected := range w.outcomes {
				if !yield(rejected) {
					return
				}
			}
		}
	}
}
