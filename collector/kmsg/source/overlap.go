package source

import (
	"time"

	"kernel_exporter/collector/kmsg/record"
)

const (
	// timedContext is how many lines are remembered where lines have times, which
	// distinguish those of equal text.
	timedContext = 8
	// maxContext is how many lines are remembered where they have no times, or all
	// the same.
	maxContext = 4096
)

// A past is what is remembered of the answers of syslog(2).
type past struct {
	after record.Fingerprint // of the last line, which may be one of an earlier process or source
	some  bool               // there was an answer
	timed bool               // its lines had times
	lines []line             // the last of them,
	all   bool               // or all that the kernel had then

	borders []int // see overlap
}

// A line is what is remembered of a line.
type line struct {
	time     time.Duration
	hash     uint64
	priority uint32
}

func lineOf(r *record.Record) line {
	return line{time: r.Time, hash: record.Hash(r.Text), priority: r.Priority()}
}

// is says whether two lines may be the same one. Times are compared where both
// are known, as printk.time can be switched while the kernel runs.
func (l line) is(o line) bool {
	return l.hash == o.hash && l.priority == o.priority &&
		(l.time == o.time || l.time == record.UnknownTime || o.time == record.UnknownTime)
}

// add remembers a line that was given.
func (p *past) add(r *record.Record) {
	l := lineOf(r)
	p.after = record.Fingerprint{Known: true, Time: l.time, Priority: l.priority, Hash: l.hash}
	p.lines = append(p.lines, l)
	if n := p.context(); len(p.lines) >= 2*n {
		p.lines, p.all = p.lines[:copy(p.lines, p.lines[len(p.lines)-n:])], false
	}
}

// context returns how many lines at most have to be remembered.
func (p *past) context() int {
	n := len(p.lines)
	if !p.timed || n < timedContext || p.lines[n-timedContext].time == p.lines[n-1].time {
		return maxContext
	}
	return timedContext
}

// replace remembers the lines of an answer, and no others.
func (p *past) replace(a answer) {
	p.lines, p.all = p.lines[:0], true
	var r record.Record
	for a.next(&r) {
		p.add(&r)
	}
}

// overlap returns what of an answer is new: what follows the last line that is
// remembered, found with as many lines before it as are remembered or as the
// answer has. Of several places the last is taken, so that no line counts twice,
// unless all lines are remembered, before whose first the answer cannot begin. An
// answer that is not whole, which is the end of the log only, must have all of the
// remembered lines, in one place only.
//
// The very last line may have grown since, where Linux 3.5 to 4.9 get it in
// fragments. There the first line of an answer may be the rest of one whose first
// fragment is overwritten, so that what was one line is now another.
func (p *past) overlap(a answer, whole bool) (fresh answer, ok bool) {
	lines := p.lines
	if !whole {
		lines = lines[max(0, len(lines)-p.context()):]
	}
	if len(lines) == 0 {
		return answer{}, false
	}
	if fresh, ok = p.match(lines, a, whole, false); ok {
		return fresh, true
	}
	if last := len(lines) - 1; last > 0 {
		if fresh, ok = p.match(lines[:last], a, whole, false); ok {
			var grown record.Record
			if fresh.next(&grown) {
				lines[last] = lineOf(&grown)
			}
			return fresh, true
		}
	}
	if whole {
		return p.match(lines, a, true, true)
	}
	return answer{}, false
}

// match looks for lines in an answer, from its end to its beginning, as the
// algorithm of Knuth, Morris and Pratt does, and returns what follows them. A
// whole answer may begin inside the lines; with headless, its first line is not
// compared.
func (p *past) match(lines []line, a answer, whole, headless bool) (fresh answer, ok bool) {
	p.setBorders(lines)
	if !whole && p.borders[len(lines)-1] > 0 {
		return answer{}, false // they may stand in more than one place
	}
	rest, seen, n, before := a, 0, 0, 0 // n lines match, and did before the last one seen
	var r record.Record
	for rest.last(&r) {
		seen++
		before, n = n, p.extend(n, lines, lineOf(&r))
		if n == len(lines) && (!whole || !p.all) {
			return a.end(seen - n), true
		}
	}
	switch {
	case !whole || seen == 0:
		return answer{}, false
	case headless:
		return a.end(seen - 1 - before), before > 0
	default:
		return a.end(seen - n), n > 0
	}
}

// setBorders computes, for each number of lines counted from the end, how many of
// them are also the last ones.
func (p *past) setBorders(lines []line) {
	p.borders = append(p.borders[:0], 0)
	n := 0
	for i := len(lines) - 2; i >= 0; i-- {
		n = p.extend(n, lines, lines[i])
		p.borders = append(p.borders, n)
	}
}

// extend returns how many of the last lines are matched when l comes before those
// n that are.
func (p *past) extend(n int, lines []line, l line) int {
	at := func(i int) line { return lines[len(lines)-1-i] }
	for n > 0 && (n == len(lines) || !l.is(at(n))) {
		n = p.borders[n-1]
	}
	if l.is(at(n)) {
		n++
	}
	return n
}
