package facts

import (
	"context"
	"fmt"
	"sync"
	"time"

	"kernel_exporter/collector/host"
	"kernel_exporter/collector/kmsg"
)

const (
	bootEvery   = 5 * time.Minute // it moves only when someone sets the clock
	mountsEvery = 5 * time.Minute // and when the table changes
	probesEvery = time.Minute
	rebootEvery = 5 * time.Minute
	filesEvery  = time.Minute // of files that seldom change
	countEvery  = time.Minute
	countMaxAge = 3 * time.Minute
	// stopTime is how long Run waits for reads to come back when it is to end.
	stopTime = time.Second
)

// Options say what a [Node] reads.
type Options struct {
	Host *host.FS
	// Kernel is which kernel to judge; nil for the one that proc below the root
	// tells of.
	Kernel *host.Kernel
	// Want are the facts that will be asked for.
	Want Set
	// SlabTop is how many slab caches are told apart.
	SlabTop int
	// Stores are directories of container stores besides the usual ones, as absolute
	// paths of the host.
	Stores []string
	// Log builds the reader of the kernel log; nil if the log is not read. A boot
	// id that is not known is empty, a kernel that is not known the zero value.
	Log func(LogOf) *kmsg.Log
	// OnError is called with what keeps the mount table from being watched.
	OnError func(error)
}

// LogOf is what the reader of the kernel log is told of its node.
type LogOf struct {
	Kernel host.Kernel
	BootID string
	// BootTime returns [Snapshot.Created].
	BootTime func() (time.Time, error)
}

// A Node gathers facts. It is safe for concurrent use.
type Node struct {
	o     Options
	quick []quick
	slow  []background

	kernel      *slow[host.Kernel]
	bootID      *slow[string]
	bootTime    *slow[time.Time]
	commandLine *slow[[]string]
	config      *slow[host.Config]
	os          *slow[host.OS]
	fileSystems *slow[host.FileSystems]
	overlay     *slow[host.Answer]
	mounts      *slow[host.Mounts]
	probes      *slow[map[string]host.Answer]
	varLib      *slow[bool]
	stores      map[string]*slow[host.Answer]
	dying       *slow[host.CgroupCount]
	livePatches *slow[[]string]
	enabled     *slow[host.Answer]
	reboot      *slow[bool]
	txTimeouts  *slow[uint64]

	ready    chan struct{}
	logReady chan struct{} // closed when the log has been read to its end once, or could not be read

	mu      sync.Mutex
	log     *kmsg.Log // nil before it is built
	created time.Time // the boot as it said first
}

// background is a fact that is read between the scrapes.
type background interface {
	run(ctx context.Context)
	first() <-chan struct{}
}

// New returns a node of which nothing has been read.
func New(o Options) *Node {
	n := &Node{o: o, ready: make(chan struct{}), logReady: make(chan struct{})}
	n.addSlow()
	n.addQuick()
	return n
}

// Ready is closed when all that is read between the scrapes has been read once, and
// the kernel log to its end. That may never be, where a disk hangs.
func (n *Node) Ready() <-chan struct{} { return n.ready }

// Run reads what is read between the scrapes until ctx is done. It is called once.
// It returns with the state of the log stored. A read that hangs is left where it
// is.
func (n *Node) Run(ctx context.Context) {
	var wg sync.WaitGroup
	for _, s := range n.slow {
		wg.Go(func() { s.run(ctx) })
	}
	wg.Go(func() { n.watchMounts(ctx) })
	wg.Go(func() { n.becomeReady(ctx) })
	if n.o.Log != nil {
		wg.Go(func() { n.follow(ctx) })
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		wg.Wait()
	}()
	<-ctx.Done()
	select {
	case <-ended:
	case <-time.After(stopTime):
	}
}

func (n *Node) becomeReady(ctx context.Context) {
	for _, s := range n.slow {
		select {
		case <-s.first():
		case <-ctx.Done():
			return
		}
	}
	if n.o.Log != nil {
		select {
		case <-n.logReady:
		case <-ctx.Done():
			return
		}
	}
	close(n.ready)
}

// watchMounts lets the mount table, and what lies on the mounts, be read again when
// the table changes.
func (n *Node) watchMounts(ctx context.Context) {
	err := n.o.Host.WatchMounts(ctx, func() {
		n.mounts.askAgain()
		n.fileSystems.askAgain() // the first mount brings in the module
		n.overlay.askAgain()
		n.varLib.askAgain()
		for _, s := range n.stores {
			s.askAgain()
		}
	})
	if err != nil && n.o.OnError != nil {
		n.o.OnError(fmt.Errorf("cannot watch the mount table: %w", err))
	}
}

// follow reads the kernel log, as soon as it is known of which boot it is.
func (n *Node) follow(ctx context.Context) {
	known, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	k, _ := n.kernel.wait(known).Get()
	id, _ := n.bootID.wait(known).Get()
	n.bootTime.wait(known)
	if ctx.Err() != nil {
		return
	}
	log := n.o.Log(LogOf{Kernel: k, BootID: id, BootTime: n.firstBootTime})
	n.mu.Lock()
	n.log = log
	n.mu.Unlock()
	go func() {
		<-log.Ready()
		close(n.logReady)
	}()
	log.Run(ctx)
}

// firstBootTime returns when the kernel booted, as it said first.
func (n *Node) firstBootTime() (time.Time, error) {
	f := n.bootTime.get()
	n.mu.Lock()
	defer n.mu.Unlock()
	if t, ok := f.Get(); ok && n.created.IsZero() {
		n.created = t
	}
	if n.created.IsZero() {
		return time.Time{}, fmt.Errorf("boot time: %s", f.Cause())
	}
	return n.created, nil
}

