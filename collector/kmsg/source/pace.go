package source

import (
	"context"
	"time"
)

const (
	// maxGap is how long after new lines the log is asked again at the latest.
	maxGap = time.Second
	// minGap is how long it is left alone at least.
	minGap = 10 * time.Millisecond
	// share is the part of a processor's time that asking may take while there are
	// new lines, and quietShare while there are none and nothing else shows whether
	// there are: an answer costs as much as the log is long.
	share      = 20
	quietShare = 20_000
	// maxQuiet is how long the log is left alone at most.
	maxQuiet = 8 * time.Second
)

// A pace says how often the log is asked for.
type pace struct {
	size  int           // of the kernel's buffer
	last  time.Time     // when it was asked last
	fresh int           // how many bytes were new then
	cost  time.Duration // how long that took
	gap   time.Duration // for how long it is left alone after that
	quiet time.Duration // for how long, if there is no other way to know of new lines
}

// asked notes that the log was asked and how many bytes were new. As long as there
// are any it is asked so often that a quarter of the kernel's buffer is new each
// time, which leaves time for those that come faster; and soon at first, as nobody
// knows how many will come.
func (p *pace) asked(start time.Time, fresh int) {
	now := time.Now()
	since := min(start.Sub(p.last), maxQuiet)
	p.last, p.cost, p.fresh = start, now.Sub(start), fresh
	least := min(max(share*p.cost, minGap), maxQuiet)
	if fresh == 0 {
		p.gap = least
		p.quiet = min(2*p.quiet, max(quietShare*p.cost, maxGap), maxQuiet)
		return
	}
	quarters := float64(fresh) / float64(p.size) * 4 // of the kernel's buffer that were new
	p.gap = max(min(time.Duration(float64(since)/quarters), 2*p.gap, maxGap), least)
	p.quiet = maxGap
}

// pause waits, unless the context is done before.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
