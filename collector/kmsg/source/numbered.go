package source

import (
	"errors"
	"math"
	"time"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
)

// A Raw reads records that have numbers, one by one.
type Raw interface {
	// Read reads the next record into r, whose bytes are valid until the following
	// call. Where there is none yet it returns End, or waits for one if wait is
	// set. It returns Lost where records are missing and Malformed for one that
	// cannot be read, and goes on after both.
	Read(r *record.Record, wait bool) (Kind, error)
	// Close releases what belongs to it.
	Close() error
}

const (
	// maxLosses is how often in a row records may be lost before that is a
	// failure. The device goes on at once; what does not is not asked for ever.
	maxLosses = 64
	// MaxSeq is the highest number that a record is believed to have.
	MaxSeq = math.MaxInt64
	// MaxTime is the latest time since boot that a record is believed to have.
	// The kernel reaches neither, but whoever writes to a file or FIFO can write
	// anything, and sums of these must not overflow.
	MaxTime = time.Duration(math.MaxInt64 / 2)
)

var errLosing = errors.New("kernel log records are lost without end")

// A Reading says how the records of a [Raw] are to be understood.
type Reading struct {
	Matcher *event.Matcher
	// HeadMarked says that flag c marks the first fragment of a line, as in Linux
	// 3.5 to 4.8, and not a continuation, as in later kernels.
	HeadMarked bool
	// Holds is how many records the log can hold at most, 0 if that is not known.
	// After as many a record is live, even if the end was never reached because
	// records are written faster than they are read.
	Holds uint64
}

// numbered is the [Source] of records that have numbers.
type numbered struct {
	raw    Raw
	joiner joiner
	holds  uint64

	dry    bool // all there is has been given
	live   bool
	losses int
	some   bool   // a record was read:
	first  uint64 // its number
	fed    uint64 // the number after the last record
}

// New returns the source of what raw reads.
func New(raw Raw, how Reading) Source {
	return &numbered{raw: raw, holds: how.Holds, joiner: joiner{reader: event.NewReader(how.Matcher), headMarked: how.HeadMarked}}
}

func (s *numbered) Next(it *Item) error {
	kind, err := s.raw.Read(&it.Record, s.dry)
	if err != nil {
		return err
	}
	it.Kind, s.dry = kind, kind == End
	if kind != Lost {
		s.losses = 0
	}
	switch kind {
	case Record:
		s.record(it)
	case End:
		s.live = true
	case Lost:
		if s.losses++; s.losses > maxLosses {
			return errLosing
		}
	case Gap, Unsure, Malformed:
	}
	return nil
}

func (s *numbered) record(it *Item) {
	r := &it.Record
	if r.Seq > MaxSeq || r.Time > MaxTime {
		it.Kind = Malformed
		return
	}
	if r.Seq != s.fed {
		s.joiner.gap()
	}
	s.fed = r.Seq + 1
	if !s.some {
		s.some, s.first = true, r.Seq
	}
	it.Numbered, it.Live = true, s.live
	s.live = s.live || s.holds > 0 && r.Seq-s.first >= s.holds
	it.Finding, it.Suppressed = event.Finding{}, 0
	if r.Facility == 0 {
		s.joiner.add(it)
	}
}

func (s *numbered) Close() error { return s.raw.Close() }
