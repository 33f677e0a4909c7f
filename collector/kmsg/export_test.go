package kmsg

import (
	"context"
	"time"

	"kernel_exporter/collector/kmsg/record"
	"kernel_exporter/collector/kmsg/source"
)

// A Replay does with the records of a device all that [Log.Run] does, again and
// again, and takes each for a new one of the kernel's.
type Replay struct {
	log *Log
	src source.Source
	it  source.Item
}

// NewReplay opens a device.
func NewReplay(ctx context.Context, path string) (*Replay, error) {
	raw, _, err := source.OpenRaw(ctx, path)
	if err != nil {
		return nil, err
	}
	looped := &loop{Raw: raw, again: func() (source.Raw, error) {
		raw, _, err := source.OpenRaw(ctx, path)
		return raw, err
	}}
	return &Replay{log: newLog(Config{}, sharedMatcher()), src: source.New(looped, source.Reading{Matcher: sharedMatcher()})}, nil
}

// Next reads and counts the next record; at the end it begins anew.
func (p *Replay) Next() error {
	if err := p.src.Next(&p.it); err != nil || p.it.Kind != source.Record {
		return err
	}
	p.log.tally.position.next = p.it.Record.Seq
	return p.log.add(&p.it, time.Time{})
}

// Close closes the device.
func (p *Replay) Close() error { return p.src.Close() }

// A loop opens its records again at their end, and takes each for the kernel's.
type loop struct {
	source.Raw
	again func() (source.Raw, error)
}

func (l *loop) Read(r *record.Record, _ bool) (source.Kind, error) {
	kind, err := l.Raw.Read(r, false)
	r.Facility = 0
	if kind != source.End || err != nil {
		return kind, err
	}
	_ = l.Close() // nothing was written
	if l.Raw, err = l.again(); err != nil {
		return 0, err
	}
	return source.Lost, nil
}

// Hold lets a log read one item and then wait until release is closed. The
// channel that it returns is closed when it waits.
func (l *Log) Hold(release <-chan struct{}) (held <-chan struct{}) {
	waits := make(chan struct{})
	open := l.openRecords
	l.openRecords = func(ctx context.Context) (source.Source, error) {
		src, err := open(ctx)
		return &holding{Source: src, waits: waits, release: release}, err
	}
	return waits
}

type holding struct {
	source.Source
	items   int
	waits   chan struct{}
	release <-chan struct{}
}

func (h *holding) Next(it *source.Item) error {
	if h.items++; h.items == 2 {
		close(h.waits)
		<-h.release
	}
	return h.Source.Next(it)
}
