package event_test

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
)

// match returns the event that a text opens.
func match(m *event.Matcher, text []byte) (event.Event, bool) {
	f, ok := m.Find(text)
	return f.Event, ok
}

func formats() []formatted {
	return slices.Concat(
		memoryFormats(), slabFormats(), lockupFormats(), oopsFormats(),
		networkFormats(), overlayFormats(), filesystemFormats(), hardwareFormats(),
		transportFormats(), nicFormats(), corruptionFormats(), moreFilesystemFormats(), moreHardwareFormats(), limitFormats(),
	)
}

func TestFormats(t *testing.T) {
	t.Parallel()
	m := event.NewMatcher()
	seen := map[event.Event]bool{}
	for _, f := range formats() {
		seen[f.event] = true
		got, ok := match(m, []byte(f.line))
		if !ok || got != f.event {
			t.Errorf("%s (%t), want %s: %q of %s", got, ok, f.event, f.line, f.kernel)
		}
	}
	for _, e := range event.All() {
		if !seen[e] {
			t.Errorf("no format of %s", e)
		}
	}
}

// TestEveryTemplateIsNeeded holds that each template has a line, so that none
// stays that matches nothing, and that a line is of one event whichever template
// is asked first.
func TestEveryTemplateIsNeeded(t *testing.T) {
	t.Parallel()
	for _, m := range event.TemplateMatchers() {
		used := false
		for _, f := range formats() {
			if _, ok := m.Find([]byte(f.line)); ok {
				used = true
				if m.Event != f.event && !m.Belongs {
					t.Errorf("template %q calls %q %s, want %s", m.Text, f.line, m.Event, f.event)
				}
			}
		}
		for _, line := range nearMisses()[m.Event] {
			_, ok := m.Find([]byte(line))
			used = used || ok && m.Belongs
		}
		if !used {
			t.Errorf("template %q of %s matches no line", m.Text, m.Event)
		}
	}
}

// TestNothingBeforeFormats holds that a report is one only at the beginning of
// the record: what user space or another message quotes is none.
func TestNothingBeforeFormats(t *testing.T) {
	t.Parallel()
	m := event.NewMatcher()
	for _, f := range formats() {
		if event.BeginsWithName(m, []byte(f.line)) {
			continue
		}
		for _, before := range []string{"x", " ", "kernel: ", "[  1.000000] ", `time="2016-01-25" msg="`, "\n", "\t"} {
			if e, ok := match(m, []byte(before+f.line)); ok {
				t.Errorf("%q is %s", before+f.line, e)
			}
		}
	}
}

// TestWholeRecordCounts holds that an event is neither made by what follows a
// newline, nor by what stands before one that another text follows.
func TestWholeRecordCounts(t *testing.T) {
	t.Parallel()
	m := event.NewMatcher()
	for _, f := range formats() {
		for _, text := range []string{
			"x[12]: segfault at 0\n" + f.line,
			f.line + "\nIN=eth0 OUT= SRC=10.0.0.1 DST=10.0.0.2 LEN=40",
		} {
			if e, ok := match(m, []byte(text)); ok {
				t.Errorf("%q is %s", text, e)
			}
		}
	}
}

