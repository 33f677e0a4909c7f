package kmsg

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"kernel_exporter/collector/kmsg/statefile"
)

const (
	// storeInterval is how often a state is stored at most. What is not in it yet
	// is still in the kernel's ring after a kill, unless that is overwritten
	// meanwhile.
	storeInterval = 5 * time.Second
	// stateTimeout is for how long the log waits for its state, at the start and
	// at the end. A disk that does not answer must keep neither the log from
	// being read nor the program from stopping.
	stateTimeout = 2 * time.Second
)

var (
	errNoBootID     = errors.New("no boot id is known, so no state is kept: the log of another boot could not be told from this one's")
	errLoadTimeout  = errors.New("the state file does not answer, so no state is taken over or kept until the next start")
	errStoreTimeout = errors.New("the state file does not answer, so the last state may not be stored")
)

// ErrForeignState says that the file named for the state has other content. Its
// content is somebody's, so it is neither renamed nor replaced.
var ErrForeignState = errors.New("not a state file of this program")

// CheckStateFile returns an error that wraps ErrForeignState if the file at path
// has content that is not a state, not even a damaged one. Whatever else is wrong
// with the file is no error here: the log reports it and is followed without a
// state. A disk that does not answer delays the check by 2 s.
func CheckStateFile(path string) error {
	checked := make(chan error, 1)
	go func() {
		_, err := loadState(statefile.File(path))
		checked <- err
	}()
	select {
	case err := <-checked:
		if errors.Is(err, ErrForeignState) {
			return foreignState(path)
		}
		return nil
	case <-time.After(stateTimeout):
		return nil
	}
}

// A stateStore keeps a state, as [statefile.File] does. Each of its operations
// may take for ever.
type stateStore interface {
	Load() ([]byte, error)
	SetAside() (name string, err error)
	RemoveUnfinished()
	Store(b []byte) (stored bool, err error)
}

// loadState returns the content of a state file. The error wraps ErrForeignState
// where the content is not a state, and statefile.ErrTooLarge where it begins as
// one.
func loadState(file stateStore) ([]byte, error) {
	b, err := file.Load()
	if err != nil && !errors.Is(err, statefile.ErrTooLarge) {
		return nil, err
	}
	if !isState(b) {
		return nil, ErrForeignState
	}
	return b, err
}

// foreignState is ErrForeignState with the file's name and the mend.
func foreignState(path string) error {
	return fmt.Errorf("%s: %w; name another file, or remove this one if nobody needs it", path, ErrForeignState)
}

// A keeper keeps a log's state. Once the state is loaded, one goroutine does all
// that is done with the file, as any of it may take for ever.
type keeper struct {
	log    *Log
	file   stateStore
	bad    error  // why what is in the file is no state and has to be set aside before one is stored
	stored []byte // what is in the file; nil if not known

	mu   sync.Mutex
	err  string // the trouble that was told last
	left bool   // nobody is there any more to be told
}

// keepState takes the state over that an earlier process kept and keeps it from
// then on. The function that it returns stores the state a last time.
func (l *Log) keepState() (finish func()) {
	if l.cfg.StateFile == "" {
		return func() {}
	}
	k := &keeper{log: l, file: l.openState(l.cfg.StateFile)}
	if l.cfg.BootID == "" {
		k.tell(errNoBootID)
		return func() {}
	}
	if err := k.load(); err != nil {
		k.tell(err)
		return func() {}
	}
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		k.run(stop)
	}()
	return func() {
		close(stop)
		select {
		case <-done:
		case <-time.After(stateTimeout):
			k.leave()
		}
	}
}

// load takes over the state in the file, if it is of this boot. A damaged one is
// left for setAside. The error says why no state is kept: the file is not ours or
// cannot be read, or did not answer, and what it answers later is ignored.
func (k *keeper) load() error {
	type answer struct {
		b   []byte
		err error
	}
	loaded := make(chan answer, 1)
	go func() {
		b, err := loadState(k.file)
		loaded <- answer{b, err}
	}()
	select {
	case a := <-loaded:
		switch {
		case a.err == nil:
			k.bad = k.restore(a.b)
		case errors.Is(a.err, statefile.ErrTooLarge):
			k.bad = a.err
		case errors.Is(a.err, ErrForeignState):
			return foreignState(k.log.cfg.StateFile)
		case !errors.Is(a.err, fs.ErrNotExist):
			return fmt.Errorf("%w; no state is kept until the next start", a.err)
		}
		return nil
	case <-time.After(stateTimeout):
		return errLoadTimeout
	}
}

// restore makes a state the log's own, unless it is of another boot.
func (k *keeper) restore(b []byte) error {
	bootID, t, err := decodeState(b)
	if err != nil {
		return fmt.Errorf("%s: %w", k.log.cfg.StateFile, err)
	}
	if bootID != k.log.cfg.BootID {
		return nil
	}
	now := time.Now()
	for e, c := range t.Events {
		if !c.LastSeen.IsZero() {
			c.LastSeen = notAfter(c.LastSeen, now)
			t.Events[e] = c
		}
	}
	k.log.mu.Lock()
	k.log.tally = t
	k.log.mu.Unlock()
	k.log.unproven = true
	k.stored = b
	return nil
}

// run tidies up, stores the state when the log was read to its end, from then on
// whenever it changed, and a last time when it is stopped.
func (k *keeper) run(stop <-chan struct{}) {
	k.file.RemoveUnfinished()
	if k.bad != nil {
		k.setAside()
	}
	tick := time.NewTicker(storeInterval)
	defer tick.Stop()
	drained := k.log.drained
	for {
		select {
		case <-stop:
			k.store()
			return
		case <-drained:
			drained = nil
			tick.Reset(storeInterval)
		case <-tick.C:
		}
		k.store()
	}
}

// setAside sets a bad file aside and tells of it.
func (k *keeper) setAside() {
	err := k.bad
	name, failed := k.file.SetAside()
	switch {
	case failed != nil:
		k.tell(fmt.Errorf("%w; it cannot be set aside, so no state is kept: %w", err, failed))
		return
	case name != "":
		err = fmt.Errorf("%w; it is set aside as %s, and counts begin with what the kernel's log still holds", err, name)
	}
	k.bad = nil
	k.tell(err)
}

// store stores the state if it is not what the file has. Where a bad file could
// not be set aside before, that was told.
func (k *keeper) store() {
	if k.bad != nil {
		if _, err := k.file.SetAside(); err != nil {
			return
		}
		k.bad = nil
	}
	k.log.mu.Lock()
	t := k.log.tally.clone()
	k.log.mu.Unlock()

	b, err := encodeState(k.log.cfg.BootID, &t)
	if err == nil && (b == nil || bytes.Equal(b, k.stored)) {
		return
	}
	stored := false
	if err == nil {
		stored, err = k.file.Store(b)
	}
	if stored {
		k.stored = b
	}
	k.tell(err)
}

// tell tells of trouble that is not that of the last time, and of its end.
func (k *keeper) tell(err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	text := ""
	if err != nil {
		text = err.Error()
	}
	if k.left || text == k.err {
		return
	}
	k.err = text
	if k.log.cfg.OnStateError != nil {
		k.log.cfg.OnStateError(err)
	}
}

// leave leaves the keeper's goroutine to itself.
func (k *keeper) leave() {
	k.tell(errStoreTimeout)
	k.mu.Lock()
	k.left = true
	k.mu.Unlock()
}
