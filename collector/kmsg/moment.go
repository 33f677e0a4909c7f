package kmsg

import (
	"time"
)

// A moment is when a record was written, or when something is looked at, as far
// as that is known. The clocks differ: the log's stands still while the machine is
// suspended, and has drifted from the uptime on a machine that is up for long.
type moment struct {
	wall   time.Time     // the wall clock's time; zero if not known
	at     time.Duration // the log's clock, since boot; record.UnknownTime if not known
	read   time.Time     // when the record was read, if live; zero if it was replayed, or read by an earlier process
	uptime time.Duration // of the kernel when the record was read, if live; 0 if replayed or not known
	slept  time.Duration // how much of the uptime was suspended, of now only
}

// notAfter returns the time, or now if that is later, without a monotonic part.
func notAfter(t, now time.Time) time.Time {
	if t.After(now) {
		t = now
	}
	return t.Round(0)
}
