package facts

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"kernel_exporter/collector/host"
)

// numbers are reads whose values are put where a test looks for them.
func numbers(reads ...func() Fact[uint64]) []quick {
	fields := []struct {
		set   Set
		field func(*Snapshot) *Fact[uint64]
	}{
		{Tainted, func(s *Snapshot) *Fact[uint64] { return &s.Tainted }},
		{Oopses, func(s *Snapshot) *Fact[uint64] { return &s.Oopses }},
		{Warnings, func(s *Snapshot) *Fact[uint64] { return &s.Warnings }},
		{HungTasks, func(s *Snapshot) *Fact[uint64] { return &s.HungTasks }},
	}
	var all []quick
	for i, read := range reads {
		all = append(all, newQuick(fields[i].set, "a file", fields[i].field, read))
	}
	return all
}

// gatherNow gathers all reads within a limit.
func gatherNow(t *testing.T, limit time.Duration, reads []quick) *Snapshot {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	g := &gathering{ctx: ctx, todo: reads, done: make(chan struct{}), snapshot: &Snapshot{}}
	for _, q := range reads {
		g.awaited |= q.member()
	}
	g.run()
	return g.snapshot
}

func known() Fact[uint64] { return Known(uint64(1)) }

func TestOneHungReadLeavesTheOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		hang := func() Fact[uint64] { <-release; return known() }
		reads := numbers(hang, known, hang, known)
		for scrape := range 3 {
			start := time.Now()
			s := gatherNow(t, time.Second, reads)
			if s.Tainted.Cause() != TimedOut || s.Warnings.Cause() != TimedOut || s.Tainted.Err() == nil {
				t.Errorf("scrape %d: hung reads are %q and %q, %v; want timeout", scrape, s.Tainted.Cause(), s.Warnings.Cause(), s.Tainted.Err())
			}
			if _, ok := s.Oopses.Get(); !ok {
				t.Errorf("scrape %d: a read after a hung one did not arrive", scrape)
			}
			if _, ok := s.HungTasks.Get(); !ok {
				t.Errorf("scrape %d: a read after two hung ones did not arrive", scrape)
			}
			if took := time.Since(start); scrape > 0 && took > 0 {
				t.Errorf("scrape %d waits %v again for reads that are known to hang", scrape, took)
			}
		}
		close(release)
		synctest.Wait()
		s := gatherNow(t, time.Second, reads)
		if _, ok := s.Tainted.Get(); !ok {
			t.Errorf("a read that came back is not asked again: %v", s.Tainted.Err())
		}
	})
}

func TestHungReadIsStartedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		started := 0
		reads := numbers(func() Fact[uint64] { started++; <-release; return known() })
		for range 5 {
			gatherNow(t, time.Second, reads)
		}
		close(release)
		synctest.Wait()
		if started != 1 {
			t.Errorf("a read that hangs was started %d times, want once", started)
		}
	})
}

// TestReadThatEndsAtTheDeadlineIsNotLost has reads that end at about the time at which
// the scrape gives them up.
func TestReadThatEndsAtTheDeadlineIsNotLost(t *testing.T) {
	t.Parallel()
	const limit = 30 * time.Millisecond
	for offset := -2; offset <= 2; offset++ {
		for range 100 {
			synctest.Test(t, func(t *testing.T) {
				took := limit + time.Duration(offset)
				reads := numbers(func() Fact[uint64] { time.Sleep(took); return known() })
				gatherNow(t, limit, reads)
				time.Sleep(limit)
				if s := gatherNow(t, 2*limit, reads); s.Tainted.Cause() != "" {
					t.Fatalf("a read of the limit %+d ns is lost: %v", offset, s.Tainted.Err())
				}
			})
		}
	}
	// The order that real time seldom gives.
	p := newPlace()
	if !p.enter(t.Context()) {
		t.Fatal("a new place is taken")
	}
	p.leave()
	p.abandon()
	if !p.enter(t.Context()) {
		t.Error("a place that was abandoned after its read ended is lost")
	}
}

func TestPanicIsAnError(t *testing.T) {
	t.Parallel()
	reads := numbers(func() Fact[uint64] { panic("index out of range") }, known)
	s := gatherNow(t, time.Minute, reads)
	if _, ok := s.Tainted.Get(); ok || s.Tainted.Err() == nil {
		t.Errorf("a panic is %v", s.Tainted)
	}
	if _, ok := s.Oopses.Get(); !ok {
		t.Error("a panic takes another fact with it")
	}
}

