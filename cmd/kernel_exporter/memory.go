package main

import (
	"runtime"
	"runtime/debug"
)

// gcPercent is by how much the heap may grow before garbage is collected, unless GOGC
// says otherwise. A scrape leaves some 20 kB, so a collection every 20 scrapes or so
// costs less than the memory that the default of 100 would hold on every node.
const gcPercent = 25

// saveMemory tunes the runtime for a small program that rests most of the time.
func saveMemory(getenv func(string) string) {
	runtime.MemProfileRate = 0 // nobody asks for the profile, which has tables of its own
	if getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
}

// returnMemory gives back to the kernel what only the start needed: the policy's YAML,
// and the first replay of the log.
func returnMemory() { debug.FreeOSMemory() }
