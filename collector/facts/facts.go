// Package facts holds what is known of a node at one moment: each fact is a
// value, or why there is none.
package facts

import "kernel_exporter/collector/host"

// Cause is why something is unknown.
type Cause string

// The causes.
const (
	// Unreadable: a file or a right is missing, and somebody can mend that.
	Unreadable Cause = "unreadable"
	// Unknowable: nobody could tell from the machine alone, as with the fixes that
	// a vendor took into its kernel.
	Unknowable Cause = "unknowable"
)

// Fact is a value, or why there is none. The zero value is none that anybody
// tried to read.
type Fact[T any] struct {
	value   T
	known   bool
	cause   Cause
	missing string
}

// Known returns a fact with a value.
func Known[T any](value T) Fact[T] { return Fact[T]{value: value, known: true} }

// NotRead returns a fact that is unknown because a file or a right is missing;
// missing names it, such as "proc/config.gz".
func NotRead[T any](missing string) Fact[T] {
	return Fact[T]{cause: Unreadable, missing: missing}
}

// NotKnowable returns a fact that cannot be told from the machine; missing says
// what would make it known.
func NotKnowable[T any](missing string) Fact[T] {
	return Fact[T]{cause: Unknowable, missing: missing}
}

// Get returns the value and whether it is known.
func (f Fact[T]) Get() (T, bool) { return f.value, f.known }

// Cause returns why the fact is unknown; empty where it is known.
func (f Fact[T]) Cause() Cause {
	if !f.known && f.cause == "" {
		return Unreadable
	}
	return f.cause
}

// Missing names what would make the fact known; empty where it is known.
func (f Fact[T]) Missing() string { return f.missing }

// Answered turns what a source says into a fact: an error is a fact not read,
// and an answer that is unknown without an error cannot be told.
func Answered(answer host.Answer, err error, missing string) Fact[bool] {
	switch {
	case err != nil:
		return NotRead[bool](missing)
	case !answer.Known():
		return NotKnowable[bool](missing)
	default:
		return Known(answer == host.Yes)
	}
}

// Facts are what is known of a machine.
type Facts struct {
	Kernel Fact[host.Kernel]
	OS     Fact[host.OS]
	// Hierarchy is v1, v2 or hybrid.
	Hierarchy Fact[string]
	// Config is the configuration that the kernel was built with.
	Config Fact[host.Config]
	// OverlayTechPreview: overlayfs is in use, and the kernel calls it a
	// technology preview.
	OverlayTechPreview Fact[bool]
	// KmemAccounting: kernel memory is accounted to cgroups.
	KmemAccounting Fact[bool]
	// DType says for the path of each container store whether its file system
	// tells the type of directory entries. No store at all is an empty map.
	DType Fact[map[string]Fact[bool]]
	// Probes are the answers to the probes that the features name.
	Probes map[string]host.Answer
	// MemoryController: the memory controller of cgroups is on.
	MemoryController Fact[bool]
	// LivePatches are the names of the live patches that are in the kernel.
	LivePatches Fact[[]string]
}
