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
// Devices of the same name in different network namespaces cannot be told
// apart and are one. Every pod has a lo and mostly an eth0, so short waits of one
// name may follow each other: with the period known, the silence between them
// tells them apart, and each begins anew. Only where it is not known are messages
// up to maxSpacing apart taken for one wait.
type waits map[string]wait

// A wait is one device's. Its times are those of the records, so that a suspend
// does not stretch what lies between two messages: it stops the log's clock and
// the kernel's waiting alike.
type wait struct {
	first, last time.Duration
	spacing     time.Duration // between the last two messages, if that may be the period
	arrived     time.Time     // when the last was read, if live; zero if replayed, or read by an earlier process
	uptime      time.Duration // when the last was read, if live; zero if replayed or not known
}

// A message is one that a device is waited for.
type message struct {
	at      time.Duration // by the record
	arrived time.Time     // zero if replayed
	uptime  time.Duration // at arrival; zero if replayed or not known
	cadence cadence       // as the kernel is set now
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
func (w wait) over(m message) bool {
	if m.cadence.known {
		return m.at-w.last > patience*m.cadence.period
	}
	return m.at-w.last > max(w.limit(m.cadence), maxSpacing)
}

// add notes a message about a device.
func (w waits) add(device []byte, m message) {
	name := string(device[:min(len(device), maxDeviceName)])
	d, known := w[name]
	if !known || d.over(m) {
		w.makeRoom(name, m)
		w[name] = wait{first: m.at, last: m.at, arrived: m.arrived, uptime: m.uptime}
		return
	}
	if silence := max(m.at-d.last, 0); silence <= max(m.cadence.period, maxSpacing) {
		d.spacing = silence
	}
	d.last = max(d.last, m.at)
	d.arrived, d.uptime = m.arrived, m.uptime
	w[name] = d
}

// makeRoom drops the waits that were over when a message about a new device
// came, and if there are too many still, the one that was silent for longest.
func (w waits) makeRoom(device string, m message) {
	oldest, oldestLast := "", time.Duration(math.MaxInt64)
	for name, d := range w {
		if d.over(m) {
			delete(w, name)
		} else if d.last < oldestLast {
			oldest, oldestLast = name, d.last
		}
	}
	if _, ok := w[device]; !ok && len(w) >= maxWaits {
		delete(w, oldest)
	}
}

// An instant is when waits are looked at.
type instant struct {
	now     time.Time
	uptime  time.Duration // negative if unknown
	cadence cadence
}

// open returns how many devices are waited for, and for how long the longest
// has been: the first message comes one period after the wait began. The age of
// a message that was replayed or read by an earlier process is known only where
// the uptime is; known is false where that leaves the answer open. The record's
// own time is the last resort: on a machine that is up for long, the log's clock
// and the uptime have come apart.
func (w waits) open(i instant) (n int, longest time.Duration, known bool) {
	for _, d := range w {
		var age time.Duration
		switch {
		case !d.arrived.IsZero():
			age = i.now.Sub(d.arrived)
		case i.uptime < 0:
			return 0, 0, false
		case d.uptime > 0:
			age = i.uptime - d.uptime
		default:
			age = i.uptime - d.last
		}
		age = max(age, 0)
		if age > d.limit(i.cadence) {
			continue
		}
		n++
		longest = max(longest, i.cadence.period+d.last-d.first+age)
	}
	return n, longest, true
}
