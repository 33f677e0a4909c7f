package kmsg

import (
	"sync"
	"time"
)

const (
	// maxNotices is how many notices wait at most for the one before them.
	maxNotices = 16
	// noticesTimeout is for how long those that are left are waited for at the end.
	noticesTimeout = time.Second
)

// notices calls functions one after another, on a goroutine of their own: they
// write to a log whose reader may stall, and what they report about must go on.
type notices struct {
	done chan struct{} // closed when no function is called any more

	mu      sync.Mutex
	more    chan struct{} // has a token while there is something in waiting
	waiting []func()
	closed  bool
}

func newNotices() *notices {
	n := &notices{done: make(chan struct{}), more: make(chan struct{}, 1)}
	go n.run()
	return n
}

// add adds a call. If too many wait, the oldest of them is dropped.
func (n *notices) add(call func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return
	}
	if len(n.waiting) == maxNotices {
		n.waiting = n.waiting[:copy(n.waiting, n.waiting[1:])]
	}
	n.waiting = append(n.waiting, call)
	n.wake()
}

// wake is called with the lock held.
func (n *notices) wake() {
	select {
	case n.more <- struct{}{}:
	default:
	}
}

func (n *notices) run() {
	defer close(n.done)
	for range n.more {
		for {
			n.mu.Lock()
			if len(n.waiting) == 0 {
				closed := n.closed
				n.mu.Unlock()
				if closed {
					return
				}
				break
			}
			call := n.waiting[0]
			n.waiting = n.waiting[:copy(n.waiting, n.waiting[1:])]
			n.mu.Unlock()
			call()
		}
	}
}

// close lets the calls that wait be made, for as long as the timeout, and none
// after that.
func (n *notices) close() {
	n.mu.Lock()
	n.closed = true
	n.wake()
	n.mu.Unlock()
	select {
	case <-n.done:
	case <-time.After(noticesTimeout):
		n.mu.Lock()
		n.waiting = nil
		n.mu.Unlock()
	}
}
