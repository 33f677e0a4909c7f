package kmsg

import (
	"errors"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/kmsg/source/sourcetest"
)

// Whoever is told may not come back, as a logger whose reader stalls. The log goes
// on, its state is kept, and the program ends.
func TestCallbackHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "state")
		g := sourcetest.NewRing(100_000)
		g.Prints(banner)
		release := make(chan struct{})
		r, _ := keeping(t, g, SourceKmsg, path)
		calls := 0
		r.cfg.OnStatus = func(Status) { calls++; <-release }
		r.cfg.OnStateError = func(error) { calls++ }
		r.start()
		g.Prints("a", "b")
		r.sleep(time.Minute)
		if s := r.Snapshot(); !s.Up || s.accounted() != 3 {
			t.Errorf("while a call hangs: %d records, %+v", s.accounted(), s.Status)
		}
		for range 2 * maxNotices { // more than are kept in waiting
			g.Set(func(g *sourcetest.Ring) { g.NoKmsg = unix.EIO })
			r.sleep(maxBackoff)
			g.Set(func(g *sourcetest.Ring) { g.NoKmsg = nil })
			r.sleep(2 * maxBackoff)
		}
		begin := time.Now()
		r.stop()
		if took := time.Since(begin); took != noticesTimeout || calls != 1 {
			t.Errorf("stopped after %s and %d calls, want %s and 1", took, calls, noticesTimeout)
		}
		close(release)
		synctest.Wait()
		if calls != 1 {
			t.Errorf("%d calls after the end", calls)
		}
		again, told := keeping(t, g, SourceKmsg, path)
		if s := again.run(); s.accounted() != 3 || !s.CompleteSinceBoot || len(told()) != 0 {
			t.Errorf("the state that was kept: %d records, %v", s.accounted(), told())
		}
	})
}

// What was said before the end is still reported, in its order.
func TestNoticesAreInOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newRig(t)
		g.start()
		g.refuse(errors.New("one"))
		g.send(errors.New("one"))
		g.refuse(errors.New("two"))
		g.sleep(maxBackoff)
		g.stop()
		if len(g.statuses) != 3 || !g.statuses[0].Up || g.statuses[1].Err.Error() != "one" || g.statuses[2].Err.Error() != "two" {
			t.Errorf("statuses %v", g.statuses)
		}
	})
}
