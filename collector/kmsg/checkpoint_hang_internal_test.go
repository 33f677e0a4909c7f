package kmsg

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/kmsg/source/sourcetest"
	"kernel_exporter/collector/kmsg/statefile"
)

// A hangingStore is a state file on a disk that does not answer some operations
// until it is released.
type hangingStore struct {
	statefile.File
	hangs    []string
	released chan struct{}
	fails    error // what store says though it has stored

	mu   sync.Mutex
	asks []string
}

func (s *hangingStore) ask(what string) {
	s.mu.Lock()
	s.asks = append(s.asks, what)
	s.mu.Unlock()
	if slices.Contains(s.hangs, what) {
		<-s.released
	}
}

func (s *hangingStore) asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asks)
}

func (s *hangingStore) Load() ([]byte, error) {
	s.ask("load")
	return s.File.Load()
}

func (s *hangingStore) SetAside() (string, error) {
	s.ask("set aside")
	return s.File.SetAside()
}

func (s *hangingStore) RemoveUnfinished() {
	s.ask("remove")
	s.File.RemoveUnfinished()
}

func (s *hangingStore) Store(b []byte) (bool, error) {
	s.ask("store")
	stored, err := s.File.Store(b)
	return stored, errors.Join(err, s.fails)
}

// hanging returns a rig as keeping does, with a disk that does not answer.
func hanging(t *testing.T, g *sourcetest.Ring, path string, hangs ...string) (*rig, *hangingStore, func() []error) {
	t.Helper()
	s := &hangingStore{hangs: hangs, released: make(chan struct{})}
	r, told := keeping(t, g, SourceKmsg, path)
	r.openState = func(path string) stateStore {
		s.File = statefile.File(path)
		return s
	}
	return r, s, told
}

// Where the state does not load, the log is read without it, and what the disk
// answers later changes nothing: neither what is counted nor the file.
func TestKeepLoadHangs(t *testing.T) {
	t.Parallel()
	good := filepath.Join(t.TempDir(), "state")
	synctest.Test(t, func(t *testing.T) {
		g := sourcetest.NewRing(1000)
		g.Prints("a", "b", "c")
		r, _ := keeping(t, g, SourceKmsg, good)
		r.run()
	})
	kept, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"a state": kept, "a damaged state": kept[:100]} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "state")
				if err := os.WriteFile(path, content, 0o600); err != nil {
					t.Fatal(err)
				}
				g := sourcetest.NewRing(1000)
				g.Prints("a", "b", "c", "d")
				r, store, told := hanging(t, g, path, "load")
				r.start()
				r.sleep(stateTimeout)
				if s := r.Snapshot(); !s.Up || s.accounted() != 4 || !s.CompleteSinceBoot {
					t.Errorf("%s: after %s: %+v", name, stateTimeout, s)
				}
				close(store.released)
				g.Prints("e")
				r.sleep(time.Minute)
				r.stop()
				if r.counted() != 5 || len(told()) != 1 || !errors.Is(told()[0], errLoadTimeout) {
					t.Errorf("%s: %d records, told %v", name, r.counted(), told())
				}
				b, err := os.ReadFile(path)
				if asks := store.asked(); err != nil || !bytes.Equal(b, content) || len(asks) != 1 || files(t, filepath.Dir(path)) != "state" {
					t.Errorf("%s: the file is %q, %v, beside %s, after %v", name, b, err, files(t, filepath.Dir(path)), asks)
				}
			})
		})
	}
}

// Once the state is loaded, a disk that does not answer stops nothing: the log is
// read, and the program ends.
func TestKeepHangsLater(t *testing.T) {
	t.Parallel()
	for _, what := range []string{"remove", "set aside", "store"} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "state")
				if what == "set aside" {
					if err := os.WriteFile(path, nil, 0o600); err != nil {
						t.Fatal(err)
					}
				}
				g := sourcetest.NewRing(1000)
				g.Prints("a")
				r, store, told := hanging(t, g, path, what)
				begin := time.Now()
				r.start()
				if s := r.Snapshot(); !s.Up || s.accounted() != 1 || !time.Now().Equal(begin) {
					t.Errorf("%s: %+v after %s", what, s, time.Since(begin))
				}
				r.sleep(time.Hour)
				begin = time.Now()
				r.stop()
				if took := time.Since(begin); took != stateTimeout {
					t.Errorf("%s: stopped after %s", what, took)
				}
				want := told()
				if len(want) != 1 || !errors.Is(want[0], errStoreTimeout) {
					t.Errorf("%s: told %v", what, want)
				}
				close(store.released)
				synctest.Wait()
				if after := told(); len(after) != 1 {
					t.Errorf("%s: told after the end: %v", what, after)
				}
			})
		})
	}
}

// What is stored is not stored again and again where the directory cannot be
// synced.
func TestKeepOfWhatMayNotLast(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := sourcetest.NewRing(1000)
		g.Prints("a")
		r, store, told := hanging(t, g, filepath.Join(t.TempDir(), "state"))
		store.fails = unix.EIO
		r.start()
		r.sleep(time.Hour)
		if asks := store.asked(); len(asks) != 3 || len(told()) != 1 || !errors.Is(told()[0], unix.EIO) {
			t.Errorf("an hour later: %v, told %v", asks, told())
		}
		g.Prints("b")
		r.sleep(time.Minute)
		r.stop()
		if asks := store.asked(); len(asks) != 4 || len(told()) != 1 {
			t.Errorf("a record later: %v, told %v", asks, told())
		}
	})
}
