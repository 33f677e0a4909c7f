package main

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The tests of this file flood the machine's own kernel log, so they are not
// parallel. make soak runs them in their long form.

// A flood is lines that are written to the log until it is ended.
type flood struct {
	stop  chan struct{}
	done  chan struct{}
	lines int // once done is closed
}

// flood writes at least so many lines, at a rate that a reader can follow and
// that overwrites the whole log within a fraction of a second.
func (l *kernelLog) flood(atLeast int) *flood {
	l.t.Helper()
	const perTick = 100
	f := &flood{stop: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(f.done)
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		stop := f.stop
		for !l.t.Failed() {
			l.lines(perTick)
			f.lines += perTick
			select {
			case <-stop:
				stop = nil
			case <-tick.C:
			}
			if stop == nil && f.lines >= atLeast {
				return
			}
		}
	}()
	l.t.Cleanup(func() { f.end() })
	return f
}

// end ends the flood, once it has as many lines as it should, and returns how
// many.
func (f *flood) end() int {
	select {
	case <-f.done:
	default:
		close(f.stop)
		<-f.done
	}
	return f.lines
}

// A chance is random numbers that a failed run can be repeated with.
func chance(t *testing.T) *rand.Rand {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// moment waits up to most, mostly much less: a program that was just started
// does most in its first milliseconds.
func moment(t testing.TB, r *rand.Rand, most time.Duration) {
	t.Helper()
	if r.IntN(2) == 0 {
		most /= 10
	}
	select {
	case <-time.After(time.Duration(r.Int64N(int64(most)))):
	case <-t.Context().Done():
	}
}

// live runs the program with a state file or without for a random moment, and
// ends it with SIGKILL, or now and then with SIGTERM, which it must obey at any
// time. It returns whether it was killed.
func live(t *testing.T, l *kernelLog, r *rand.Rand, how launch, args ...string) (killed bool) {
	t.Helper()
	c := start(t, how, args...)
	switch r.IntN(4) {
	case 0:
		moment(t, r, 100*time.Millisecond)
		if n := c.scrape().counts(); n.sum() > l.mark() {
			t.Errorf("%d are counted before as many are written: %+v", n.sum(), n)
		}
	case 1:
		moment(t, r, 100*time.Millisecond)
		c.scrape() // it handles signals by now
		c.stop()
		return false
	default:
		moment(t, r, 100*time.Millisecond)
	}
	c.kill()
	return true
}

// The sequence numbers that passed are those of the records that were seen and
// those that were lost, through a flood and kills at any time.
//
//nolint:paralleltest // the machine's own log
func TestFloodAndKills(t *testing.T) {
	l := newKernelLog(t)
	floodAndKills(t, l, long(200_000, 10_000_000), long(30, 1000), launch{})
}

// So they are where the device is refused now and then, and syslog(2) read.
//
//nolint:paralleltest // the machine's own log
func TestFloodAndKillsAndRefusals(t *testing.T) {
	l := newKernelLog(t)
	setting(t, "/sys/module/printk/parameters/time", "Y")
	floodAndKills(t, l, long(100_000, 2_000_000), long(10, 300), launch{}, deviceRefused(t))
}

// floodAndKills starts the program each time in one of several ways, and at last
// in the first.
func floodAndKills(t *testing.T, l *kernelLog, lines, kills int, ways ...launch) {
	t.Helper()
	dir := t.TempDir()
	state := "--state.file=" + filepath.Join(dir, "state")
	random := chance(t)

	c := start(t, ways[0], state)
	before := l.counted(c)
	c.stop() // so that there is a state

	began := time.Now()
	f := l.flood(lines)
	killed, stopped, reports := 0, 0, 0
	for killed < kills && !t.Failed() {
		if live(t, l, random, ways[random.IntN(len(ways))], state) {
			killed++
		} else {
			stopped++
		}
		l.report()
		reports++
		moment(t, random, 50*time.Millisecond)
	}
	lines = f.end()
	took := time.Since(began)

	c = start(t, ways[0], state)
	n := l.counted(c)
	t.Logf("%d lines in %.1f s, %d kills, %d stops: %d numbers passed, %d seen, %d lost; %d of %d reports seen",
		lines, took.Seconds(), killed, stopped, n.sum()-before.sum(), n.seen()-before.seen(), n.lost()-before.lost(),
		n.reports-before.reports, reports)
	if n.seen()-before.seen() == 0 || n.overrun == before.overrun {
		t.Error("the flood did not do both: be seen, and overwrite records while the program was down")
	}
	if n.before != before.before {
		t.Errorf("%d lost before start, were %d", n.before, before.before)
	}
	if got := n.reports - before.reports; got > uint64(reports) {
		t.Errorf("%d reports of the kernel are counted, of %d", got, reports)
	}
	if n.complete {
		t.Error("the log is complete although records were lost")
	}
	checkStateDir(t, dir)
}

// checkStateDir fails the test unless a state is all there is.
func checkStateDir(t testing.TB, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != "state" {
			t.Errorf("%s was left beside the state file", e.Name())
		}
	}
}

