package kmsg

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"
)

// storeInterval is how often a state is stored at most. What is not in it yet is
// still in the kernel's ring after a kill, unless that is overwritten meanwhile.
const storeInterval = 5 * time.Second

var errNoBootID = errors.New("no boot id is known, so no state is kept: the log of another boot could not be told from this one's")

// A keeper keeps a log's state in its file. It is used by one goroutine at a
// time.
type keeper struct {
	log    *Log
	file   stateFile
	stored []byte // what is in the file; nil if not known
	err    string // the trouble that was told last
}

// keepState takes the state over that an earlier process kept and keeps it from
// then on, until the context is done. The function that it returns waits for
// that and stores the state a last time.
func (l *Log) keepState(ctx context.Context) (finish func()) {
	if l.cfg.StateFile == "" {
		return func() {}
	}
	k := &keeper{log: l, file: stateFile{path: l.cfg.StateFile}}
	if l.cfg.BootID == "" {
		k.tell(errNoBootID)
		return func() {}
	}
	k.load()
	done := make(chan struct{})
	go func() {
		defer close(done)
		k.run(ctx)
	}()
	return func() {
		<-done
		k.store()
	}
}

// run stores the state when the log was read to its end, and from then on
// whenever it changed.
func (k *keeper) run(ctx context.Context) {
	tick := time.NewTicker(storeInterval)
	defer tick.Stop()
	drained := k.log.drained
	for {
		select {
		case <-ctx.Done():
			return
		case <-drained:
			drained = nil
			tick.Reset(storeInterval)
		case <-tick.C:
		}
		k.store()
	}
}

// load takes over the state in the file, if it is of this boot.
func (k *keeper) load() {
	b, err := k.file.load()
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err == nil {
		err = k.restore(b)
	}
	if err == nil {
		return
	}
	k.file.bad = true
	name, failed := k.file.setAside()
	switch {
	case failed != nil:
		err = fmt.Errorf("%w; it cannot be set aside, so no state is kept: %w", err, failed)
	case name != "":
		err = fmt.Errorf("%w; it is set aside as %s, and counts begin with what the kernel's log still holds", err, name)
	}
	k.tell(err)
}

// restore makes a state the log's own, unless it is of another boot.
func (k *keeper) restore(b []byte) error {
	bootID, t, err := decodeState(b)
	if err != nil {
		return fmt.Errorf("%s: %w", k.file.path, err)
	}
	if bootID != k.log.cfg.BootID {
		return nil
	}
	now := time.Now()
	for e := range t.Events {
		if c := &t.Events[e]; !c.LastSeen.IsZero() {
			c.LastSeen = notAfter(c.LastSeen, now)
		}
	}
	k.log.mu.Lock()
	k.log.tally = t
	k.log.mu.Unlock()
	k.log.unproven = true
	k.stored = b
	return nil
}

// store stores the state if it is not what the file has. Where a bad file could
// not be set aside before, that was told.
func (k *keeper) store() {
	if k.file.bad {
		if _, err := k.file.setAside(); err != nil {
			return
		}
	}
	k.log.mu.Lock()
	t := k.log.tally.clone()
	k.log.mu.Unlock()

	b, err := encodeState(k.log.cfg.BootID, &t)
	if err == nil && (b == nil || bytes.Equal(b, k.stored)) {
		return
	}
	if err == nil {
		err = k.file.store(b)
	}
	if err == nil {
		k.stored = b
	}
	k.tell(err)
}

// tell tells of trouble that is not that of the last time, and of its end.
func (k *keeper) tell(err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	if text == k.err {
		return
	}
	k.err = text
	if k.log.cfg.OnStateError != nil {
		k.log.cfg.OnStateError(err)
	}
}
