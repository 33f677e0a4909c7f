package collector

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"kernel_exporter/collector/facts"
	"kernel_exporter/collector/host"
	"kernel_exporter/collector/kmsg"
	"kernel_exporter/collector/policy"
)

// Judgement is what the policy says of a node. Metrics, landing page and the
// check command all show the same one.
type Judgement struct {
	Policy   *policy.Policy
	Facts    facts.Facts
	Verdicts []policy.Verdict
	Features []policy.FeatureVerdict
	Bugs     []policy.BugVerdict
	Log      kmsg.Snapshot // what is known of the kernel log
}

// judgementAge is for how long a judgement is believed: so long that the
// collectors of one scrape share it.
const judgementAge = time.Second

// Judge judges the node as it is now, or was a second ago.
func (e *Env) Judge() Judgement {
	e.judging.Lock()
	defer e.judging.Unlock()
	if e.judgedAt.IsZero() || time.Since(e.judgedAt) > judgementAge {
		facts := e.facts()
		e.judged = Judgement{
			Policy:   e.Policy,
			Facts:    facts,
			Verdicts: e.Policy.Evaluate(facts, e.Now()),
			Features: e.Policy.Support(facts),
			Bugs:     e.Policy.KnownBugs(facts),
			Log:      e.Log.Snapshot(),
		}
		e.judgedAt = time.Now()
	}
	return e.judged
}

// facts gathers what the policy judges, each with why it is unknown if it is.
func (e *Env) facts() facts.Facts {
	kernel, _ := e.Kernel() // the kernel collector reports the error
	mounts, _, errMounts := e.Mounts.Snapshot()
	return facts.Facts{
		Kernel:             kernelFact(kernel),
		OS:                 e.osFact(),
		Hierarchy:          hierarchyFact(mounts, errMounts),
		Config:             e.configFact(kernel),
		OverlayTechPreview: e.previewFact(errMounts),
		KmemAccounting:     e.kmemFact(kernel, mounts, errMounts),
		DType:              e.dtypeFact(),
		Probes:             e.Host.Probes(mounts),
	}
}

func kernelFact(k host.Kernel) facts.Fact[host.Kernel] {
	if !k.Known() {
		return facts.NotRead[host.Kernel]("proc/sys/kernel/osrelease")
	}
	return facts.Known(k)
}

func (e *Env) osFact() facts.Fact[host.OS] {
	o, err := e.Host.OS()
	if err != nil {
		return facts.NotRead[host.OS]("etc/os-release or usr/lib/os-release")
	}
	return facts.Known(o)
}

const mountTable = "proc/1/mountinfo"

func hierarchyFact(m host.Mounts, err error) facts.Fact[string] {
	switch h := m.Hierarchy(); {
	case err != nil:
		return facts.NotRead[string](mountTable)
	case h == "":
		return facts.NotKnowable[string]("a mounted cgroup hierarchy in " + mountTable)
	default:
		return facts.Known(string(h))
	}
}

// configFact reads the kernel's configuration once: it is constant for a boot,
// and to unpack it takes longer than a scrape.
func (e *Env) configFact(k host.Kernel) facts.Fact[host.Config] {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.config == nil && k.Known() {
		c, err := e.Host.Config(k.Release)
		f := facts.Known(c)
		if err != nil {
			f = facts.NotRead[host.Config](fmt.Sprintf("the kernel's configuration: proc/config.gz, boot/config-%[1]s or lib/modules/%[1]s/config", k.Release.Raw))
		}
		e.config = &f
	}
	if e.config == nil {
		return facts.NotRead[host.Config]("proc/sys/kernel/osrelease")
	}
	return *e.config
}

func (e *Env) previewFact(errMounts error) facts.Fact[bool] {
	preview, err := e.overlayTechPreview()
	if n := e.Log.Snapshot(); !preview.Known() && n.Err != nil {
		return facts.NotRead[bool]("dev/kmsg (CAP_SYSLOG)")
	}
	return facts.Answered(preview, errors.Join(err, errMounts), "proc/sys/kernel/tainted, "+mountTable+" and the kernel log since boot")
}

func (e *Env) kmemFact(k host.Kernel, m host.Mounts, errMounts error) facts.Fact[bool] {
	_, accounting, err := e.kmem(k, m)
	return facts.Answered(accounting, errors.Join(err, errMounts), "proc/cmdline, "+mountTable+" and memory.kmem.usage_in_bytes of the root cgroup")
}

func (e *Env) dtypeFact() facts.Fact[map[string]facts.Fact[bool]] {
	if !e.Host.Live() {
		return facts.NotKnowable[map[string]facts.Fact[bool]]("the machine itself: a copy of its files does not tell")
	}
	stores := map[string]facts.Fact[bool]{}
	for _, s := range e.Mounts.Stores() {
		missing := s.Path + " with an entry in it"
		switch {
		case errors.Is(s.Err, fs.ErrPermission):
			missing = s.Path + " (CAP_DAC_READ_SEARCH)"
		case errors.Is(s.Err, fs.ErrNotExist):
			missing = "the host's container stores below --path.rootfs"
		}
		stores[s.Path] = facts.Answered(s.DType, s.Err, missing)
	}
	return facts.Known(stores)
}
