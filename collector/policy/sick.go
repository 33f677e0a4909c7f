package policy

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"kernel_exporter/collector/facts"
	"kernel_exporter/collector/host"
	"kernel_exporter/collector/kmsg"
	"kernel_exporter/collector/kmsg/event"
)

// Health is whether a node is sick now.
type Health string

// The healths.
const (
	Sick         Health = "sick"
	Well         Health = "well"
	HealthUnsure Health = "not known"
)

// A Symptom is one thing that ails a node now.
type Symptom struct {
	Name     string // netdev_wait, memory_cgroups, or an event of the kernel log
	Severity Severity
	Reason   string // what it is, how much of it, and when, as a sentence without a period
	Runbook  string // the alert whose runbook says what to do
}

// A Condition is what ails a node now: its health with the symptoms, the worst
// first.
type Condition struct {
	Health   Health
	Symptoms []Symptom
	Missing  string // what would make it known, where it is not, or not in full; else empty
}

// Recent is how long an event of the kernel log counts as something that happens
// now.
const Recent = 30 * time.Minute

const (
	// waitCritical is how long a wait for a network device may take before it is
	// critical, as in the alert KernelNetdevLeak.
	waitCritical = 10 * time.Minute
)

// lasting says for how long a symptom stays one.
type lasting bool

const (
	recent    lasting = false // for as long as it is [Recent]
	sinceBoot lasting = true  // until the node is mended, which a reboot tells
)

// A Meaning is what an event of the kernel log means for a node.
type Meaning struct {
	Severity Severity
	Runbook  string // of an alert; empty for what needs none
	lasting  lasting
}

// meanings says of each event how bad it is, what stays broken after it, and where
// to read on. An event of severity info is no symptom.
func meanings() map[event.Event]Meaning {
	return map[event.Event]Meaning{
		event.NetdevLeak:                {Info, "KernelNetdevLeak", recent}, // the waits themselves are the symptom
		"page_pool_stalled":             {Warning, "KernelNetdevLeak", recent},
		"slub_alloc_failure":            {Warning, "KernelSlabAllocationFailing", recent},
		"xfs_alloc_deadlock":            {Critical, "KernelSlabAllocationFailing", recent},
		"wrong_slab_cache":              {Warning, "KernelCorruption", sinceBoot},
		"slab_objects_remaining":        {Info, "KernelCorruption", recent},
		"kernel_corruption":             {Warning, "KernelCorruption", sinceBoot},
		"bad_page":                      {Warning, "KernelCorruption", sinceBoot},
		"page_alloc_failure":            {Warning, "KernelPageAllocationFailing", recent},
		"vmalloc_failure":               {Warning, "KernelPageAllocationFailing", recent},
		"oom_kill":                      {Warning, "KernelOutOfMemory", recent},
		"memcg_oom_kill":                {Info, "", recent}, // a container's own limit
		"pids_fork_rejected":            {Info, "KernelPidsLimitHit", recent},
		"hung_task":                     {Warning, "KernelHungTasks", recent},
		"soft_lockup":                   {Critical, "KernelLockup", recent},
		"hard_lockup":                   {Critical, "KernelLockup", recent},
		"workqueue_lockup":              {Warning, "KernelLockup", recent},
		"rcu_stall":                     {Warning, "KernelLockup", recent},
		"oops":                          {Critical, "KernelOops", sinceBoot},
		"kernel_bug":                    {Critical, "KernelOops", sinceBoot},
		"panic":                         {Critical, "KernelOops", sinceBoot},
		"kernel_warning":                {Info, "KernelOops", recent},
		"conntrack_table_full":          {Warning, "KernelConntrackTableFull", recent},
		"neighbour_overflow":            {Warning, "KernelNeighbourTableOverflow", recent},
		"tcp_memory":                    {Warning, "KernelTCPMemoryExhausted", recent},
		"tcp_orphans":                   {Warning, "KernelTCPMemoryExhausted", recent},
		"syn_flood":                     {Info, "", recent},
		event.OverlayfsTechPreview:      {Info, "KernelOverlayfsTechPreview", recent},
		event.OverlayfsUpperUnsupported: {Info, "KernelOverlayfsWithoutDtype", recent},
		event.OverlayfsInUse:            {Info, "", recent},
		"netdev_tx_timeout":             {Warning, "KernelNetdevTxTimeout", recent},
		"nic_reset":                     {Warning, "KernelNetdevTxTimeout", recent},
		"filesystem_readonly":           {Critical, "KernelFilesystemReadOnly", sinceBoot},
		"xfs_shutdown":                  {Critical, "KernelFilesystemReadOnly", sinceBoot},
		"ext4_error":                    {Warning, "KernelFilesystemError", recent},
		"xfs_corruption":                {Critical, "KernelFilesystemError", recent},
		"btrfs_error":                   {Warning, "KernelFilesystemError", recent},
		"zfs_error":                     {Critical, "KernelFilesystemError", recent},
		"filesystem_error":              {Warning, "KernelFilesystemError", recent},
		"verity_error":                  {Warning, "KernelFilesystemError", recent},
		"xfs_metadata_io_error":         {Warning, "KernelIOError", recent},
		"block_io_error":                {Warning, "KernelIOError", recent},
		"buffer_io_error":               {Warning, "KernelIOError", recent},
		"swap_error":                    {Warning, "KernelIOError", recent},
		"storage_transport_error":       {Warning, "KernelStorageError", recent},
		"raid_disk_failure":             {Critical, "KernelStorageError", recent},
		"remote_storage_unresponsive":   {Warning, "KernelStorageError", recent},
		"mce":                           {Warning, "KernelHardwareError", recent},
		"edac":                          {Info, "KernelHardwareError", recent},
		"hardware_error":                {Warning, "KernelHardwareError", recent},
		"memory_failure":                {Critical, "KernelHardwareError", sinceBoot},
		"pcie_error":                    {Warning, "KernelHardwareError", recent},
		"iommu_fault":                   {Warning, "KernelHardwareError", recent},
		"gpu_error":                     {Warning, "KernelHardwareError", recent},
		"hardware_error_corrected":      {Info, "KernelHardwareErrorCorrected", recent},
		"thermal_throttle":              {Info, "", recent},
		"workqueue_hogged":              {Info, "", recent},
		"clocksource_unstable":          {Info, "", recent},
		"file_table_full":               {Warning, "KernelLimitHit", recent},
		"audit_lost":                    {Info, "KernelLimitHit", recent},
	}
}

