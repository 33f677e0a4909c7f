//go:build race

package event_test

// raceEnabled says that the race detector is on, under which sync.Pool drops
// what it is given at random, and regexp allocates anew.
const raceEnabled = true