// What the log still holds is neither lost nor counted twice, however often the
// program is killed: a plain reader of the same records counts the same.
//
//nolint:paralleltest // the machine's own log
func TestKillsLoseNothing(t *testing.T) {
	l := newKernelLog(t)
	random := chance(t)
	l.undisturbed(func(l *kernelLog) { killsLoseNothing(l, random) })
}

func killsLoseNothing(l *kernelLog, random *rand.Rand) {
	t := l.t
	t.Helper()
	dir := t.TempDir()
	state := "--state.file=" + filepath.Join(dir, "state")
	tape := l.tape(unix.SEEK_END)
	c := start(t, launch{}, state)
	before := l.counted(c)
	c.stop() // so that there is a state
	kills, lines := long(10, 30), 15
	for range kills {
		c := start(t, launch{}, state)
		l.lines(lines)
		moment(t, random, 50*time.Millisecond)
		l.report()
		moment(t, random, 50*time.Millisecond)
		c.kill()
		l.lines(lines)
	}
	c = start(t, launch{}, state)
	n := l.counted(c)
	tape.read()
	want := tape.count(before.sum(), n.sum(), false).plus(before)
	want.before, want.overrun, want.complete = before.before, before.overrun, before.complete
	if n != want {
		t.Errorf("after %d kills the program counts\n%+v, want\n%+v", kills, n, want)
	}
	if got := n.reports - before.reports; got < uint64(kills) {
		t.Errorf("%d reports of the kernel are counted, of %d", got, kills)
	}
	t.Logf("%d kills: %d records and %d reports, each counted once", kills, n.seen()-before.seen(), n.reports-before.reports)
	checkStateDir(t, dir)
}

// Without a state file, what is counted is what the log holds.
//
//nolint:paralleltest // the machine's own log
func TestFloodAndKillsWithoutState(t *testing.T) {
	l := newKernelLog(t)
	random := chance(t)
	f := l.flood(long(100_000, 2_000_000))
	killed, kills := 0, long(10, 200)
	for killed < kills && !t.Failed() {
		if live(t, l, random, launch{}) {
			killed++
		}
		l.report()
	}
	lines := f.end()
	l.report()

	l.undisturbed(func(l *kernelLog) {
		t := l.t
		tape := l.tape(unix.SEEK_SET)
		tape.read()
		c := start(t, launch{})
		n := l.counted(c)
		c.kill()
		tape.read()
		want := tape.count(n.before, n.sum(), false)
		want.before, want.complete = n.before, false
		if n != want || n.before == 0 {
			t.Errorf("the program counts\n%+v, the log holds\n%+v", n, want)
		}
		t.Logf("%d lines, %d kills: the log holds %d records from number %d on, %d are counted",
			lines, killed, want.seen(), n.before, n.seen())
	})
}

// A program that was halted, as by a suspend or for want of CPU, goes on with
// the oldest record there is and says how many it missed.
//
//nolint:paralleltest // the machine's own log
func TestHalted(t *testing.T) {
	l := newKernelLog(t)
	for range long(1, 20) {
		l.undisturbed(halted)
	}
}

func halted(l *kernelLog) {
	t := l.t
	t.Helper()
	c := start(t, launch{}, "--state.file="+filepath.Join(t.TempDir(), "state"))
	for range 3 {
		before := l.counted(c)
		c.signal(unix.SIGSTOP)
		l.overwrite()
		l.hold()
		l.report()
		c.signal(unix.SIGCONT)
		n := l.counted(c)
		if n.overrun == before.overrun || n.complete || n.reports != before.reports+1 {
			t.Errorf("after it was halted: %+v, before %+v", n, before)
		}
	}
	c.waitUp(true)
}

// A flood takes no memory, goroutine or descriptor.
//
//nolint:paralleltest // the machine's own log
func TestFloodTakesNoMemory(t *testing.T) {
	l := newKernelLog(t)
	c := start(t, launch{}, "--state.file="+filepath.Join(t.TempDir(), "state"))
	l.lines(10_000)
	counted := l.counted(c)
	before := c.resources()
	lines := long(400_000, 20_000_000)
	began := time.Now()
	l.lines(lines)
	took := time.Since(began)
	n := l.counted(c)
	t.Logf("%d lines in %.1f s: %d seen, %d lost", lines, took.Seconds(), n.seen()-counted.seen(), n.lost()-counted.lost())
	c.resources().notAbove(t, before)
}
