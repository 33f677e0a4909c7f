package event

import (
	"bytes"
	"regexp"
	"strings"
)

// Matcher finds the report that a record opens. It is immutable and safe for
// concurrent use.
//
// A record that opens none costs a few comparisons: a tree of the words that
// templates begin with leads to those that can match, and for the templates that
// begin with a name another tree is asked after each colon.
type Matcher struct {
	heads tree // by what the record begins with
	inner tree // by what follows a name and its colon
	// What the kernel prints after the prefix of a firewall rule, and after the
	// name of a program.
	packet, program *regexp.Regexp
}

// A rule is a template made ready for use.
type rule struct {
	event *entry
	role  role
	free  bool
	inner bool  // it begins with a name
	node  *node // the template's first
}

// A role is what a record has to do with a report of its event.
type role uint8

const (
	belongs role = iota // it opens none, but belongs to one; asked first
	opens               // it opens one
	follows             // it opens one if it does not belong to one that was opened just before
)

// maxName is how far from the beginning of a record the colon may be that ends
// the names it begins with.
const maxName = 128

// NewMatcher returns a matcher for every event.
func NewMatcher() *Matcher { return newMatcher(table()) }

// newMatcher panics if a template is none.
func newMatcher(entries []entry) *Matcher {
	m := &Matcher{
		// What nf_log_buf_add() prints of a packet after the prefix of a
		// firewall rule: net/netfilter/nf_log_syslog.c, before 5.13
		// nf_log_common.c, nf_log_ipv4.c and ipt_LOG.c; and
		// net/bridge/netfilter/ebt_log.c.
		packet: regexp.MustCompile(`(?s)IN=\S* OUT=\S* (?:.*(?:SRC=\S+ DST=\S+ |MACSRC=\S+ MACDST=|MAC source = |ARP HTYPE=|MAC=[0-9a-f:]* ?$)|$)`),
	}
	m.program = regexp.MustCompile(
		// print_vma_addr() of mm/memory.c: "name[400000+1000]", from 6.10 on
		// "name[116a,400000+1000]", and on x86 from 6.1 on the processor too.
		`\[(?:[0-9a-f]+,)?[0-9a-f]+\+[0-9a-f]+\](?: likely on CPU \d+ \(core \d+, socket \d+\))?$` +
			// fs/exec.c, with the name in quotes.
			`|' (?:started with executable stack|with NULL argv: empty string added)$` +
			// fs/overlayfs/super.c: ovl_mount_dir_noesc(), of a layer that is not
			// the upper one.
			`|' not supported$`)
	p := parser{holes: holes()}
	for n := range entries {
		e := &entries[n]
		for i, texts := range [...][]string{belongs: e.belongs, opens: e.formats, follows: e.follows} {
			for _, text := range texts {
				t, err := p.template(text)
				if err != nil {
					panic(err) //nolint:forbidigo // as regexp.MustCompile: the text is a constant
				}
				m.add(t.first, rule{event: e, role: role(i), free: t.free})
			}
		}
	}
	return m
}

// add adds a rule for each way in which its template begins.
func (m *Matcher) add(first *node, r rule) {
	if first.kind == choice {
		for _, alt := range first.alts {
			m.add(alt, r)
		}
		return
	}
	r.node = first
	tree := &m.heads
	if first.kind != literal {
		r.inner, tree = true, &m.inner
		first = afterName(first)
	}
	for _, words := range first.words("") {
		tree.add(strings.TrimPrefix(words, ": "), &r)
	}
}

// afterName returns the node after the names that a template begins with.
func afterName(n *node) *node {
	for ; n != nil; n = n.next {
		if n.kind == literal && strings.HasPrefix(n.lit, ": ") {
			return n
		}
	}
	panic("a template that begins with a name and has no colon after it") //nolint:forbidigo // it is a constant
}

// words returns what texts that the node takes begin with, after what stands
// before it.
func (n *node) words(before string) (all []string) {
	switch {
	case n == nil || n.kind != literal && n.kind != choice:
		return []string{before}
	case n.kind == literal:
		return n.next.words(before + n.lit)
	}
	for _, alt := range n.alts {
		all = append(all, alt.words(before)...)
	}
	return all
}

// A Finding is what a record reports.
type Finding struct {
	Event  Event
	Device []byte // that the kernel waits for, if the event is NetdevLeak; it aliases the text
}

// Find returns the report that a record with this text opens, and whether it
// opens one, taken for itself: a [Reader] knows the records before. It does not
// allocate.
//
// A report is known by its whole format, from the record's first byte to its
// last. The kernel prints names of processes, files and firewall rules in its
// own records, and their owners choose them: none can hold what a format does
// not let it hold at its place, and a logged packet opens nothing.
func (m *Matcher) Find(text []byte) (f Finding, ok bool) {
	r := m.rule(text)
	if r == nil || r.role == belongs {
		return Finding{}, false
	}
	return r.finding(text), true
}

func (r *rule) finding(text []byte) Finding {
	f := Finding{Event: r.event.event}
	if f.Event == NetdevLeak {
		words := text[len(leakHead):]
		f.Device = words[:bytes.IndexByte(words, ' ')]
	}
	return f
}

// rule returns the rule whose template the text has, or nil.
func (m *Matcher) rule(text []byte) *rule {
	r := m.heads.find(text, 0)
	names := text[:min(len(text), maxName)]
	for after := 0; r == nil; {
		colon := bytes.IndexByte(names[after:], ':')
		if colon < 0 {
			return nil
		}
		after += colon + 1
		if after < len(names) && names[after] == ' ' {
			r = m.inner.find(text, after+1)
		}
	}
	if r.free && m.packet.Match(text) {
		return nil
	}
	return r
}

// AfterUserWords says whether a line is what the kernel prints after words that a
// user chose, so that a line before it in the same record may be all the user's: a
// logged packet, after the prefix of a firewall rule; or the end of a record in
// which the name of a program stands.
func (m *Matcher) AfterUserWords(line []byte) bool {
	return m.packet.Match(line) || m.program.Match(line)
}
