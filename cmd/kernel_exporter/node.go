package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"kernel_exporter/collector"
	"kernel_exporter/collector/facts"
	"kernel_exporter/collector/host"
	"kernel_exporter/collector/kmsg"
	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/policy"
	"kernel_exporter/collector/printable"
)

// nodeReport is what a person wants to know of a node beside the verdict.
type nodeReport struct {
	Facts    []fact
	Events   []eventReport // the worst severity first, then the latest
	Failures []failure
	Log      logReport
	Caches   []cache
}

// fact is a line such as: memory cgroups, 812 of at most 65535.
type fact struct{ Name, Text string }

// eventReport is how often the kernel logged an event since boot.
type eventReport struct {
	Name     string
	Doc      string
	Count    uint64
	Severity policy.Severity
	Runbook  string // empty: none
	Last     string // when it was last seen, for a person
	LastSeen time.Time
}

// failure is a collector that could not read all.
type failure struct{ Collector, Err string }

// logReport says how far the kernel log can be trusted.
type logReport struct {
	Up   bool
	Text string
}

// cache is a slab cache, with its share of all slab memory in percent.
type cache struct {
	Name  string
	Size  string
	Share int
}

func newNodeReport(j collector.Judgement, now time.Time) nodeReport {
	r := nodeReport{Log: newLogReport(j.Log)}
	for _, f := range j.Failures {
		r.Failures = append(r.Failures, failure{f.Collector, oneLine(f.Err.Error())})
	}
	if j.Facts == nil {
		return r
	}
	r.Events = newEventReports(j.Log, now)
	r.Facts = []fact{
		{"uptime", uptime(j, now)},
		{"taint", taint(j)},
		{"slab", slab(j)},
		{"cgroups", cgroups(j)},
		{"kmem", kmem(j)},
	}
	if s, ok := j.Facts.Slab.Get(); ok {
		r.Caches = newCaches(s)
	}
	return r
}

// newCaches returns the largest slab caches, the largest first, and then the rest.
func newCaches(s facts.SlabUse) []cache {
	top := slices.SortedFunc(slices.Values(s.Top), func(a, b host.SlabUsage) int { return cmp.Compare(b.Bytes, a.Bytes) })
	rest := s.Other
	rest.Name = "all others"
	var all uint64
	for _, c := range append(top, rest) {
		all += c.Bytes
	}
	caches := make([]cache, 0, len(top)+1)
	for _, c := range append(top, rest) {
		caches = append(caches, cache{printable.String(c.Name), size(c.Bytes), int(c.Bytes * 100 / max(all, 1))})
	}
	return caches
}

// nameTime is how long a root may take to say its name and its time, which are not
// waited for.
const nameTime = time.Second

// nameOf returns the name of the node, empty where it cannot be read, or not in
// time.
func nameOf(root *host.FS) string {
	name, err := within(nameTime, root.Path("."), func() (string, error) { return root.NodeName(), nil })
	if err != nil {
		return ""
	}
	return name
}

// clockOf returns the clock by which what happens on a node is old or new: of a
// root that was recorded elsewhere, the moment of the recording.
func clockOf(root *host.FS, now func() time.Time) func() time.Time {
	if root.Live() {
		return now
	}
	moment, err := within(nameTime, root.Path("."), func() (time.Time, error) {
		boot, err := root.BootTime()
		if err != nil {
			return time.Time{}, err
		}
		uptime, err := root.Uptime()
		return boot.Add(uptime), err
	})
	if err != nil {
		return now
	}
	return func() time.Time { return moment }
}

func newLogReport(log kmsg.Snapshot) logReport {
	r := logReport{Up: log.Up}
	switch lost := log.LostBeforeStart + log.LostOverrun; {
	case !log.Up && errors.Is(log.Err, fs.ErrPermission):
		r.Text = "cannot be read without CAP_SYSLOG: " + oneLine(log.Err.Error())
	case !log.Up && log.Err != nil:
		r.Text = "cannot be read: " + oneLine(log.Err.Error())
	case !log.Up:
		r.Text = "is not read"
	case log.CompleteSinceBoot:
		r.Text = "read by " + log.Source + ", complete since boot"
	case lost == 0:
		r.Text = "read by " + log.Source + ", not complete since boot"
	default:
		atLeast := ""
		if log.Source == kmsg.SourceSyslog { // which does not say how much a gap was
			atLeast = "at least "
		}
		r.Text = fmt.Sprintf("read by %s, not complete since boot: %s%s lost", log.Source, atLeast, count(int(lost), "record"))
	}
	return r
}