func TestMatchDoesNotAllocate(t *testing.T) { //nolint:paralleltest // counts allocations
	if raceEnabled {
		t.Skip("regexp allocates under the race detector")
	}
	m := event.NewMatcher()
	var lines [][]byte
	for _, f := range formats() {
		lines = append(lines, []byte(f.line))
	}
	for _, l := range corpus(t) {
		lines = append(lines, []byte(l.message))
	}
	var r record.Record
	record := []byte("6,1,2,-,caller=T1;plain\n SUBSYSTEM=x\n")
	if n := testing.AllocsPerRun(20, func() {
		for _, l := range lines {
			match(m, l)
			event.Suppressed(l)
		}
		if r.Parse(record) != nil {
			t.Fail()
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestMatchConcurrently(t *testing.T) {
	t.Parallel()
	m := event.NewMatcher()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for _, f := range formats() {
				if e, ok := match(m, []byte(f.line)); !ok || e != f.event {
					t.Errorf("%q is %s, %t", f.line, e, ok)
				}
			}
		})
	}
	wg.Wait()
}

func TestEventNames(t *testing.T) {
	t.Parallel()
	name := regexp.MustCompile(`^[a-z0-9]+(?:_[a-z0-9]+)*$`)
	seen := map[event.Event]bool{}
	for _, e := range event.All() {
		if !name.MatchString(string(e)) || seen[e] || !event.Known(string(e)) {
			t.Errorf("event %q", e)
		}
		seen[e] = true
		if doc := e.Doc(); !strings.HasSuffix(doc, ".") {
			t.Errorf("%s is documented as %q", e, doc)
		}
	}
	for _, e := range []event.Event{event.NetdevLeak, event.OverlayfsTechPreview, event.OverlayfsUpperUnsupported, event.OverlayfsInUse} {
		if !seen[e] {
			t.Errorf("%s is a constant and not in the table", e)
		}
	}
	for _, name := range []string{"", "unknown", "Netdev_leak", "none"} {
		if event.Known(name) || event.Event(name).Doc() != "" {
			t.Errorf("there is an event %q", name)
		}
	}
}

// TestContract fixes the names, which alerts and dashboards are written against.
func TestContract(t *testing.T) {
	t.Parallel()
	want := strings.Fields(`netdev_leak slub_alloc_failure wrong_slab_cache slab_objects_remaining
		page_alloc_failure oom_kill memcg_oom_kill pids_fork_rejected bad_page hung_task soft_lockup
		hard_lockup workqueue_lockup rcu_stall oops kernel_bug panic conntrack_table_full
		neighbour_overflow tcp_memory tcp_orphans overlayfs_tech_preview overlayfs_upper_unsupported
		overlayfs_in_use netdev_tx_timeout ext4_error filesystem_readonly xfs_corruption xfs_shutdown
		xfs_metadata_io_error xfs_alloc_deadlock block_io_error buffer_io_error mce edac
		storage_transport_error raid_disk_failure btrfs_error zfs_error filesystem_error verity_error nic_reset
		kernel_corruption kernel_warning hardware_error memory_failure hardware_error_corrected pcie_error
		iommu_fault gpu_error remote_storage_unresponsive vmalloc_failure swap_error file_table_full audit_lost
		syn_flood page_pool_stalled workqueue_hogged clocksource_unstable thermal_throttle`)
	var got []string
	for _, e := range event.All() {
		got = append(got, string(e))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("events %v, want %v", got, want)
	}
}

func TestDevice(t *testing.T) {
	t.Parallel()
	const usage = " to become free. Usage count = "
	tests := []struct {
		text, device string
		ok           bool
	}{
		{"unregister_netdevice: waiting for eth0" + usage + "1", "eth0", true},
		{"unregister_netdevice: waiting for eth0" + usage + "-12", "eth0", true},
		{"unregister_netdevice: waiting for a:b@c" + usage + "1\nmore", "", false},
		{"unregister_netdevice: waiting for " + usage + "1", "", false},
		{"unregister_netdevice: waiting for eth0" + usage, "", false},
		{"unregister_netdevice: waiting for eth0" + usage + "-", "", false},
		{"unregister_netdevice: waiting for eth0" + usage + "--1", "", false},
		{"unregister_netdevice: waiting for eth0" + usage + "1 ", "eth0", true}, // spaces may end any record,
		{"unregister_netdevice: waiting for eth0" + usage + "1x", "", false},
		{"unregister_netdevice: waiting for eth 0" + usage + "1", "", false},
		{"unregister_netdevice: waiting for eth0\tx" + usage + "1", "", false},
		{"unregister_netdevice: waiting for eth0 to become free", "", false},
		{" unregister_netdevice: waiting for eth0" + usage + "1", "", false},
		{"unregister_netdevice: waiting for eth0\n" + usage + "1", "", false},
		{"", "", false},
	}
	m := event.NewMatcher()
	for _, tt := range tests {
		f, ok := m.Find([]byte(tt.text))
		if ok != tt.ok || string(f.Device) != tt.device || ok && f.Event != event.NetdevLeak {
			t.Errorf("Find(%q) = %s of %q, %t, want %q, %t", tt.text, f.Event, f.Device, ok, tt.device, tt.ok)
		}
	}
}

func TestSuppressed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		n    uint64
		ok   bool
	}{
		{"net_ratelimit: 142 callbacks suppressed", 142, true},
		{"EXT4-fs error: 1 callbacks suppressed", 1, true},
		{"a: b: 0 callbacks suppressed", 0, true},
		{"x: 2147483647 callbacks suppressed", 2147483647, true},
		{"x: 2147483648 callbacks suppressed", 0, false},
		{"x: 99999999999999999999999 callbacks suppressed", 0, false},
		{"x: -3 callbacks suppressed", 0, false},
		{"x: 3,4 callbacks suppressed", 0, false},
		{"x: 3, callbacks suppressed", 0, false},
		{"x:3 callbacks suppressed", 0, false},
		{"x:  3 callbacks suppressed", 0, false},
		{"x:  callbacks suppressed", 0, false},
		{": 3 callbacks suppressed", 0, false},
		{"3 callbacks suppressed", 0, false},
		{"x: 3 callbacks suppressed ", 0, false},
		{"x: 3 callbacks suppressed\n", 0, false},
		{"x\ny: 3 callbacks suppressed", 0, false},
		{"x: 3 callbacks suppressed\ny: 4 callbacks suppressed", 0, false},
		{"systemd-journal: 17 output lines suppressed due to ratelimiting", 17, true},
		{"__alloc_pages_slowpath.constprop.0: 3 callbacks suppressed", 3, true},
		{"tmpfs: Bad mount option x: 2147483647 callbacks suppressed", 0, false}, // a user's
		{"fifteen:letters: 4 output lines suppressed due to ratelimiting", 4, true},
		{"sixteen: letters: 4 output lines suppressed due to ratelimiting", 0, false},
		{"runc:[2:INIT]: 17 output lines suppressed due to ratelimiting", 17, true},
		{"x: 17 output lines suppressed due to ratelimiting.", 0, false},
		{"", 0, false},
		{" callbacks suppressed", 0, false},
	}
	for _, tt := range tests {
		if n, ok := event.Suppressed([]byte(tt.text)); ok != tt.ok || ok && n != tt.n {
			t.Errorf("Suppressed(%q) = %d, %t, want %d, %t", tt.text, n, ok, tt.n, tt.ok)
		}
	}
}
