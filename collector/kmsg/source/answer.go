package source

import (
	"bytes"

	"kernel_exporter/collector/kmsg/record"
)

// bannerLines is among how many first lines linux_banner ("Linux version ...")
// is looked for. It is the first that a kernel prints, or the second, after
// "Booting Linux on physical CPU" or an early microcode update.
const bannerLines = 2

// An answer is what syslog(2) returned, or what is left of it.
type answer struct {
	text  []byte
	timed bool // its lines have times
}

// next takes the first line off the answer. It leaves out what is none.
func (a *answer) next(r *record.Record) (ok bool) {
	for len(a.text) > 0 {
		var line []byte
		line, a.text, _ = bytes.Cut(a.text, []byte{'\n'})
		if r.ParseSyslog(line, a.timed) {
			return true
		}
	}
	return false
}

// last takes the last line off the answer.
func (a *answer) last(r *record.Record) (ok bool) {
	for len(a.text) > 0 {
		text := bytes.TrimSuffix(a.text, []byte{'\n'})
		start := bytes.LastIndexByte(text, '\n') + 1
		a.text = a.text[:start]
		if r.ParseSyslog(text[start:], a.timed) {
			return true
		}
	}
	return false
}

// beginsAtBoot says whether the answer begins where the log does.
func (a *answer) beginsAtBoot() bool {
	first := *a
	var r record.Record
	for range bannerLines {
		if first.next(&r) && r.Facility == 0 && bytes.HasPrefix(r.Text, []byte("Linux version ")) {
			return true
		}
	}
	return false
}

// end returns the last n lines of the answer.
func (a *answer) end(n int) answer {
	rest := *a
	var r record.Record
	for ; n > 0; n-- {
		rest.last(&r)
	}
	return answer{text: a.text[len(rest.text):], timed: a.timed}
}

// without returns what of the answer stands before rest, which is its end.
func (a *answer) without(rest answer) answer {
	return answer{text: a.text[:len(a.text)-len(rest.text)], timed: a.timed}
}

// after looks for the line with a fingerprint in a whole answer, and returns what
// follows it. Where the line is not there, its time shows what was there before:
// ok is false if nothing was, or if times are not known, and ErrForeign says that
// all of the log was.
func (a *answer) after(f record.Fingerprint) (rest answer, ok bool, err error) {
	var found, older bool
	newest, later, here := record.UnknownTime, *a, *a
	var r record.Record
	for here.next(&r) {
		switch newest = r.Time; {
		case f.Matches(r.Priority(), r.Time, record.Hash(r.Text)):
			found, rest = true, here
		case r.Time != record.UnknownTime && r.Time <= f.Time:
			older, later = true, here
		}
	}
	switch {
	case found:
		return rest, true, nil
	case f.Time == record.UnknownTime || newest == record.UnknownTime:
		return *a, false, nil
	case newest+MaxSkew < f.Time:
		return *a, false, ErrForeign
	default:
		return later, older, nil
	}
}
