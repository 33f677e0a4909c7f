// Package source reads the kernel log by the ways that there are: the device
// /dev/kmsg, a file or FIFO with its records, and the system call syslog(2).
// Each gives the same items, and has put together what the kernel printed in
// pieces. It knows nothing of counts.
package source

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
)

// A Kind says what an [Item] is.
type Kind uint8

// The kinds of items.
const (
	// Record is a record, or with syslog(2) one line of a record.
	Record Kind = iota
	// End says that all there is has been given. The next call waits for more.
	End
	// Lost says that records were overwritten before they were read. The number
	// of the next record shows how many.
	Lost
	// Gap says the same where records have no numbers: at least one was lost.
	Gap
	// Unsure says that something may be missing: somebody cleared the log, the
	// lines have no times, or a line may have been a report and is none.
	Unsure
	// Malformed says that a record could not be read.
	Malformed
)

// An Item is what a source gives. Its bytes are valid until the next call.
type Item struct {
	Kind Kind

	// The rest belongs to a Record.

	Record   record.Record
	Numbered bool // Record.Seq is its number; else it has none
	Live     bool // it was logged after the source was opened
	// Finding is the report that the record opens or completes. Its Event is
	// empty if there is none.
	Finding event.Finding
	// Suppressed is how many messages the record says the kernel held back.
	Suppressed uint64
}

// A Source gives the records of a kernel log, the oldest that is kept first. It
// is used by one goroutine. The context that it was opened with ends all waiting.
type Source interface {
	// Next gives the next item, and waits for one after it has given End. After an
	// error the source has to be closed.
	Next(*Item) error
	// Close releases what belongs to the source.
	Close() error
}

// MaxSkew is how much earlier than the record before it a record may be: each
// processor has a local clock of its own. They differ by far less than this.
const MaxSkew = time.Second

var (
	// ErrNotLog says that a file is something else than a kernel log.
	ErrNotLog = errors.New("not the kernel log")
	// ErrForeign says that the place to go on from is not in this log: the
	// machine was reset to a snapshot of itself, in the same boot.
	ErrForeign = errors.New("kernel log is not the one that was counted before")
)

// Refused says whether an error is that of a log that may not be read here, or
// that is not here. Device rules, permissions and security modules return EPERM
// or EACCES; a container may have no device, another one, or a node without a
// driver (ENXIO).
func Refused(err error) bool {
	for _, refusal := range []error{unix.EPERM, unix.EACCES, unix.ENOENT, unix.ENXIO, ErrNotLog} {
		if errors.Is(err, refusal) {
			return true
		}
	}
	return false
}