// TestWaitsForAnotherScrape has two scrapes at the same time.
func TestWaitsForAnotherScrape(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reads := numbers(func() Fact[uint64] { time.Sleep(time.Millisecond); return known() })
		for range 40 {
			go func() {
				if s := gatherNow(t, time.Second, reads); s.Tainted.Cause() != "" {
					t.Errorf("%v", s.Tainted.Err())
				}
			}()
		}
		synctest.Wait()
		time.Sleep(time.Second)
	})
}

func TestSlowFact(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		reads := 0
		s := newSlow("a file", time.Minute, patience, func(context.Context, Fact[uint64]) Fact[uint64] {
			reads++
			if reads != 2 {
				<-release
			}
			return Known(uint64(reads)) //nolint:gosec // small
		})
		check := func(when string, want uint64, cause Cause) {
			t.Helper()
			synctest.Wait()
			f := s.get()
			if v, _ := f.Get(); v != want || f.Cause() != cause {
				t.Errorf("%s: %d, %q; want %d, %q", when, v, f.Cause(), want, cause)
			}
		}
		check("before Run", 0, Unreadable)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			s.run(ctx)
		}()
		check("while the first read hangs", 0, TimedOut)
		time.Sleep(time.Hour)
		check("an hour later", 0, TimedOut)
		release <- struct{}{}
		check("when it came back", 1, "")
		time.Sleep(time.Minute)
		check("read again", 2, "")
		s.askAgain()
		check("just asked again", 2, "")
		time.Sleep(patience + time.Nanosecond)
		check("hangs for too long", 0, TimedOut)
		cancel()
		<-ended // although the read hangs
		close(release)
	})
}

func TestConstantIsReadUntilKnown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reads := 0
		s := newSlow("a file", 0, patience, func(context.Context, Fact[uint64]) Fact[uint64] {
			if reads++; reads < 3 {
				return NotRead[uint64]("a file")
			}
			return known()
		})
		s.run(t.Context()) // returns when it is known
		if reads != 3 {
			t.Errorf("%d reads, want 3", reads)
		}
	})
}

func TestStores(t *testing.T) {
	t.Parallel()
	varLib := Known(true)
	for name, tt := range map[string]struct {
		varLib  Fact[bool]
		store   Fact[host.Answer]
		path    string
		want    string
		cause   Cause
		missing string
	}{
		"with d_type":       {varLib: varLib, store: Known(host.Yes), path: "/store", want: "true"},
		"without":           {varLib: varLib, store: Known(host.No), path: "/store", want: "false"},
		"empty":             {varLib: varLib, store: Known(host.Unknown), path: "/store", cause: Unknowable, missing: "/store with an entry in it"},
		"hangs":             {varLib: varLib, store: NotInTime[host.Answer]("/store"), path: "/store", cause: TimedOut, missing: "/store"},
		"not looked at yet": {varLib: NotRead[bool]("/var/lib"), store: NotRead[host.Answer]("/store"), path: "/var/lib", cause: Unreadable, missing: "/var/lib"},
		"no var/lib":        {varLib: Known(false), path: "/var/lib", cause: Unreadable, missing: "the host's container stores below --path.rootfs"},
		"var/lib hangs":     {varLib: NotInTime[bool]("/var/lib"), path: "/var/lib", cause: TimedOut, missing: "/var/lib"},
		"not there":         {varLib: varLib, store: NotRead[host.Answer]("/store")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			byPath, ok := stores(tt.varLib, map[string]Fact[host.Answer]{"/store": tt.store}).Get()
			if !ok {
				t.Fatal("not known")
			}
			if tt.path == "" {
				if len(byPath) != 0 {
					t.Errorf("%v, want no store", byPath)
				}
				return
			}
			f, ok := byPath[tt.path]
			v, known := f.Get()
			if !ok || len(byPath) != 1 || f.Cause() != tt.cause || f.Missing() != tt.missing || known && (tt.want == "true") != v {
				t.Errorf("%v, want %s of %s, %q, missing %q", byPath, tt.want, tt.path, tt.cause, tt.missing)
			}
		})
	}
}
