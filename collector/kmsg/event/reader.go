package event

import (
	"time"

	"kernel_exporter/collector/kmsg/record"
)

const (
	// shortly is how long a record may come after the one that opened a report
	// and still belong to it.
	shortly = 5 * time.Second
	// few is how many records may stand between them.
	few = 256
	// next is how many records after one of another event a record belongs to it
	// at whatever time: a machine that is about to die may print slowly.
	next = 8
)

// A Reader finds the reports in a log, whose records it is given in their order.
// It knows what a [Matcher] cannot: whether a record belongs to a report that
// another one opened. It is not safe for concurrent use.
type Reader struct {
	matcher *Matcher
	records uint64
	opened  map[Event]moment // when a report was opened last
	went    map[Event]moment // when a record was seen last that only belongs to one
}

// A moment is when a record was read.
type moment struct {
	at     time.Duration // since boot; record.UnknownTime if not known
	number uint64
	sign   bool // the report was opened by a record that can belong to one
}

// NewReader returns a reader of a log's first record.
func NewReader(m *Matcher) *Reader {
	return &Reader{matcher: m, opened: make(map[Event]moment), went: make(map[Event]moment)}
}

// Find returns the report that the next record opens, and whether it opens one.
// The record was logged at that time since boot, or at [record.UnknownTime].
func (r *Reader) Find(at time.Duration, text []byte) (f Finding, ok bool) {
	r.records++
	rule := r.matcher.rule(text)
	if rule == nil {
		return Finding{}, false
	}
	now := moment{at: at, number: r.records}
	event := rule.event.event
	if rule.role == belongs {
		r.went[event] = now
		return Finding{}, false
	}
	goesOn := r.goesOn(rule.event, now)
	switch {
	case rule.role == follows && goesOn:
		return Finding{}, false
	case rule.role == follows:
		now.sign = true
	case goesOn && r.opened[event].sign:
		r.opened[event] = now
		return Finding{}, false
	}
	r.opened[event] = now
	return rule.finding(text), true
}

// goesOn says whether a record of the event belongs to a report from before.
func (r *Reader) goesOn(e *entry, now moment) bool {
	for _, before := range e.after {
		if opened, ok := r.opened[before]; ok && now.belongsTo(opened, before != e.event) {
			return true
		}
		if went, ok := r.went[before]; ok && before != e.event && now.belongsTo(went, true) {
			return true
		}
	}
	return false
}

func (m moment) belongsTo(before moment, another bool) bool {
	return m.isShortlyAfter(before) || another && m.number-before.number <= next
}

func (m moment) isShortlyAfter(before moment) bool {
	if m.number-before.number > few {
		return false
	}
	return m.at == record.UnknownTime || before.at == record.UnknownTime || (m.at-before.at).Abs() <= shortly
}
