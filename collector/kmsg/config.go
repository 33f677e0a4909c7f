package kmsg

import (
	"os"
	"time"
)

// The values of [Config.Source] and [Status.Source].
const (
	SourceAuto   = "auto"   // the first that is not refused
	SourceKmsg   = "kmsg"   // /dev/kmsg, or a file or FIFO of its records
	SourceSyslog = "syslog" // syslog(2)
	SourceNone   = "none"   // none is open
)

// Config says which log to follow.
type Config struct {
	// Path is /dev/kmsg, or another path to that device, or to a regular file
	// or FIFO with its records as lines. The end of a regular file is the end
	// of the log, which stays up; so does a FIFO that nobody writes to.
	Path string
	// Open, if set, opens what Path would name, without blocking.
	Open func() (*os.File, error)
	// Bell is the path of proc/kmsg. It is opened and never read: it shows when
	// to ask syslog(2). Where it is empty or cannot be opened, syslog(2) is asked
	// every few seconds.
	Bell string
	// Source is how to read the log: SourceKmsg, by Path; SourceSyslog, by
	// syslog(2); SourceAuto, by Path, and where that is refused, by syslog(2).
	// Empty is SourceAuto. It is decided at start, and again when reading fails.
	Source string
	// StateFile is where position and counts are kept across restarts; empty
	// for nowhere. It is replaced in whole, at most every 5 s, and at the end.
	StateFile string
	// Kernel is what else is known of the kernel whose log it is.
	Kernel Kernel

	// The functions below are called one at a time, in the order of what they
	// report. A call that does not return delays nothing but the calls after it, of
	// which the oldest are then dropped. None is called after Run has returned.

	// OnStatus, if set, is called with each new status, except the one in which
	// Run leaves the log.
	OnStatus func(Status)
	// OnForget, if set, is called when the log proves to be another one than was
	// counted, and counts begin at 0: a machine was reset to a snapshot of itself,
	// in the same boot.
	OnForget func()
	// OnStateError, if set, is called with each new reason for which state is not
	// kept or was not taken over, and with nil when it is kept again. The log is
	// followed all the same.
	OnStateError func(error)
}

// Kernel is what is known of the kernel whose log is followed. The functions are
// required. They may read files, and are never called with a lock held.
type Kernel struct {
	// BootID is the identity of the boot that the log is of. Where it is empty,
	// because it could not be read, no state is kept.
	BootID string
	// Running says that the log is of the kernel that runs this program: the
	// boot ids are equal. syslog(2) reads no other, and is not asked without.
	Running bool
	// HeadMarked says that flag c marks the first fragment of a line, as in Linux
	// 3.5 to 4.8, and not a continuation, as in later kernels.
	HeadMarked bool
	// BootTime returns the wall clock's time of that boot. It is called once each
	// time the log is opened.
	BootTime func() (time.Time, error)
	// Uptime returns for how long that kernel has been, or had been, running. It
	// is called for each live message about a waited-for device, and by Snapshot
	// while a wait is known from replayed ones.
	Uptime func() (time.Duration, error)
	// Suspended returns how much of the uptime that kernel was suspended, while
	// the log's clock stood still. It is called where Uptime is. Nil says never.
	Suspended func() time.Duration
	// LeakPeriod returns how often that kernel repeats the message about a
	// device that is waited for: net.core.netdev_unregister_timeout_secs. Where
	// that may have been set and cannot be read, known is false, the period is
	// the kernel's default, and a device may be silent for longer. It is called
	// for each such message, and by Snapshot while devices are waited for.
	LeakPeriod func() (period time.Duration, known bool)
}

// Status says whether the log is being read.
type Status struct {
	Up     bool
	Source string // SourceKmsg or SourceSyslog while it is up, else SourceNone
	Err    error  // why it is not up; nil if it is, and before Run
}

func (s Status) equal(o Status) bool {
	if s.Up != o.Up || s.Source != o.Source || (s.Err == nil) != (o.Err == nil) {
		return false
	}
	return s.Err == nil || s.Err.Error() == o.Err.Error()
}
