package facts

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"kernel_exporter/collector/host"
)

const osReleaseFile = "proc/sys/kernel/osrelease"

// addSlow sets up what is read between the scrapes. What nobody asks for is set up
// and never read.
func (n *Node) addSlow() {
	n.kernel = newSlow(osReleaseFile, 0, patience, n.readKernel)
	n.bootID = newSlow("proc/sys/kernel/random/boot_id", 0, patience, func(context.Context, Fact[string]) Fact[string] {
		id, err := n.o.Host.BootID()
		return ReadFrom(id, err, "proc/sys/kernel/random/boot_id")
	})
	n.bootTime = newSlow("proc/stat", bootEvery, bootEvery, func(context.Context, Fact[time.Time]) Fact[time.Time] {
		t, err := n.o.Host.BootTime()
		return ReadFrom(t, err, "proc/stat")
	})
	n.commandLine = newSlow("proc/cmdline", 0, patience, func(context.Context, Fact[[]string]) Fact[[]string] {
		words, err := n.o.Host.CommandLine()
		return ReadFrom(words, err, "proc/cmdline")
	})
	n.config = newSlow("the kernel's configuration", 0, patience, n.readConfig)
	n.os = newSlow("etc/os-release or usr/lib/os-release", filesEvery, patience, func(context.Context, Fact[host.OS]) Fact[host.OS] {
		v, err := n.o.Host.OS()
		return ReadFrom(v, err, "etc/os-release or usr/lib/os-release")
	})
	n.fileSystems = newSlow("proc/filesystems", filesEvery, patience, func(context.Context, Fact[host.FileSystems]) Fact[host.FileSystems] {
		v, err := n.o.Host.FileSystems()
		return ReadFrom(v, err, "proc/filesystems")
	})
	n.overlay = newSlow("sys/module/overlay/taint", filesEvery, patience, func(context.Context, Fact[host.Answer]) Fact[host.Answer] {
		v, err := n.o.Host.OverlayModuleTaint()
		return ReadFrom(v, err, "sys/module/overlay/taint")
	})
	n.mounts = newSlow(mountTable, mountsEvery, patience, func(context.Context, Fact[host.Mounts]) Fact[host.Mounts] {
		m, err := n.o.Host.Mounts()
		return ReadFrom(m, err, mountTable)
	})
	n.probes = newSlow("the probes of features", probesEvery, patience, n.readProbes)
	n.varLib = newSlow("/var/lib", mountsEvery, patience, func(context.Context, Fact[bool]) Fact[bool] {
		there, err := n.o.Host.HasVarLib()
		return ReadFrom(there, err, "/var/lib")
	})
	n.livePatches = newSlow("sys/kernel/livepatch", probesEvery, patience, func(context.Context, Fact[[]string]) Fact[[]string] {
		patches, err := n.o.Host.LivePatches()
		return ReadFrom(patches, err, "sys/kernel/livepatch")
	})
	n.enabled = newSlow("proc/cgroups", 0, patience, n.readEnabled)
	n.reboot = newSlow("lib/modules and run/reboot-required", rebootEvery, patience, n.readReboot)
	n.txTimeouts = newSlow("sys/class/net", probesEvery, countMaxAge, n.readTxTimeouts())
	n.dying = newSlow("the directories of the memory cgroups", countEvery, countMaxAge, n.countDying)
	n.slow = []background{n.kernel, n.bootID, n.bootTime, n.commandLine, n.config, n.os, n.fileSystems, n.overlay, n.mounts, n.probes, n.livePatches, n.enabled}
	for set, fact := range map[Set]background{DyingCgroups: n.dying, Reboot: n.reboot, TxTimeouts: n.txTimeouts} {
		if n.o.Want&set != 0 {
			n.slow = append(n.slow, fact)
		}
	}
	n.stores = map[string]*slow[host.Answer]{}
	if !n.o.Host.Live() {
		return
	}
	n.slow = append(n.slow, n.varLib)
	for _, path := range storePaths(n.o) {
		s := newSlow(path, mountsEvery, patience, func(context.Context, Fact[host.Answer]) Fact[host.Answer] {
			answer, err := n.o.Host.StoreDType(path)
			return ReadFrom(answer, err, path)
		})
		n.stores[path] = s
		n.slow = append(n.slow, s)
	}
}

// readKernel may give a kernel that is known in part, with an error.
func (n *Node) readKernel(context.Context, Fact[host.Kernel]) Fact[host.Kernel] {
	if n.o.Kernel != nil {
		return Known(*n.o.Kernel)
	}
	k, err := n.o.Host.Kernel()
	if !k.Known() {
		f := NotRead[host.Kernel](osReleaseFile)
		f.err = err // no release is no kernel: its absence is a fault
		return f
	}
	return Known(k).With(err)
}

