package event

import (
	"bytes"
	"math"
	"regexp"
	"strings"
)

// Matcher tells which event a record's text opens. It is immutable and safe
// for concurrent use.
//
// A record that is no event costs a few comparisons: its first byte chooses
// the heads it can begin with, and of the formats that begin with a process or
// device name only the literal behind that is looked for. A regular expression
// is run only where a head was found, and takes time linear in the line.
type Matcher struct {
	heads  [256][]rule // by the first byte
	inner  []rule      // whose head stands behind other text
	packet *regexp.Regexp
}

// A rule is a [pattern] made ready for use.
type rule struct {
	event Event
	head  []byte         // what the line begins with; in an inner rule, holds
	name  bool           // a device name and rest follow head
	rest  []byte         // follows the name
	lead  int            // how many bytes may stand before an inner head
	tail  *regexp.Regexp // what remains of the line; in an inner rule, all of it
}

// NewMatcher returns a matcher for every event.
func NewMatcher() *Matcher { return newMatcher(patterns()) }

func newMatcher(patterns []pattern) *Matcher {
	m := &Matcher{
		// What nf_log_buf_add() prints of a packet behind the prefix of a
		// firewall rule: net/netfilter/nf_log_syslog.c, before 5.13
		// nf_log_common.c, nf_log_ipv4.c and ipt_LOG.c.
		packet: regexp.MustCompile(`IN=\S* OUT=\S* (?:.*(?:SRC=\S+ DST=\S+ |MACSRC=\S+ MACDST=|ARP HTYPE=|MAC=[0-9a-f:]* ?$)|$)`),
	}
	for _, p := range patterns {
		if p.leadMax > 0 {
			whole := p.lead + regexp.QuoteMeta(p.head) + "(?:" + p.tail + ")"
			m.inner = append(m.inner, rule{event: p.event, head: []byte(p.head), lead: p.leadMax, tail: anchored(whole)})
			continue
		}
		head, rest, name := strings.Cut(p.head, "%s")
		r := rule{event: p.event, head: []byte(head), name: name, rest: []byte(rest), tail: anchored(p.tail)}
		m.heads[head[0]] = append(m.heads[head[0]], r)
	}
	return m
}

// A Finding is what a record reports.
type Finding struct {
	Event  Event
	Device []byte // that the kernel waits for, if the event is NetdevLeak; it aliases the text
}

// Find returns the report that a record with this text opens, and whether it
// opens one. It does not allocate.
//
// Only the first line of the text counts. The kernel prints process names, of
// up to 15 bytes that their owner chooses, and the prefixes of firewall rules
// in front of its own text, so a report is known by its whole format and not
// by a word of it, and a logged packet is never one. A process with a newline
// in its name hides the reports of itself that way, and can open none.
func (m *Matcher) Find(text []byte) (f Finding, ok bool) {
	line := firstLine(text)
	r := m.find(line)
	if r == nil || m.packet.Match(line) {
		return Finding{}, false
	}
	f.Event = r.event
	if f.Event == NetdevLeak {
		f.Device, _ = leakedDevice(line)
	}
	return f, true
}

// find returns the rule whose format the line has, or nil.
func (m *Matcher) find(line []byte) *rule {
	if len(line) == 0 {
		return nil
	}
	rules := m.heads[line[0]]
	for i := range rules {
		if r := &rules[i]; r.begins(line) {
			return r
		}
	}
	for i := range m.inner {
		if r := &m.inner[i]; r.holds(line) {
			return r
		}
	}
	return nil
}

// anchored compiles an expression for all of what it is matched with.
func anchored(expr string) *regexp.Regexp {
	return regexp.MustCompile("^(?:" + expr + ")$")
}

// begins says whether the line is of the rule's format.
func (r *rule) begins(line []byte) bool {
	line, ok := bytes.CutPrefix(line, r.head)
	if ok && r.name {
		n := nameLen(line)
		line, ok = bytes.CutPrefix(line[n:], r.rest)
		ok = ok && n > 0
	}
	return ok && r.tail.Match(line)
}

// holds says whether the line is of an inner rule's format.
func (r *rule) holds(line []byte) bool {
	window := line[:min(len(line), r.lead+len(r.head))]
	return bytes.Contains(window, r.head) && r.tail.Match(line)
}

// nameLen returns the length of the device name that line begins with. No name
// that stands where a pattern has %s holds a space or one of the delimiters, so
// that a name cannot take in the text behind it.
func nameLen(line []byte) int {
	for i, c := range line {
		switch c {
		case ' ', '\t', '(', ')', ':', '"':
			return i
		}
	}
	return len(line)
}

func firstLine(text []byte) []byte {
	line, _, _ := bytes.Cut(text, []byte{'\n'})
	return line
}

// leakedDevice returns the name of the network device that the line of a
// [NetdevLeak] is about.
func leakedDevice(line []byte) (device []byte, ok bool) {
	rest, ok := bytes.CutPrefix(line, []byte(leakHead))
	if !ok {
		return nil, false
	}
	device, count, ok := bytes.Cut(rest, []byte(leakMiddle))
	if !ok || len(device) == 0 || bytes.ContainsAny(device, "\t\f\r ") {
		return nil, false
	}
	count = bytes.TrimPrefix(count, []byte{'-'})
	if len(count) == 0 || len(bytes.Trim(count, "0123456789")) > 0 {
		return nil, false
	}
	return device, true
}

// Suppressed returns how many messages a record says were held back by a rate
// limit, from 0 to 2^31-1, and whether it says so:
//
//   - "<function>: N callbacks suppressed", ___ratelimit() of lib/ratelimit.c;
//   - "<process>: N output lines suppressed due to ratelimiting",
//     ratelimit_state_exit() of include/linux/ratelimit.h, 3.10.0-1160.el7 and
//     4.15 to 6.18.
//
// The record must have that form as a whole. What stands before the number is a
// name: of a function, which has no colon, or of a process, which is short. A
// longer text with a colon is somebody's, such as the mount option in "tmpfs: Bad
// mount option x: 9 callbacks suppressed".
func Suppressed(text []byte) (n uint64, ok bool) {
	rest, ok := bytes.CutSuffix(text, []byte(" callbacks suppressed"))
	if !ok {
		rest, ok = bytes.CutSuffix(text, []byte(" output lines suppressed due to ratelimiting"))
	}
	if !ok {
		return 0, false
	}
	colon := bytes.LastIndexByte(rest, ':')
	if colon <= 0 || bytes.IndexByte(rest, '\n') >= 0 {
		return 0, false
	}
	if colon > maxComm && bytes.IndexByte(rest[:colon], ':') >= 0 {
		return 0, false
	}
	digits, ok := bytes.CutPrefix(rest[colon+1:], []byte{' '})
	if !ok {
		return 0, false
	}
	for _, c := range digits {
		digit := uint64(c - '0')
		if digit > 9 || n > math.MaxInt32/10 {
			return 0, false
		}
		n = n*10 + digit
	}
	return n, len(digits) > 0 && n <= math.MaxInt32
}