// MeaningOf returns what an event means for a node.
func MeaningOf(e event.Event) Meaning { return meanings()[e] }

// Examine says what ails a node at a time, by what its kernel logged and counted.
func Examine(s *facts.Snapshot, now time.Time) Condition {
	var c Condition
	log, known := s.Log.Get()
	known = known && log.Up && log.Drained
	if known {
		c.Symptoms = append(c.Symptoms, waits(log)...)
	}
	if log.Drained { // what was read before the log was lost is still true
		c.Symptoms = append(c.Symptoms, logged(log, now)...)
	}
	c.Symptoms = append(c.Symptoms, counted(s, c.Symptoms)...)
	slices.SortStableFunc(c.Symptoms, func(a, b Symptom) int {
		return cmp.Or(cmp.Compare(rank(a.Severity), rank(b.Severity)), cmp.Compare(a.Name, b.Name))
	})
	switch {
	case !known:
		c.Missing = "the kernel log: /dev/kmsg or syslog(2), either with CAP_SYSLOG"
	case !log.CompleteSinceBoot:
		c.Missing = "records of the kernel log that were lost"
	case !log.LeaksKnown:
		c.Missing = "the waits for network devices"
	}
	switch {
	case len(c.Symptoms) > 0:
		c.Health = Sick
	case known:
		c.Health = Well
	default:
		c.Health = HealthUnsure
	}
	return c
}

func rank(s Severity) int { return slices.Index(Severities(), s) }

// waits returns the symptom of network devices that the kernel waits for.
func waits(log kmsg.Snapshot) []Symptom {
	if !log.LeaksKnown || log.Leaks == 0 {
		return nil
	}
	s := Symptom{Name: "netdev_wait", Severity: Warning, Runbook: MeaningOf(event.NetdevLeak).Runbook}
	if log.LongestLeak >= waitCritical {
		s.Severity = Critical
	}
	s.Reason = fmt.Sprintf("the kernel waits for a network device, for %s", Span(log.LongestLeak))
	if log.Leaks > 1 {
		s.Reason = fmt.Sprintf("the kernel waits for %d network devices, for the longest for %s", log.Leaks, Span(log.LongestLeak))
	}
	return []Symptom{s}
}

// logged returns the symptoms that the kernel log shows.
func logged(log kmsg.Snapshot, now time.Time) []Symptom {
	var symptoms []Symptom
	for e, m := range meanings() {
		n := log.Events[e]
		if n.Count == 0 || m.Severity == Info {
			continue
		}
		age := now.Sub(n.LastSeen)
		if m.lasting == recent && !n.LastSeen.IsZero() && age > Recent {
			continue
		}
		when := "at an unknown time"
		if !n.LastSeen.IsZero() {
			when = Span(max(age, 0)) + " ago"
		}
		times := "once since boot, "
		if n.Count > 1 {
			times = fmt.Sprintf("%d times since boot, last ", n.Count)
		}
		symptoms = append(symptoms, Symptom{Name: string(e), Severity: m.Severity, Reason: times + when, Runbook: m.Runbook})
	}
	return symptoms
}

// counted returns the symptoms that the kernel counts itself, those left out that
// its log shows too.
func counted(s *facts.Snapshot, shown []Symptom) []Symptom {
	var symptoms []Symptom
	has := func(name string) bool {
		return slices.ContainsFunc(shown, func(s Symptom) bool { return s.Name == name })
	}
	if n, ok := s.Oopses.Get(); ok && n > 0 && !has("oops") && !has("kernel_bug") {
		symptoms = append(symptoms, Symptom{Name: "oops", Severity: Critical, Reason: fmt.Sprintf("the kernel counts %d since boot", n), Runbook: "KernelOops"})
	}
	if n, ok := s.MemoryCgroups.Get(); ok && n.Total != nil && *n.Total >= host.MemoryCgroupLimit*8/10 {
		severity := Warning
		if *n.Total >= host.MemoryCgroupLimit*95/100 {
			severity = Critical
		}
		symptoms = append(symptoms, Symptom{
			Name: "memory_cgroups", Severity: severity, Runbook: "KernelMemoryCgroupsNearLimit",
			Reason: fmt.Sprintf("%d of at most %d memory cgroups are in use", *n.Total, host.MemoryCgroupLimit),
		})
	}
	return symptoms
}

// Span writes a length of time for a person, in the one or two largest units.
func Span(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 24*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	default:
		return fmt.Sprintf("%d d %d h", int(d.Hours())/24, int(d.Hours())%24)
	}
}