// readConfig waits for the release that it is the configuration of.
func (n *Node) readConfig(ctx context.Context, _ Fact[host.Config]) Fact[host.Config] {
	k, ok := n.kernel.wait(ctx).Get()
	if !ok {
		return NotRead[host.Config](osReleaseFile)
	}
	c, err := n.o.Host.Config(k.Release)
	if err != nil {
		return NotRead[host.Config](fmt.Sprintf("the kernel's configuration: proc/config.gz, boot/config-%[1]s or lib/modules/%[1]s/config", k.Release.Raw))
	}
	return Known(c)
}

func (n *Node) readProbes(ctx context.Context, _ Fact[map[string]host.Answer]) Fact[map[string]host.Answer] {
	m, _ := n.mounts.wait(ctx).Get()
	return Known(n.o.Host.Probes(m))
}

// silentCgroups is the last line of which it is known that reading /proc/cgroups does
// not make it log a complaint where no hierarchy of version 1 is mounted
// (a0ab1453226d8).
func silentCgroups() host.Version { return host.Version{Major: 6, Minor: 1} }

// readEnabled reads /proc/cgroups once, where that disturbs nobody.
func (n *Node) readEnabled(ctx context.Context, _ Fact[host.Answer]) Fact[host.Answer] {
	k, known := n.kernel.wait(ctx).Get()
	m, _ := n.mounts.wait(ctx).Get()
	line := host.Version{Major: k.Release.Version.Major, Minor: k.Release.Version.Minor}
	silent := m.HasCgroup1 || known && line.Compare(silentCgroups()) <= 0 || !n.o.Host.Live()
	if !silent {
		return NotKnowable[host.Answer]("proc/cgroups, of which this kernel complains when it is read")
	}
	enabled, err := n.o.Host.ControllerEnabled()
	return ReadFrom(enabled, err, "proc/cgroups")
}

// readReboot asks of the kernel that runs, be another one judged or not.
func (n *Node) readReboot(ctx context.Context, _ Fact[bool]) Fact[bool] {
	k, ok := n.kernel.wait(ctx).Get()
	if !ok || n.o.Kernel != nil {
		return NotRead[bool](osReleaseFile)
	}
	pending, err := n.o.Host.RebootPending(k)
	return Answered(pending, err, "lib/modules with the running kernel, or run/reboot-required")
}

// readTxTimeouts returns what reads the time-outs, which remembers the last ones.
func (n *Node) readTxTimeouts() func(context.Context, Fact[uint64]) Fact[uint64] {
	counts := n.o.Host.NewTxTimeouts()
	return func(ctx context.Context, _ Fact[uint64]) Fact[uint64] {
		sum, err := counts.Read(ctx)
		if sum > 0 { // what could not be read is missing in it, and it does not fall
			return Known(sum).With(err)
		}
		return ReadFrom(sum, err, "a network card in sys/class/net")
	}
}

// probed are the answers of the probes, and of what each scrape reads.
func (n *Node) probed(s *Snapshot) map[string]host.Answer {
	read, _ := n.probes.get().Get()
	out := make(map[string]host.Answer, len(read)+1)
	maps.Copy(out, read)
	if f, ok := s.FileSystems.Get(); ok {
		out[host.ProbeCgroup2] = f.ProbeCgroup2()
	}
	return out
}

// firstDyingCounted is the first kernel whose num_cgroups is known to include the
// dying cgroups. 3.10 takes a cgroup off at rmdir; nothing is known of those
// between.
func firstDyingCounted() host.Version { return host.Version{Major: 4, Minor: 4} }

// countDying counts the dying cgroups of version 1, which takes too long for a
// scrape. While cgroups come and go there is no result, and the count before it
// stays for 3 minutes.
func (n *Node) countDying(ctx context.Context, last Fact[host.CgroupCount]) Fact[host.CgroupCount] {
	none := NotKnowable[host.CgroupCount]("a count of the memory cgroups' directories")
	k, known := n.kernel.wait(ctx).Get()
	m, ok := n.mounts.wait(ctx).Get()
	if !known || !ok || k.Release.Version.Compare(firstDyingCounted()) < 0 {
		return none
	}
	count, err := n.o.Host.CountCgroups(ctx, m.Cgroup1Memory)
	switch old, ok := last.Get(); {
	case err == nil && !count.At.IsZero():
		return Known(count)
	case ok && time.Since(old.At) < countMaxAge:
		return Known(old).With(err)
	default:
		return none.With(err)
	}
}

// storePaths returns the directories of container stores, each once.
func storePaths(o Options) []string {
	all := slices.Concat(o.Host.StorePaths(), o.Stores)
	slices.Sort(all)
	return slices.Compact(all)
}
