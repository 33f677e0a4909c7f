package record

import (
	"bytes"
	"time"
)

// UnknownTime is the time of a record whose time is not known: syslog(2) gives
// none while printk.time is off.
const UnknownTime time.Duration = -1

// MaxLine bounds how many bytes of a line are looked at: the kernel's own limit
// is LOG_LINE_MAX, below 1024 bytes, for each fragment of a line.
const MaxLine = 1024

// A Fingerprint recognises a record that has no sequence number, by what both
// /dev/kmsg and syslog(2) say of it. The zero value recognises nothing.
type Fingerprint struct {
	Known    bool
	Time     time.Duration // since boot; UnknownTime if not known
	Priority uint32        // facility and level
	Hash     uint64        // by [Hash], of one line of the text: of the last, unless syslog(2) was left within the record
}

// Matches says whether a line may be the one with the fingerprint. Times are
// compared where both are known: printk.time can be switched while the kernel
// runs.
func (f Fingerprint) Matches(priority uint32, at time.Duration, hash uint64) bool {
	return f.Known && f.Priority == priority && f.Hash == hash &&
		(f.Time == at || f.Time == UnknownTime || at == UnknownTime)
}

// On says whether a record of /dev/kmsg has the fingerprint: whether one of the
// lines that syslog(2) makes of it does.
func (f Fingerprint) On(r *Record) bool {
	if !f.Known || f.Priority != r.Priority() || f.Time != UnknownTime && f.Time != r.Time {
		return false
	}
	rest, more := r.Text, true
	for more {
		var line []byte
		line, rest, more = bytes.Cut(rest, []byte{'\n'})
		if Hash(line) == f.Hash {
			return true
		}
	}
	return false
}

// Priority returns facility and level as one number, as the kernel prints them.
func (r *Record) Priority() uint32 { return r.Facility<<3 | uint32(r.Level) }

// Hash returns the 64-bit FNV-1a hash of a line, of its first [MaxLine] bytes
// if it is longer. State files hold it, so it must not change.
func Hash(line []byte) uint64 {
	const offset, prime = 14695981039346656037, 1099511628211
	h := uint64(offset)
	for _, c := range line[:min(len(line), MaxLine)] {
		h = (h ^ uint64(c)) * prime
	}
	return h
}

// LastLine returns what follows the last newline of a text.
func LastLine(text []byte) []byte {
	return text[bytes.LastIndexByte(text, '\n')+1:]
}
