package kmsg

import (
	"slices"

	"kernel_exporter/collector/kmsg/record"
	"kernel_exporter/collector/kmsg/source"
)

// A position is where in the log the counts end. Exactly-once rests on it: what
// stands before is counted, what stands after is not.
//
// By /dev/kmsg the position is a number. syslog(2) gives none: then it is the
// last line, which is found again by its fingerprint.
type position struct {
	next   uint64 // the number after the last record that was read with a number
	byLine bool   // lines without numbers were counted since, so that last is the position
	// unproven says that the position was kept by an earlier process, and that it
	// was not yet seen that it is one of this log.
	unproven bool

	// last is the fingerprint of the last record. Its hash is computed only when
	// it is asked for: until then text is what it is of.
	last     record.Fingerprint
	unhashed bool
	text     []byte
}

// A place is where a line is in a log whose records have numbers.
type place struct {
	next uint64 // the number of the record after the line
	gap  bool   // neither the line nor all records after it are there any more
	// last is the fingerprint of the record before next, if that is not the line's.
	last record.Fingerprint
}

func (p *position) clone() position {
	c := *p
	c.text = slices.Clone(p.text)
	return c
}

// counted says whether the record with this number stands before the position.
func (p *position) counted(seq uint64) bool { return seq < p.next }

// advance moves the position after a record, which has a number or has none.
func (p *position) advance(r *record.Record, numbered bool) {
	if numbered {
		p.next = r.Seq + 1
	} else {
		p.byLine = true
	}
	p.unproven = false
	p.last = record.Fingerprint{Known: true, Time: r.Time, Priority: r.Priority()}
	p.text = append(p.text[:0], r.Text...)
	p.unhashed = true
}

// fingerprint returns that of the last record or line that was counted.
func (p *position) fingerprint() record.Fingerprint {
	f := p.last
	if p.unhashed {
		f.Hash = record.Hash(record.LastLine(p.text))
	}
	return f
}

// prove compares a position that was kept with a record of the log: the last
// record that was counted must be the one that has its number here, if it is
// still here. A machine that was reset to a snapshot of itself has the same boot
// id and another log.
func (p *position) prove(r *record.Record) bool {
	if !p.unproven || r.Seq+1 < p.next {
		return true
	}
	p.unproven = false
	return r.Seq >= p.next || p.fingerprint().On(r)
}

// ahead says that a position that was kept is after the log's end, which is
// before the record numbered end.
func (p *position) ahead(end uint64) bool { return p.unproven && end > 0 && end < p.next }

// renumber makes a position by line one by number.
func (p *position) renumber(at place) {
	p.next, p.byLine, p.unproven = max(at.next, p.next), false, false
	if at.last.Known {
		p.last, p.unhashed = at.last, false
	}
}

// locate finds the place of the line with a fingerprint. The source is read as
// far as it takes.
func locate(src source.Source, line record.Fingerprint) (place, error) {
	s := search{line: line}
	var it source.Item
	for {
		if err := src.Next(&it); err != nil {
			return place{}, err
		}
		if it.Kind == source.Record && s.add(&it.Record) || it.Kind == source.End {
			return s.place()
		}
	}
}

// A search is what was seen of a log in search of a line.
type search struct {
	line       record.Fingerprint
	some       bool
	first, end uint64             // the number of the first record, and the one after the last
	last       record.Fingerprint // of the last record
	found      uint64             // the number after the last record with the line; 0 for none
	older      uint64             // the number after the last record that is no later than the line; 0 for none
	olderLast  record.Fingerprint // of that record
}

// add notes a record, and says whether none that follows can have the line.
func (s *search) add(r *record.Record) (enough bool) {
	if !s.some {
		s.some, s.first = true, r.Seq
	}
	s.end = r.Seq + 1
	s.last = record.Fingerprint{Known: true, Time: r.Time, Priority: r.Priority(), Hash: record.Hash(record.LastLine(r.Text))}
	if s.line.On(r) {
		s.found = s.end
	}
	if r.Time <= s.line.Time {
		s.older, s.olderLast = s.end, s.last
	}
	return s.line.Time != record.UnknownTime && r.Time > s.line.Time+source.MaxSkew
}

// place returns where the line is. Where it is not to be found, its time shows
// what was counted. If that is not known, nothing that is there is counted, as
// nothing may count twice: it is lost.
func (s *search) place() (place, error) {
	switch {
	case s.found > 0:
		return place{next: s.found}, nil
	case s.line.Time == record.UnknownTime:
		return place{next: s.end, last: s.last}, nil
	case s.some && s.last.Time+source.MaxSkew < s.line.Time:
		return place{}, source.ErrForeign
	case s.older > 0:
		return place{next: s.older, last: s.olderLast}, nil
	default:
		return place{next: s.first, gap: s.some}, nil
	}
}
