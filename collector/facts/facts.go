// Package facts says what is known of a node at one moment.
//
// Each fact is gathered once a scrape, in one place, as a value, as the cause for
// which there is none, or as an error. A [Node] reads what may change at each
// scrape, and the rest between the scrapes; a [Snapshot] is what came of it.
// Metrics, judgement and pages read only that.
//
// Every read has a place where it may hang alone: see [Node.Gather].
package facts

import (
	"errors"
	"fmt"
	"io/fs"
	"reflect"

	"kernel_exporter/collector/host"
)

// Cause is why something is unknown.
type Cause string

// The causes.
const (
	// Unreadable: a file or a permission is missing, and somebody can mend that.
	Unreadable Cause = "unreadable"
	// Unknowable: nobody could tell from the machine alone, as with the fixes that
	// a vendor took into its kernel.
	Unknowable Cause = "unknowable"
	// TimedOut: the read has not come back, as from a disk that does not answer.
	TimedOut Cause = "timeout"
)

// Fact is a value, or why there is none. The zero value is none that anybody
// tried to read.
type Fact[T any] struct {
	value   T
	known   bool
	cause   Cause
	missing string
	err     error
}

// Known returns a fact with a value.
func Known[T any](value T) Fact[T] { return Fact[T]{value: value, known: true} }

// NotRead returns a fact that is unknown because a file or a permission is missing;
// missing names it, such as "proc/config.gz".
func NotRead[T any](missing string) Fact[T] {
	return Fact[T]{cause: Unreadable, missing: missing}
}

// NotKnowable returns a fact that cannot be told from the machine; missing says
// what would make it known.
func NotKnowable[T any](missing string) Fact[T] {
	return Fact[T]{cause: Unknowable, missing: missing}
}

// NotInTime returns a fact whose read has not come back; missing names what is read.
func NotInTime[T any](missing string) Fact[T] {
	return Fact[T]{cause: TimedOut, missing: missing, err: fmt.Errorf("timeout: %s has not been read in time", missing)}
}

// ReadFrom returns the fact that a read of missing gave: the value, where there is
// no error. A file that is not there is a fact not read, and no error of the fact.
func ReadFrom[T any](value T, err error, missing string) Fact[T] {
	if err != nil {
		return NotRead[T](missing).With(err)
	}
	return Known(value)
}

// Answered turns what a source says into a fact: an error is a fact not read,
// and an answer that is unknown without an error cannot be told.
func Answered(answer host.Answer, err error, missing string) Fact[bool] {
	switch {
	case err != nil:
		return NotRead[bool](missing).With(err)
	case !answer.Known():
		return NotKnowable[bool](missing)
	default:
		return Known(answer == host.Yes)
	}
}

// With returns the fact with an error beside it: what could not be read, although
// it is there. An error that says that there is no such file adds nothing.
func (f Fact[T]) With(err error) Fact[T] {
	f.err = errors.Join(f.err, present(err))
	return f
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

// Err returns what went wrong: something is there and could not be read or parsed,
// or not in time. A fact may be known all the same, in part. It is nil where this
// kernel does not have what was asked for.
func (f Fact[T]) Err() error { return f.err }

// present drops the error that says that there is no such file.
func present(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Facts are what is known of a machine and can be judged.
type Facts struct { //nolint:recvcheck // too large to be copied for a comparison
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

// Equal says whether two machines look the same to a policy.
func (f *Facts) Equal(o *Facts) bool { return reflect.DeepEqual(f, o) } //nolint:govet // errors are equal where they are made of the same