// Gather returns what is known now. It reads the facts of a set, each once, and
// returns when ctx is done at the latest: what has not arrived by then is not
// known, with the cause [TimedOut]. No later call waits for what has not come back;
// the first one after that asks again.
func (n *Node) Gather(ctx context.Context, want Set) *Snapshot {
	s := &Snapshot{
		BootTime:     n.bootTime.get(),
		Mounts:       n.mounts.get(),
		DyingCgroups: n.dying.get(),
		Reboot:       n.reboot.get(),
		TxTimeouts:   n.txTimeouts.get(),
		CommandLine:  n.commandLine.get(),
	}
	s.FileSystems, s.OverlayModule = n.fileSystems.get(), n.overlay.get()
	s.Created, _ = n.firstBootTime()
	s.Kernel, s.OS = n.kernel.get(), n.os.get()
	s.Config = n.config.get()
	s.DType = n.dtype()
	s.LivePatches = n.livePatches.get()
	s.ControllerEnabled = n.enabled.get()

	g := &gathering{ctx: ctx, done: make(chan struct{}), snapshot: s}
	for _, q := range n.quick {
		if want&q.member() != 0 {
			g.todo = append(g.todo, q)
			g.awaited |= q.member()
		}
	}
	g.run()
	s.Probes = n.probed(s)
	s.judge()
	return s
}

// dtype returns what is known of the container stores.
func (n *Node) dtype() Fact[map[string]Fact[bool]] {
	if !n.o.Host.Live() {
		return NotKnowable[map[string]Fact[bool]]("the machine itself: a copy of its files does not tell")
	}
	byPath := make(map[string]Fact[host.Answer], len(n.stores))
	for path, s := range n.stores {
		byPath[path] = s.get()
	}
	return stores(n.varLib.get(), byPath)
}

func (n *Node) addQuick() {
	h := n.o.Host
	add := func(q quick) { n.quick = append(n.quick, q) }
	number := func(set Set, file string, field func(*Snapshot) *Fact[uint64], read func() (uint64, error)) {
		add(newQuick(set, file, field, func() Fact[uint64] {
			v, err := read()
			return ReadFrom(v, err, file)
		}))
	}
	number(Tainted, "proc/sys/kernel/tainted", func(s *Snapshot) *Fact[uint64] { return &s.Tainted }, h.Tainted)
	number(Oopses, "sys/kernel/oops_count", func(s *Snapshot) *Fact[uint64] { return &s.Oopses }, h.Oopses)
	number(Warnings, "sys/kernel/warn_count", func(s *Snapshot) *Fact[uint64] { return &s.Warnings }, h.Warnings)
	number(HungTasks, "proc/sys/kernel/hung_task_detect_count", func(s *Snapshot) *Fact[uint64] { return &s.HungTasks }, h.HungTasks)
	add(newQuick(Kmem, "the memory controller's files", func(s *Snapshot) *Fact[host.Kmem] { return &s.Kmem }, n.readKmem))
	add(newQuick(MemoryCgroups, "the number of cgroups", func(s *Snapshot) *Fact[host.MemoryCgroups] { return &s.MemoryCgroups }, n.readCgroups))
	add(newQuick(Memory, "proc/meminfo", func(s *Snapshot) *Fact[host.Meminfo] { return &s.Memory }, func() Fact[host.Meminfo] {
		v, err := h.Meminfo()
		return ReadFrom(v, err, "proc/meminfo")
	}))
	add(newQuick(Slab, "proc/slabinfo", func(s *Snapshot) *Fact[SlabUse] { return &s.Slab }, n.slabRead()))
	add(newQuick(KernelLog, "the kernel log", func(s *Snapshot) *Fact[kmsg.Snapshot] { return &s.Log }, n.readLog))
}

// readKmem gives what could be read of several files, with the error of another.
func (n *Node) readKmem() Fact[host.Kmem] {
	m, ok := n.mounts.get().Get()
	if !ok {
		return NotRead[host.Kmem](mountTable)
	}
	v, err := n.o.Host.Kmem(m)
	return Known(v).With(err)
}

func (n *Node) readCgroups() Fact[host.MemoryCgroups] {
	m, ok := n.mounts.get().Get()
	if !ok {
		return NotRead[host.MemoryCgroups](mountTable)
	}
	v, err := n.o.Host.MemoryCgroups(m)
	return Known(v).With(err)
}

// slabRead returns what reads the slab caches, with the memory that it reuses.
func (n *Node) slabRead() func() Fact[SlabUse] {
	reader, top := n.o.Host.NewSlabReader(), host.NewSlabTop(n.o.SlabTop)
	return func() Fact[SlabUse] {
		caches, err := reader.Read()
		if err != nil {
			return NotRead[SlabUse]("proc/slabinfo").With(err)
		}
		largest, other := top.Update(caches)
		use := SlabUse{Top: make([]host.SlabUsage, len(largest)), Other: other}
		copy(use.Top, largest)
		return Known(use)
	}
}

func (n *Node) readLog() Fact[kmsg.Snapshot] {
	n.mu.Lock()
	log := n.log
	n.mu.Unlock()
	if log == nil {
		return Known(kmsg.Snapshot{Status: kmsg.Status{Source: kmsg.SourceNone}})
	}
	return Known(log.Snapshot())
}
