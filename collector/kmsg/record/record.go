// Package record holds one record of the kernel log: what /dev/kmsg and
// syslog(2) print of it, and how it is recognised again.
package record

import (
	"bytes"
	"errors"
	"math"
	"time"
)

// Level is a record's severity, from 0 (emerg) to 7 (debug).
type Level uint8

// NumLevels is how many levels there are.
const NumLevels = 8

// String returns the name syslog(3) and dmesg(1) give the level, "emerg" to
// "debug", and "unknown" for a value no record carries.
func (l Level) String() string {
	if l >= NumLevels {
		return "unknown"
	}
	return [NumLevels]string{"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"}[l]
}

// The ways a record's header can be malformed. They are fixed values, so that
// a flood of malformed records costs nothing.
var (
	errHeader   = errors.New("kmsg record without a header")
	errPriority = errors.New("kmsg record without a priority")
	errSequence = errors.New("kmsg record without a sequence number")
	errTime     = errors.New("kmsg record without a time")
)

// Record is one record of the kernel log in the extended format of /dev/kmsg:
// Documentation/ABI/testing/dev-kmsg, printed by devkmsg_read() and
// msg_print_ext_header() of kernel/printk/printk.c.
//
// Caller and Text alias the bytes given to [Record.Parse] and live as long as
// those do.
type Record struct {
	Seq      uint64        // counts every record since boot, from 0, whoever wrote it
	Time     time.Duration // since boot by the kernel's local clock, in whole microseconds
	Facility uint32        // 0 is the kernel itself, which user space cannot claim
	Level    Level
	Flag     byte   // '-' a whole line, 'c' or '+' a fragment of one
	Caller   []byte // "T123" a thread or "C0" a processor; nil where the kernel does not say
	Text     []byte // unescaped, without the dictionary; may hold newlines and any other byte
}

// Parse reads one record: what one read(2) of /dev/kmsg returns, or one line
// of a recorded file, with or without its final newline.
//
// Text ends at the first newline of b, behind which the dictionary lines
// (" KEY=value") stand. Its \xNN escapes are undone IN PLACE: b is changed and
// must not be parsed twice. An escape no kernel prints is left as it is.
//
// Header fields behind the time are optional, as Linux 3.5 printed none, and
// unknown fields and flags are ignored, as the kernel's documentation asks.
// On an error b is unchanged and the record's content undefined. Parse does
// not allocate.
func (r *Record) Parse(b []byte) error {
	if text, ok := r.common(b); ok {
		r.setText(text)
		return nil
	}
	header, text, ok := bytes.Cut(b, []byte{';'})
	if !ok {
		return errHeader
	}
	if bytes.IndexByte(header, '\n') >= 0 {
		return errHeader
	}

	priority, header, ok := number(header)
	if !ok || priority > math.MaxUint32 {
		return errPriority
	}
	sequence, header, ok := number(header)
	if !ok {
		return errSequence
	}
	micros, header, ok := number(header)
	if !ok || micros > math.MaxInt64/uint64(time.Microsecond) {
		return errTime
	}

	r.Seq = sequence
	r.Time = time.Duration(micros) * time.Microsecond
	r.Facility = uint32(priority >> 3)
	r.Level = Level(priority & 7)
	r.flags(header)
	r.setText(text)
	return nil
}

// commonDigits is how many digits of microseconds a time.Duration holds.
const commonDigits = 15

// common reads the headers that nearly all records have, "6,339,5140900,-;" and
// "6,339,5140900,-,caller=T1;", in one pass, and returns what follows. It is not ok
// for any other.
func (r *Record) common(b []byte) (text []byte, ok bool) {
	var numbers [3]uint64
	i := 0
	for k := range numbers {
		n, start := uint64(0), i
		for i < len(b) && b[i]-'0' <= 9 {
			n = n*10 + uint64(b[i]-'0')
			i++
		}
		if i == start || i > start+commonDigits || i == len(b) || b[i] != ',' {
			return nil, false
		}
		numbers[k] = n
		i++
	}
	if len(b) < i+2 || b[i] != '-' || numbers[0] > math.MaxUint32 {
		return nil, false
	}
	var caller []byte
	if end := i + 1; b[end] != ';' {
		if caller, ok = bytes.CutPrefix(b[end:], []byte(",caller=")); !ok || len(caller) == 0 {
			return nil, false
		}
		if end = bytes.IndexAny(caller, ";,\n"); end < 0 || caller[end] != ';' {
			return nil, false
		}
		text, caller = caller[end+1:], caller[:end]
	} else {
		text = b[end+1:]
	}
	*r = Record{
		Seq: numbers[1], Time: time.Duration(numbers[2]) * time.Microsecond,
		Facility: uint32(numbers[0] >> 3), Level: Level(numbers[0] & 7), Flag: '-', Caller: caller,
	}
	return text, true
}

// setText takes the text without the dictionary, and undoes its escapes.
func (r *Record) setText(text []byte) {
	if newline := bytes.IndexByte(text, '\n'); newline >= 0 {
		text = text[:newline]
	}
	r.Text = unescape(text)
}

// flags reads the header fields behind the time.
func (r *Record) flags(header []byte) {
	r.Flag, r.Caller = '-', nil
	if len(header) == 0 {
		return
	}
	if c := header[0]; (c == 'c' || c == '+') && (len(header) == 1 || header[1] == ',') {
		r.Flag = c
	}
	for {
		comma := bytes.IndexByte(header, ',')
		if comma < 0 {
			return
		}
		header = header[comma+1:]
		if caller, ok := bytes.CutPrefix(header, []byte("caller=")); ok {
			r.Caller, _, _ = bytes.Cut(caller, []byte{','})
			return
		}
	}
}

// safeDigits is how many digits of a number uint64 holds whatever they are.
const safeDigits = 19

// number reads a decimal number and the comma behind it, if there is one, and
// returns what follows. It is not ok without a digit, with anything but a
// comma behind the digits, and above the range of uint64.
func number(b []byte) (n uint64, rest []byte, ok bool) {
	for i, c := range b {
		if c == ',' {
			return n, b[i+1:], i > 0
		}
		digit := uint64(c - '0')
		if digit > 9 || i >= safeDigits && (n > math.MaxUint64/10 || n*10 > math.MaxUint64-digit) {
			return 0, nil, false
		}
		n = n*10 + digit
	}
	return n, nil, len(b) > 0
}

// unescape undoes in place the escapes of msg_add_ext_text(): \xNN stands for
// every byte below 0x20, from 0x7f on, and the backslash itself.
func unescape(text []byte) []byte {
	w := bytes.IndexByte(text, '\\')
	if w < 0 {
		return text
	}
	for r := w; r < len(text); w++ {
		c, size := text[r], 1
		if c == '\\' && r+3 < len(text) && text[r+1] == 'x' {
			hi, lo := unhex(text[r+2]), unhex(text[r+3])
			if hi < 16 && lo < 16 {
				c, size = hi<<4|lo, 4
			}
		}
		text[w] = c
		r += size
	}
	return text[:w]
}

// unhex returns the value of a hexadecimal digit as the kernel prints it, and
// 16 for any other byte.
func unhex(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	default:
		return 16
	}
}
