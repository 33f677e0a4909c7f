package kmsg

import (
	"context"
	"errors"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
)

// A Replay does with the records of a device all that [Log.Run] does, again and
// again, and takes each for a new one of the kernel's.
type Replay struct {
	log *Log
	src source
	r   record.Record
}

// NewReplay opens a device.
func NewReplay(ctx context.Context, path string) (*Replay, error) {
	src, err := openSource(ctx, path)
	return &Replay{log: newLog(Config{}, event.NewMatcher()), src: src}, err
}

// Next reads and counts the next record; at the end it begins anew.
func (p *Replay) Next() error {
	err := p.src.next(&p.r, false)
	for errors.Is(err, errEmpty) || errors.Is(err, errLost) {
		if err = p.rewind(); err == nil {
			err = p.src.next(&p.r, false)
		}
	}
	if err != nil {
		return err
	}
	p.r.Facility = 0
	p.log.fed, p.log.tally.NextSeq = p.r.Seq, p.r.Seq
	return p.log.add(&p.r, false)
}

func (p *Replay) rewind() error {
	d, ok := p.src.(*device)
	if !ok {
		return errNotLog
	}
	var err error
	controlled := d.conn.Control(func(fd uintptr) { _, err = unix.Seek(int(fd), 0, unix.SEEK_SET) })
	return errors.Join(controlled, err)
}

// Close closes the device.
func (p *Replay) Close() error { return p.src.close() }
