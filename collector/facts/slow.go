package facts

import (
	"context"
	"sync"
	"time"
)

const (
	// patience is for how long a read between the scrapes may take before what it
	// read last counts no more.
	patience = 5 * time.Second
	// retry is after how long a read that failed is tried again.
	retry = time.Minute
)

// A slow fact is read between the scrapes: it is constant for a boot, or costs more
// than a scrape may, or lies on a disk that may hang.
type slow[T any] struct {
	file string // what is read, named where it is missing
	// every is the time between two reads; 0 if the value is constant.
	every time.Duration
	// believed is for how long the value read last counts while a read runs.
	believed time.Duration
	// read is given what was read last.
	read func(ctx context.Context, last Fact[T]) Fact[T]

	again chan struct{} // asks for a read before its time
	ready chan struct{} // closed after the first read

	mu    sync.Mutex
	fact  Fact[T]
	began time.Time // of the read that runs; zero while none does
}

func newSlow[T any](file string, every, believed time.Duration, read func(context.Context, Fact[T]) Fact[T]) *slow[T] {
	return &slow[T]{
		file: file, every: every, believed: believed, read: read,
		again: make(chan struct{}, 1), ready: make(chan struct{}),
		fact: NotRead[T](file),
	}
}

// get returns the fact as it was last read. While the first read is on its way, and
// while a later one takes too long, it is not known.
func (s *slow[T]) get() Fact[T] {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.began.IsZero() {
		return s.fact
	}
	select {
	case <-s.ready:
		if time.Since(s.began) <= s.believed {
			return s.fact
		}
	default:
	}
	return NotInTime[T](s.file)
}

// wait returns the fact when it has been read once, or not at all when ctx is done.
func (s *slow[T]) wait(ctx context.Context) Fact[T] {
	select {
	case <-s.ready:
	case <-ctx.Done():
	}
	return s.get()
}

// run reads the fact until ctx is done, or until a constant one is known. It leaves
// a read that hangs where it is.
func (s *slow[T]) run(ctx context.Context) {
	for {
		s.mu.Lock()
		last := s.fact
		s.began = time.Now()
		s.mu.Unlock()
		result := make(chan Fact[T], 1)
		go func() { result <- guarded(func() Fact[T] { return s.read(ctx, last) }) }()
		select {
		case f := <-result:
			s.store(f)
		case <-ctx.Done():
			return
		}
		pause := s.every
		if pause == 0 {
			if s.get().known {
				return
			}
			pause = retry
		}
		select {
		case <-s.again:
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
	}
}

func (s *slow[T]) store(f Fact[T]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fact, s.began = f, time.Time{}
	select {
	case <-s.ready:
	default:
		close(s.ready)
	}
}

// askAgain lets run read before its time.
func (s *slow[T]) askAgain() {
	select {
	case s.again <- struct{}{}:
	default:
	}
}

// first is closed when the fact has been read once.
func (s *slow[T]) first() <-chan struct{} { return s.ready }