func newEventReports(log kmsg.Snapshot, now time.Time) []eventReport {
	var events []eventReport
	for _, e := range event.All() {
		n := log.Events[e]
		if n.Count == 0 {
			continue
		}
		meaning := policy.MeaningOf(e)
		last := "at an unknown time"
		if !n.LastSeen.IsZero() {
			last = policy.Span(max(now.Sub(n.LastSeen), 0)) + " ago"
		}
		events = append(events, eventReport{string(e), e.Doc(), n.Count, meaning.Severity, meaning.Runbook, last, n.LastSeen})
	}
	slices.SortStableFunc(events, func(a, b eventReport) int {
		return cmp.Or(cmp.Compare(rank(a.Severity), rank(b.Severity)), b.LastSeen.Compare(a.LastSeen))
	})
	return events
}

const notKnown = "not known"

func uptime(j collector.Judgement, now time.Time) string {
	boot, ok := j.Facts.BootTime.Get()
	if !ok || boot.After(now) {
		return notKnown
	}
	return fmt.Sprintf("%s, since %s", policy.Span(now.Sub(boot)), boot.UTC().Format("2006-01-02 15:04 UTC"))
}

func slab(j collector.Judgement) string {
	m, ok := j.Facts.Memory.Get()
	if !ok || m.SlabUnreclaimable == nil {
		return notKnown
	}
	text := size(*m.SlabUnreclaimable) + " unreclaimable"
	if m.Total != nil && *m.Total > 0 {
		text += fmt.Sprintf(" (%.1f %% of %s)", float64(*m.SlabUnreclaimable)/float64(*m.Total)*100, size(*m.Total))
	}
	if m.SlabReclaimable != nil {
		text += ", " + size(*m.SlabReclaimable) + " reclaimable"
	}
	return text
}

func cgroups(j collector.Judgement) string {
	var parts []string
	if h, ok := j.Facts.Hierarchy.Get(); ok {
		parts = append(parts, "hierarchy "+h)
	}
	n, _ := j.Facts.MemoryCgroups.Get()
	if n.Total != nil {
		parts = append(parts, fmt.Sprintf("%d memory cgroups of at most %d", *n.Total, host.MemoryCgroupLimit))
	}
	dying := n.Dying
	if counted, ok := j.Facts.DyingCgroups.Get(); ok && dying == nil {
		dying = &counted.Dying
	}
	if dying != nil {
		parts = append(parts, fmt.Sprintf("%d of them dying", *dying))
	}
	return cmp.Or(strings.Join(parts, ", "), notKnown)
}

func kmem(j collector.Judgement) string {
	text := "accounting not known"
	if active, ok := j.Facts.KmemAccounting.Get(); ok {
		text = map[bool]string{true: "accounted to cgroups", false: "not accounted"}[active]
	}
	if k, ok := j.Facts.Kmem.Get(); ok && k.Usage != nil {
		text += ", " + size(*k.Usage) + " in use"
	}
	return text
}

// taint says in words what taints the kernel (Documentation/admin-guide/
// tainted-kernels.rst).
func taint(j collector.Judgement) string {
	mask, ok := j.Facts.Tainted.Get()
	switch {
	case !ok:
		return notKnown
	case mask == 0:
		return "none"
	}
	var words []string
	for bit, word := range []string{
		"P proprietary module", "F module loaded by force", "S out of specification", "R module unloaded by force",
		"M machine check", "B bad page", "U by user space", "D oops", "A ACPI table overridden", "W warning", "C staging driver",
		"I firmware workaround", "O out-of-tree module", "E unsigned module", "L soft lockup", "K live patch", "X auxiliary",
		"T struct randomisation", "N in-kernel test",
	} {
		if mask&(1<<bit) != 0 {
			words = append(words, word)
			mask &^= 1 << bit
		}
	}
	for bit := range 64 {
		if mask&(1<<bit) != 0 {
			words = append(words, fmt.Sprintf("bit %d", bit))
		}
	}
	return strings.Join(words, ", ")
}

// size writes a number of bytes for a person.
func size(bytes uint64) string {
	value, unit := float64(bytes), "B"
	for _, next := range []string{"kB", "MB", "GB", "TB"} {
		if value < 1000 {
			break
		}
		value, unit = value/1000, next
	}
	if unit == "B" || value >= 100 {
		return fmt.Sprintf("%.0f %s", value, unit)
	}
	return fmt.Sprintf("%.1f %s", value, unit)
}
