package main

import (
	"bytes"
	"io"
	"sync/atomic"
	"time"
)

const (
	// queuedLines is how many lines wait at most for whoever reads stderr.
	queuedLines = 1024
	// queuedLine is the most bytes of one line that wait; the rest is cut off. A
	// line of the log is far shorter.
	queuedLine = 8 << 10
	// flushTime is how long the program waits at its end for the reader of stderr.
	flushTime = 500 * time.Millisecond
)

// A lineQueue writes lines in the order in which they come, from a goroutine of
// its own: a reader of stderr that stalls, as a container runtime does when its
// disk is full, blocks nobody who logs. Lines that find the queue full and lines
// that cannot be written are dropped and counted.
type lineQueue struct {
	lines   chan []byte
	dropped atomic.Uint64
	flush   chan chan struct{}
}

func newLineQueue(w io.Writer) *lineQueue {
	q := &lineQueue{lines: make(chan []byte, queuedLines), flush: make(chan chan struct{})}
	go func() {
		for {
			select {
			case line := <-q.lines:
				q.write(w, line)
			case done := <-q.flush:
				for len(q.lines) > 0 {
					q.write(w, <-q.lines)
				}
				close(done)
			}
		}
	}()
	return q
}

func (q *lineQueue) write(w io.Writer, line []byte) {
	if _, err := w.Write(line); err != nil {
		q.dropped.Add(1)
	}
}

// Write implements [io.Writer]. It never blocks and never fails.
func (q *lineQueue) Write(line []byte) (int, error) {
	kept := bytes.Clone(line[:min(len(line), queuedLine)])
	if len(kept) < len(line) {
		kept[len(kept)-1] = '\n'
	}
	select {
	case q.lines <- kept:
	default:
		q.dropped.Add(1)
	}
	return len(line), nil
}

// Dropped returns how many lines were dropped.
func (q *lineQueue) Dropped() uint64 { return q.dropped.Load() }

// Flush waits until the lines that were written are with the reader, but no
// longer than a time.
func (q *lineQueue) Flush(limit time.Duration) {
	late := time.NewTimer(limit)
	defer late.Stop()
	done := make(chan struct{})
	select {
	case q.flush <- done:
	case <-late.C:
		return
	}
	select {
	case <-done:
	case <-late.C:
	}
}
