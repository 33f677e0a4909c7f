package kmsg

import (
	"bytes"
	"errors"

	"kernel_exporter/collector/kmsg/record"
)

// bannerLines is among how many first lines linux_banner ("Linux version ...")
// is looked for. It is the first that a kernel prints, or the second, behind
// "Booting Linux on physical CPU" or an early microcode update.
const bannerLines = 2

// A history is what is remembered of the answers of syslog(2): the last one,
// line by line, and where it ended.
type history struct {
	after   record.Fingerprint // on the last line there was, which an earlier process or source may have counted
	some    bool               // there was an answer
	last    []logLine
	spare   []logLine
	borders []int
}

// A logLine is what is remembered of a line.
type logLine struct {
	record.Fingerprint
	end int // offset behind it in the answer
}

// update makes an answer the last one and returns how many of its bytes are
// lines that were there before. errGap says that lines before the others are
// missing, and errUnsure that some may be: where the log was cleared, as an answer
// that is short cannot be that of a log that lost any, and where lines have no
// times, as text that comes again proves nothing. errForeign says that the log is
// another one, and leaves the last answer as it was.
func (h *history) update(a answer, short bool) (known int, err error) {
	lines := h.lines(a)
	n, err := h.known(lines, a, short)
	if errors.Is(err, errForeign) {
		return 0, err
	}
	if n > 0 {
		known = lines[n-1].end
	}
	if len(lines) > 0 {
		h.after = lines[len(lines)-1].Fingerprint
	}
	h.some, h.last, h.spare = true, lines, h.last
	return known, err
}

// lines returns the lines of an answer, in the place of the last but one.
func (h *history) lines(a answer) []logLine {
	lines := h.spare[:0]
	size := len(a.text)
	var r record.Record
	for a.next(&r) {
		m := record.Fingerprint{Known: true, Time: r.Time, Priority: r.Priority(), Hash: record.Hash(r.Text)}
		lines = append(lines, logLine{Fingerprint: m, end: size - len(a.text)})
	}
	return lines
}

// known returns how many of an answer's lines were there before, and an error as
// update does.
func (h *history) known(lines []logLine, a answer, short bool) (n int, err error) {
	missing := errGap
	if short {
		missing = errUnsure
	}
	switch {
	case len(lines) == 0 && h.some && len(h.last) == 0, !h.after.Known && a.timed && beginsAtBoot(a):
		return 0, nil
	case len(lines) == 0, !h.after.Known:
		return 0, missing
	}
	timed := a.timed && h.after.Time != record.UnknownTime
	if n = h.overlap(lines); n == 0 && (timed || !h.some) {
		n, err = find(h.after, lines)
	}
	switch {
	case err != nil:
		return n, err
	case n == 0:
		return 0, missing
	case !timed:
		return n, errUnsure
	default:
		return n, nil
	}
}

// overlap returns how many lines at the beginning of the next answer are those
// at the end of the last one: as many as can be, so that no line counts twice.
// The very last line may have grown meanwhile, where Linux 3.5 to 4.9 get it in
// fragments; and there the first line of an answer may be the rest of one whose
// first fragment is overwritten, so that what was one line is now another.
func (h *history) overlap(next []logLine) int {
	h.setBorders(next)
	n := h.suffix(h.last, next)
	if n == 0 && len(h.last) > 1 {
		if n = h.suffix(h.last[:len(h.last)-1], next); n > 0 {
			n = min(n+1, len(next))
		}
	}
	if n == 0 && len(next) > 1 {
		rest := next[1:]
		h.setBorders(rest)
		if n = h.suffix(h.last, rest); n > 0 {
			n++
		}
	}
	return n
}

// suffix returns how many lines at the end of one answer are those at the
// beginning of another, whose borders are set: the algorithm of Knuth, Morris and
// Pratt.
func (h *history) suffix(last, next []logLine) int {
	n := 0
	for _, l := range last[max(0, len(last)-len(next)):] {
		n = h.extend(n, l, next)
	}
	return n
}

// setBorders computes, for each line of an answer, how many lines up to it are
// also those at its beginning.
func (h *history) setBorders(lines []logLine) {
	h.borders = append(h.borders[:0], 0)
	n := 0
	for _, l := range lines[1:] {
		n = h.extend(n, l, lines)
		h.borders = append(h.borders, n)
	}
}

// extend returns how many of the first lines end with l, where n did before it.
func (h *history) extend(n int, l logLine, lines []logLine) int {
	same := func(o logLine) bool { return l.Matches(o.Priority, o.Time, o.Hash) }
	for n > 0 && (n == len(lines) || !same(lines[n])) {
		n = h.borders[n-1]
	}
	if same(lines[n]) {
		n++
	}
	return n
}

// find returns how many lines there are up to a mark. Where the mark is not to be
// found, its time tells what was there before; errForeign says that all of the
// log was. Without times nobody can tell, and as no line may count twice, errGap
// says that none counts.
func find(m record.Fingerprint, lines []logLine) (n int, err error) {
	older := 0
	for i, l := range lines {
		if m.Matches(l.Priority, l.Time, l.Hash) {
			n = i + 1
		}
		if l.Time != record.UnknownTime && l.Time <= m.Time {
			older = i + 1
		}
	}
	newest := lines[len(lines)-1].Time
	switch {
	case n > 0:
		return n, nil
	case m.Time == record.UnknownTime || newest == record.UnknownTime:
		return len(lines), errGap
	case newest+maxSkew < m.Time:
		return 0, errForeign
	default:
		return older, nil
	}
}

// An answer is what syslog(2) answered.
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

// beginsAtBoot says whether the answer begins where the log does.
func beginsAtBoot(a answer) bool {
	var r record.Record
	for range bannerLines {
		if a.next(&r) && r.Facility == 0 && bytes.HasPrefix(r.Text, []byte("Linux version ")) {
			return true
		}
	}
	return false
}
