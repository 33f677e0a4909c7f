package record

import (
	"bytes"
	"math"
	"time"
)

// ParseSyslog reads one line of syslog(2) into r, whose Text and Caller then
// alias it: "<N>", the time and the caller if the kernel prints them, and the
// text (info_print_prefix() and print_prefix() of kernel/printk/printk.c). The
// time is looked for only where timed says that lines have one, else it is
// UnknownTime. It is not ok without "<N>": Linux 3.5 to 4.9 print the rest of a
// line that came in fragments that way.
func (r *Record) ParseSyslog(line []byte, timed bool) (ok bool) {
	n, rest, ok := linePriority(line)
	if !ok {
		return false
	}
	*r = Record{Time: UnknownTime, Facility: n >> 3, Level: Level(n & 7), Flag: '-'}
	if timed {
		if r.Time, rest, ok = lineTime(rest); !ok {
			return false
		}
	}
	caller, after, called := lineCaller(rest)
	if called {
		r.Caller, rest = caller, after
	}
	if timed || called {
		rest = bytes.TrimPrefix(rest, []byte{' '})
	}
	r.Text = rest
	return true
}

// IsTimed says whether printk.time was on when syslog(2) answered: all lines
// have a time, or none has. A text that merely looks like a time does not do.
func IsTimed(text []byte) bool {
	some := false
	for len(text) > 0 {
		var line []byte
		line, text, _ = bytes.Cut(text, []byte{'\n'})
		_, rest, ok := linePriority(line)
		if !ok {
			continue
		}
		if _, _, ok := lineTime(rest); !ok {
			return false
		}
		some = true
	}
	return some
}

// linePriority reads "<N>".
func linePriority(line []byte) (n uint32, rest []byte, ok bool) {
	end := bytes.IndexByte(line[:min(len(line), 12)], '>')
	if end < 0 || line[0] != '<' {
		return 0, nil, false
	}
	p, more, ok := number(line[1:end])
	return uint32(p), line[end+1:], ok && more == nil && p <= math.MaxUint32
}

// lineTime reads "[    1.234567]": print_time().
func lineTime(line []byte) (t time.Duration, rest []byte, ok bool) {
	in, rest, ok := bracket(line)
	dot := bytes.IndexByte(in, '.')
	if !ok || dot < 0 || len(in) != dot+7 {
		return 0, nil, false
	}
	seconds, more, ok := number(in[:dot])
	micros, more2, ok2 := number(in[dot+1:])
	if !ok || !ok2 || more != nil || more2 != nil || seconds > math.MaxInt64/uint64(time.Second)-1 {
		return 0, nil, false
	}
	return time.Duration(seconds)*time.Second + time.Duration(micros)*time.Microsecond, rest, true
}

// lineCaller reads "[   T12]" or "[    C0]": print_caller().
func lineCaller(line []byte) (caller, rest []byte, ok bool) {
	in, rest, ok := bracket(line)
	if !ok || len(in) < 2 || in[0] != 'T' && in[0] != 'C' {
		return nil, nil, false
	}
	_, more, ok := number(in[1:])
	return in, rest, ok && more == nil
}

// bracket reads what stands in brackets at the start of a line, without the
// spaces that fill it up from the left.
func bracket(line []byte) (in, rest []byte, ok bool) {
	if len(line) == 0 || line[0] != '[' {
		return nil, nil, false
	}
	in, rest, ok = bytes.Cut(line[1:], []byte{']'})
	return bytes.TrimLeft(in, " "), rest, ok
}
