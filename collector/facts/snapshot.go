package facts

import (
	"errors"
	"io/fs"
	"maps"
	"math/bits"
	"slices"
	"strings"
	"time"

	"kernel_exporter/collector/host"
	"kernel_exporter/collector/kmsg"
	"kernel_exporter/collector/kmsg/event"
)

// A Set names facts that are gathered together.
type Set uint32

// The facts that are read from files of their own at each scrape.
const (
	Tainted Set = 1 << iota
	Oopses
	Warnings
	HungTasks
	Kmem
	MemoryCgroups
	Memory
	Slab
	KernelLog
)

// The facts that are read between the scrapes, for whoever asks for one.
const (
	Boot Set = 1 << (iota + 16)
	DyingCgroups
	Reboot
	TxTimeouts
)

// Judged are the facts that [Facts] is made from.
const Judged = Tainted | Kmem | KernelLog

// SlabUse is the memory in slab caches: the largest by name, and the rest.
type SlabUse struct {
	Top   []host.SlabUsage
	Other host.SlabUsage
}

// A Snapshot is what is known of a node at one moment. It does not change any more.
type Snapshot struct {
	Facts

	// Created is when the kernel booted, as it said first: it corrects that when
	// the wall clock is set, but the created timestamp of a counter has to be the
	// same on every scrape. It is zero where it is not known.
	Created time.Time
	// BootTime is when the kernel booted, at most 5 minutes old.
	BootTime Fact[time.Time]
	// Tainted is the kernel's mask of taints.
	Tainted Fact[uint64]
	// Oopses, Warnings and HungTasks are the kernel's own counts since boot.
	Oopses, Warnings, HungTasks Fact[uint64]
	// FileSystems are the file systems that the kernel has, at most a minute old.
	FileSystems Fact[host.FileSystems]
	// OverlayModule says whether the overlay module taints the kernel, at most a
	// minute old.
	OverlayModule Fact[host.Answer]
	// CommandLine is the words of the kernel's command line.
	CommandLine Fact[[]string]
	// ControllerEnabled is what /proc/cgroups says of the memory controller.
	ControllerEnabled Fact[host.Answer]
	// Mounts is the mount table, at most 5 seconds old.
	Mounts Fact[host.Mounts]
	// Kmem is what the memory controller's files say of kernel memory.
	Kmem Fact[host.Kmem]
	// MemoryCgroups is how many memory cgroups there are.
	MemoryCgroups Fact[host.MemoryCgroups]
	// DyingCgroups is the last count of dying memory cgroups of version 1, at most
	// 3 minutes old.
	DyingCgroups Fact[host.CgroupCount]
	// Reboot: the host waits for a reboot into another kernel; at most 5 minutes old.
	Reboot Fact[bool]
	// TxTimeouts is how often network cards have timed out in sending; it never
	// falls, and is at most 3 minutes old.
	TxTimeouts Fact[uint64]
	// Memory is what matters here of proc/meminfo.
	Memory Fact[host.Meminfo]
	// Slab is the memory in slab caches.
	Slab Fact[SlabUse]
	// Log is what is known of the kernel log.
	Log Fact[kmsg.Snapshot]

	took [32]time.Duration // by the bit of the fact
}

// Took returns for how long the facts of a set were read.
func (s *Snapshot) Took(set Set) time.Duration {
	var sum time.Duration
	for ; set != 0; set &= set - 1 {
		sum += s.took[bits.TrailingZeros32(uint32(set))]
	}
	return sum
}

const mountTable = "proc/1/mountinfo"

// judge fills in what follows from the facts that were read.
func (s *Snapshot) judge() {
	s.Hierarchy = hierarchy(s.Mounts)
	s.OverlayTechPreview = s.techPreview()
	s.KmemAccounting = s.kmemAccounting()
	s.MemoryController = s.memoryController()
}

func hierarchy(mounts Fact[host.Mounts]) Fact[string] {
	m, ok := mounts.Get()
	if !ok {
		return unknownAs[string](mounts)
	}
	h := m.Hierarchy()
	if h == "" {
		return NotKnowable[string]("a mounted cgroup hierarchy in " + mountTable)
	}
	return Known(string(h))
}

// unknownAs is a fact of another type that is unknown as this one is.
func unknownAs[T, U any](f Fact[U]) Fact[T] {
	return Fact[T]{cause: f.Cause(), missing: f.missing, err: f.err}
}

// techPreview says whether overlayfs is in use as a technology preview, from all
// that hints at it: the kernel, its taint, the mounts and the log.
func (s *Snapshot) techPreview() Fact[bool] {
	use := OverlayUse{Logged: s.logged(event.OverlayfsTechPreview)}
	if k, ok := s.Kernel.Get(); ok {
		use.Kernel = &k
	}
	if tainted, ok := s.Tainted.Get(); ok {
		use.Tainted = &tainted
	}
	if m, ok := s.Mounts.Get(); ok {
		use.Mounts = &m.Overlays
	}
	use.ModuleTaint, _ = s.OverlayModule.Get()
	preview := TechPreview(use)
	if preview.Known() {
		return Known(preview == host.Yes)
	}
	if log, ok := s.Log.Get(); ok && log.Err != nil {
		return NotRead[bool]("dev/kmsg (CAP_SYSLOG)")
	}
	missing := "proc/sys/kernel/tainted, " + mountTable + " and the kernel log since boot"
	return unknownFrom(missing, s.Tainted.status(), s.OverlayModule.status(), s.Mounts.status(), s.Log.status())
}

