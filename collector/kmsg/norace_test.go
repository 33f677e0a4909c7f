//go:build !race

package kmsg_test

const raceEnabled = false
