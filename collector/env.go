package collector

import (
	"errors"
	"io/fs"
	"sync"
	"time"

	"github.com/go-kit/log"

	"kernel_exporter/collector/facts"
	"kernel_exporter/collector/host"
	"kernel_exporter/collector/kmsg"
	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/policy"
)

// Env is what collectors share: where they read, and facts that more than one
// of them needs.
type Env struct {
	Host    *host.FS
	Mounts  *host.MountWatcher
	Log     *kmsg.Log // known only if the log collector runs
	Policy  *policy.Policy
	Logger  log.Logger
	Now     func() time.Time
	SlabTop int // how many slab caches have a series of their own

	logRefused <-chan struct{}

	mu       sync.Mutex
	kernel   *host.Kernel
	config   *facts.Fact[host.Config]
	bootTime time.Time

	judging  sync.Mutex
	judged   Judgement
	judgedAt time.Time
}

// Kernel returns which kernel runs. That is constant for a boot, so it is read
// until it succeeds once. With an error it may still be known in part.
func (e *Env) Kernel() (host.Kernel, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.kernel == nil {
		k, err := e.Host.Kernel()
		if err != nil {
			return k, err
		}
		e.kernel = &k
	}
	return *e.kernel, nil
}

// BootTime returns when the kernel booted, as it said first: the kernel
// corrects it when the wall clock is set, but the created timestamp of a
// counter has to be the same on every scrape.
func (e *Env) BootTime() (time.Time, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.bootTime.IsZero() {
		t, err := e.Host.BootTime()
		if err != nil {
			return time.Time{}, err
		}
		e.bootTime = t
	}
	return e.bootTime, nil
}

// overlayTechPreview says whether overlayfs is in use as a technology preview,
// from all that hints at it: the kernel, its taint, the mounts and the log.
func (e *Env) overlayTechPreview() (host.Answer, error) {
	var use facts.OverlayUse
	if k, _ := e.Kernel(); k.Known() { // the kernel collector reports the error
		use.Kernel = &k
	}
	tainted, errTainted := e.Host.Tainted()
	if errTainted == nil {
		use.Tainted = &tainted
	}
	if mounts, _, err := e.Mounts.Snapshot(); err == nil {
		use.Mounts = &mounts.Overlays
	}
	var errModule error
	use.ModuleTaint, errModule = e.Host.OverlayModuleTaint()
	use.Logged = e.logged(event.OverlayfsTechPreview)
	return facts.TechPreview(use), errors.Join(present(errTainted), present(errModule))
}

// kmem reads what the kernel says of the accounting of its own memory, and whether
// that is on.
func (e *Env) kmem(k host.Kernel, m host.Mounts) (host.Kmem, host.Answer, error) {
	use := facts.KmemUse{Version: k.Release.Version}
	words, errWords := e.Host.CommandLine()
	if errWords == nil {
		use.NoKmem = facts.NoKmem(k, words)
	}
	var err error
	use.Files, err = e.Host.Kmem(m)
	return use.Files, facts.KmemAccounting(use), errors.Join(present(errWords), present(err))
}

// logged says whether the kernel has logged an event since boot.
func (e *Env) logged(kind event.Event) host.Answer {
	n := e.Log.Snapshot()
	switch {
	case n.Drained && n.Events[kind].Count > 0:
		return host.Yes
	case n.Drained && n.CompleteSinceBoot:
		return host.No
	default:
		return host.Unknown
	}
}

// present drops the error that says that this kernel has no such file.
func present(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
