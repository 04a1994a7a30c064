// Package bench measures what the product promises of its size and speed. Its
// benchmarks run like any other: go test -bench . ./deploy/bench
package bench
