package kmsg

import (
	"math"
	"time"
)

const (
	// maxWaits bounds how many devices are remembered, whatever the log says.
	maxWaits = 1024
	// maxDeviceName is IFNAMSIZ (include/uapi/linux/if.h) without the final NUL.
	maxDeviceName = 15
	// patience is how many periods a device may be silent before it is taken
	// to be free.
	patience = 3
	// maxSpacing is the longest time between two messages that may be the period.
	// The sysctl goes up to an hour, but a wait that was over after one message
	// must not be stretched by another an hour later.
	maxSpacing = 2 * time.Minute
)

// waits is the network devices that the kernel waits for, by name. While a
// device that is being removed has users left, netdev_wait_allrefs_any()
// (net/core/dev.c) says so every net.core.netdev_unregister_timeout_secs, 10 s
// before 5.13. That it became free is not said: the messages stop.
//
// Devices of the same name in different network namespaces cannot be kept
// apart and are one. Every pod has a lo and mostly an eth0, so short waits of one
// name may follow each other: with the period known, the silence between them
// separates them, and each is one of its own. Only where it is not known are messages
// up to maxSpacing apart taken for one wait.
type waits map[string]wait

// A wait is one device's. What lies between its messages is measured by the log's
// clock, which stands still with the kernel's waiting while the machine is
// suspended.
type wait struct {
	first   time.Duration // the first message, by the log's clock
	last    moment        // the last one; without a wall clock's time
	spacing time.Duration // between the last two, if that may be the period
}

// A cadence is how often the kernel repeats a message about a device.
type cadence struct {
	period time.Duration // the kernel's default where it is not known
	known  bool
}

// limit is for how long a wait may be silent. Messages are further apart than the
// period while the kernel waits for a lock in between. Where the period is known,
// a spacing that does not fit it is that of another one, which was set before.
func (w wait) limit(c cadence) time.Duration {
	if c.known && w.spacing > patience*c.period {
		return patience * c.period
	}
	return patience * max(c.period, w.spacing)
}

// over says whether the wait was over before a message about the same device,
// so that this begins another. Where the period is not known, a silence up to
// maxSpacing may be it.
func (w wait) over(m moment, c cadence) bool {
	if c.known {
		return m.at-w.last.at > patience*c.period
	}
	return m.at-w.last.at > max(w.limit(c), maxSpacing)
}

// add notes a message about a device, whose time by the log's clock is known.
func (w waits) add(device []byte, m moment, c cadence) {
	m.wall = time.Time{}
	name := string(device[:min(len(device), maxDeviceName)])
	d, known := w[name]
	if !known || d.over(m, c) {
		w.makeRoom(name, m, c)
		w[name] = wait{first: m.at, last: m}
		return
	}
	if silence := max(m.at-d.last.at, 0); silence <= max(c.period, maxSpacing) {
		d.spacing = silence
	}
	m.at = max(m.at, d.last.at)
	d.last = m
	w[name] = d
}

// makeRoom drops the waits that were over when a message about a new device
// came, and if there are too many still, the one that was silent for longest.
func (w waits) makeRoom(device string, m moment, c cadence) {
	oldest, oldestLast := "", time.Duration(math.MaxInt64)
	for name, d := range w {
		if d.over(m, c) {
			delete(w, name)
		} else if d.last.at < oldestLast {
			oldest, oldestLast = name, d.last.at
		}
	}
	if _, ok := w[device]; !ok && len(w) >= maxWaits {
		delete(w, oldest)
	}
}

// open returns how many devices are waited for now, and for how long the longest
// has been: the first message comes one period after the wait began. The age of
// a message that was replayed or read by an earlier process is known only where
// the uptime is, which is negative else; known is false where that leaves the
// answer open. The record's own time is the last resort. It lacks the suspends, because
// the log's clock stands still meanwhile.
func (w waits) open(now moment, c cadence) (n int, longest time.Duration, known bool) {
	for _, d := range w {
		var age time.Duration
		switch {
		case !d.last.read.IsZero():
			age = now.read.Sub(d.last.read)
		case now.uptime < 0:
			return 0, 0, false
		case d.last.uptime > 0:
			age = now.uptime - d.last.uptime
		default:
			age = now.uptime - now.slept - d.last.at
		}
		age = max(age, 0)
		if age > d.limit(c) {
			continue
		}
		n++
		longest = max(longest, c.period+d.last.at-d.first+age)
	}
	return n, longest, true
}

// replayed says whether the age of some wait depends on the uptime.
func (w waits) replayed() bool {
	for _, d := range w {
		if d.last.read.IsZero() {
			return true
		}
	}
	return false
}