// logged says whether the kernel has logged an event since boot.
func (s *Snapshot) logged(e event.Event) host.Answer {
	n, ok := s.Log.Get()
	switch {
	case ok && n.Drained && n.Events[e].Count > 0:
		return host.Yes
	case ok && n.Drained && n.CompleteSinceBoot:
		return host.No
	default:
		return host.Unknown
	}
}

func (s *Snapshot) kmemAccounting() Fact[bool] {
	var use KmemUse
	if k, ok := s.Kernel.Get(); ok {
		use.Version = k.Release.Version
		if words, ok := s.CommandLine.Get(); ok {
			use.NoKmem = NoKmem(k, words)
		}
	} else if words, ok := s.CommandLine.Get(); ok {
		use.NoKmem = NoKmem(host.Kernel{}, words)
	}
	use.Files, _ = s.Kmem.Get()
	if answer := KmemAccounting(use); answer.Known() {
		return Known(answer == host.Yes)
	}
	missing := "proc/cmdline, " + mountTable + " and memory.kmem.usage_in_bytes of the root cgroup"
	return unknownFrom(missing, s.CommandLine.status(), s.Kmem.status(), s.Mounts.status())
}

// memoryController says whether the memory controller is on: by its files, else by
// /proc/cgroups, else by the command line.
func (s *Snapshot) memoryController() Fact[bool] {
	if files, ok := s.Kmem.Get(); ok && files.Controller.Known() {
		return Known(files.Controller == host.Yes)
	}
	if enabled, ok := s.ControllerEnabled.Get(); ok && enabled.Known() {
		return Known(enabled == host.Yes)
	}
	if words, ok := s.CommandLine.Get(); ok && leavesOutMemory(words) {
		return Known(false)
	}
	return unknownFrom("proc/cmdline, "+mountTable+" and the files of the memory controller", s.CommandLine.status(), s.Kmem.status(), s.Mounts.status())
}

// leavesOutMemory says whether a kernel was told to leave the memory controller out
// (cgroup_disable, kernel/cgroup/cgroup.c) and not to take it in after all, which
// those of Debian and Raspberry Pi OS can be: the firmware of the latter says the
// first, and users the second.
func leavesOutMemory(words []string) bool {
	out := false
	for _, word := range words {
		key, list, _ := strings.Cut(word, "=")
		if (key == "cgroup_disable" || key == "cgroup_enable") && slices.Contains(strings.Split(list, ","), "memory") {
			out = key == "cgroup_disable"
		}
	}
	return out
}

// A status is how the reading of a fact went.
type status struct {
	cause Cause
	err   error
}

func (f Fact[T]) status() status { return status{f.Cause(), f.err} }

// unknownFrom is a fact that does not follow from others: because some of them have
// not arrived, or cannot be read, or because nobody could tell.
func unknownFrom(missing string, from ...status) Fact[bool] {
	f := NotKnowable[bool](missing)
	for _, s := range from {
		switch {
		case s.cause == TimedOut:
			return NotInTime[bool](missing)
		case s.err != nil:
			f = NotRead[bool](missing)
		}
	}
	return f
}

// stores makes one fact of what is known of each container store. Without even a
// var/lib, as in a pod that mounts none of the host's stores, that is what is not
// read: a store that cannot be seen is not no store.
func stores(varLib Fact[bool], byPath map[string]Fact[host.Answer]) Fact[map[string]Fact[bool]] {
	out := map[string]Fact[bool]{}
	if there, ok := varLib.Get(); !ok || !there {
		f := NotRead[bool]("the host's container stores below --path.rootfs")
		if !ok {
			f = unknownAs[bool](varLib)
		}
		out["/var/lib"] = f
		return Known(out)
	}
	for path, s := range byPath {
		answer, ok := s.Get()
		switch {
		case ok && answer.Known():
			out[path] = Known(answer == host.Yes)
		case ok:
			out[path] = NotKnowable[bool](path + " with an entry in it")
		case s.Cause() == TimedOut:
			out[path] = NotInTime[bool](path)
		case errors.Is(s.err, fs.ErrPermission):
			out[path] = NotRead[bool](path + " (CAP_DAC_READ_SEARCH)").With(s.err)
		case s.err != nil:
			out[path] = NotRead[bool](path + " with an entry in it").With(s.err)
		}
	}
	return Known(out)
}

// Stores returns the container stores' paths in order.
func (f Facts) Stores() []string {
	byPath, _ := f.DType.Get()
	return slices.Sorted(maps.Keys(byPath))
}
