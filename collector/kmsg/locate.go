package kmsg

import (
	"errors"
	"time"

	"kernel_exporter/collector/kmsg/record"
)

// maxSkew is how much earlier than the one before it a record may be: each
// processor has a local clock of its own. They differ by far less than this.
const maxSkew = time.Second

// errForeign says that a position is none in this log: it is one in another
// log of the same boot, of which this is a restored snapshot.
var errForeign = errors.New("kernel log is not the one that was counted before")

// A place is where a mark is in a log whose records have numbers.
type place struct {
	next uint64             // the number of the first record behind the mark
	gap  bool               // the mark is not there any more, nor are records behind it
	mark record.Fingerprint // on the record before next, where the mark in question is not on it
}

// locate finds which number the record behind a mark has. The source is read
// as far as it takes.
func locate(src source, m record.Fingerprint) (place, error) {
	s := search{mark: m}
	var r record.Record
	for losses := 0; ; {
		err := src.next(&r, false)
		switch {
		case err == nil:
			losses = 0
			if s.add(&r) {
				return s.place()
			}
		case errors.Is(err, errEmpty):
			return s.place()
		case errors.Is(err, errLost) && losses < maxLosses:
			losses++
		case !errors.Is(err, errMalformed):
			return place{}, err
		}
	}
}

// A search is what was seen of a log in search of a mark.
type search struct {
	mark       record.Fingerprint
	some       bool
	first, end uint64             // the number of the first record, and that behind the last
	last       record.Fingerprint // on the last record
	behind     uint64             // the number behind the last record with the mark; 0 for none
	older      uint64             // the number behind the last one no later than the mark; 0 for none
	olderMark  record.Fingerprint // on that one
}

// add notes a record, and says whether none that follows can have the mark.
func (s *search) add(r *record.Record) (enough bool) {
	if !s.some {
		s.some, s.first = true, r.Seq
	}
	s.end = r.Seq + 1
	s.last = record.Fingerprint{Known: true, Time: r.Time, Priority: r.Priority(), Hash: record.Hash(record.LastLine(r.Text))}
	if s.mark.On(r) {
		s.behind = s.end
	}
	if r.Time <= s.mark.Time {
		s.older, s.olderMark = s.end, s.last
	}
	return s.mark.Time != record.UnknownTime && r.Time > s.mark.Time+maxSkew
}

// place tells where the mark is. Where it is not to be found, its time tells
// what was counted. If that is not known, nothing that is there is counted, as
// nothing may count twice: it is lost.
func (s *search) place() (place, error) {
	switch {
	case s.behind > 0:
		return place{next: s.behind}, nil
	case s.mark.Time == record.UnknownTime:
		return place{next: s.end, mark: s.last}, nil
	case s.some && s.last.Time+maxSkew < s.mark.Time:
		return place{}, errForeign
	case s.older > 0:
		return place{next: s.older, mark: s.olderMark}, nil
	default:
		return place{next: s.first, gap: s.some}, nil
	}
}
