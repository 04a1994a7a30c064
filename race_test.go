//go:build race

package main

// underRace says that the race detector is on, under which the local distiller
// takes twenty times as long: limits of time mean nothing then.
const underRace = true
