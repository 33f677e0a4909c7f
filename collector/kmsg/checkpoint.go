package kmsg

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
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
	errNoBootID     = errors.New("no state is kept: the boot id is not known, so a later start could not see whether the state is of the same boot")
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

// A checkpoint keeps a log's tally in a file. Each operation on the file may take
// for ever, so after the load one goroutine does all of them.
type checkpoint struct {
	file   stateStore
	path   string
	bootID string
	report func(error) // with each new trouble, and nil when there is none any more

	damaged error  // why the file holds no state, until it is set aside
	stored  []byte // what is in the file; nil if not known
	trouble string // what was reported last
}

// load returns the tally in the file, if it is one of this boot. A damaged file is
// set aside later. The error says why no state will be kept: the file is not ours
// or cannot be read, or did not answer, and what it answers later is ignored.
func (c *checkpoint) load() (t tally, ok bool, err error) {
	type answer struct {
		b   []byte
		err error
	}
	loaded := make(chan answer, 1)
	go func() {
		b, err := loadState(c.file)
		loaded <- answer{b, err}
	}()
	select {
	case a := <-loaded:
		return c.take(a.b, a.err)
	case <-time.After(stateTimeout):
		return tally{}, false, errLoadTimeout
	}
}

func (c *checkpoint) take(b []byte, err error) (t tally, ok bool, _ error) {
	switch {
	case err == nil:
	case errors.Is(err, fs.ErrNotExist):
		return tally{}, false, nil
	case errors.Is(err, statefile.ErrTooLarge):
		c.damaged = err
		return tally{}, false, nil
	case errors.Is(err, ErrForeignState):
		return tally{}, false, foreignState(c.path)
	default:
		return tally{}, false, fmt.Errorf("%w; no state is kept until the next start", err)
	}
	bootID, t, err := decodeState(b)
	if err != nil {
		c.damaged = fmt.Errorf("%s: %w", c.path, err)
		return tally{}, false, nil
	}
	if bootID != c.bootID {
		return tally{}, false, nil
	}
	c.stored = b
	return t, true, nil
}

// run stores what current returns when the log was read to its end, from then on
// whenever it changed, and a last time when it is stopped.
func (c *checkpoint) run(stop, drained <-chan struct{}, current func() tally) {
	c.file.RemoveUnfinished()
	if c.damaged != nil {
		c.setAside()
	}
	tick := time.NewTicker(storeInterval)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			c.store(current())
			return
		case <-drained:
			drained = nil
			tick.Reset(storeInterval)
		case <-tick.C:
		}
		c.store(current())
	}
}

// setAside sets a damaged file aside and reports that.
func (c *checkpoint) setAside() {
	err := c.damaged
	name, failed := c.file.SetAside()
	switch {
	case failed != nil:
		c.say(fmt.Errorf("%w; it cannot be set aside, so no state is kept: %w", err, failed))
		return
	case name != "":
		err = fmt.Errorf("%w; it is set aside as %s, and counts begin with what the kernel's log still holds", err, name)
	}
	c.damaged = nil
	c.say(err)
}

// store stores a tally if it is not what the file has. That a damaged file could
// not be set aside before was reported.
func (c *checkpoint) store(t tally) {
	if c.damaged != nil {
		if _, err := c.file.SetAside(); err != nil {
			return
		}
		c.damaged = nil
	}
	b, err := encodeState(c.bootID, &t)
	if err == nil && (b == nil || bytes.Equal(b, c.stored)) {
		return
	}
	stored := false
	if err == nil {
		stored, err = c.file.Store(b)
	}
	if stored {
		c.stored = b
	}
	c.say(err)
}

// say reports trouble that is not that of the last time, and its end.
func (c *checkpoint) say(err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	if text != c.trouble {
		c.trouble = text
		c.report(err)
	}
}
