package facts

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync/atomic"
)

// A place is where a read may hang alone. One read is in it at a time, so that what
// hangs costs one goroutine, however often it is asked for.
type place struct {
	token     chan struct{} // held by the read
	abandoned atomic.Bool   // somebody has waited for the read in vain
}

func newPlace() place { return place{token: make(chan struct{}, 1)} }

// enter waits until the read before this one has ended, and says whether it has.
// Where somebody has already waited for that in vain, nobody waits again.
func (p *place) enter(ctx context.Context) bool {
	if p.abandoned.Load() {
		select {
		case p.token <- struct{}{}: // it came back after all
			p.abandoned.Store(false)
			return true
		default:
			return false
		}
	}
	select {
	case p.token <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// leave ends the read.
func (p *place) leave() {
	p.abandoned.Store(false)
	<-p.token
}

// abandon says that nobody waits any longer for the read that may be in the place.
func (p *place) abandon() { p.abandoned.Store(true) }

// guarded turns a panic of a read into an error: one broken read must not take the
// other facts with it.
func guarded[T any](read func() Fact[T]) (f Fact[T]) {
	defer func() {
		if p := recover(); p != nil {
			f = Fact[T]{}.With(fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	return read()
}
