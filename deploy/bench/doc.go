// Package bench measures the product beside yardsticks: code that does the
// least that the same job could take, on the same broker, in the same minute.
// What counts is the ratio of the two, because that hardly depends on the
// machine or on what else it does. leadline bench runs it.
//
// What joins meetings with a large directory is measured apart:
//
//	go test -bench . ./deploy/bench
package bench
