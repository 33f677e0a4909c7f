package event_test

import (
	"testing"
	"time"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
)

// TestReader holds that a trouble that several records report counts once.
func TestReader(t *testing.T) {
	t.Parallel()
	const (
		bug     = "kernel BUG at mm/slub.c:4105!"
		opcode  = "invalid opcode: 0000 [#1] SMP"
		hang    = "e1000e 0000:00:1f.6 eno1: Detected Hardware Unit Hang:"
		reset   = "e1000e 0000:00:1f.6 eno1: Reset adapter unexpectedly"
		hot     = "CPU3: Core temperature above threshold, cpu clock throttled (total events = 1)"
		cool    = "CPU3: Core temperature/speed normal"
		mce     = "mce: [Hardware Error]: Machine check events logged"
		timeout = "nvme nvme0: I/O 12 QID 3 timeout, aborting"
		down    = "nvme nvme0: controller is down; will reset: CSTS=0xffffffff, PCI_STATUS=0x10"
		gone    = "nvme nvme0: Removing after probe failure status: -19"
		frozen  = "ata1.00: exception Emask 0x0 SAct 0x1 SErr 0x0 action 0x6 frozen"
		failed  = "ata1.00: failed command: READ FPDMA QUEUED"
		other   = "docker0: port 5(vethfd2807b) entered blocking state"
	)
	type at struct {
		seconds float64
		text    string
		opens   event.Event // empty for none
	}
	tests := []struct {
		name    string
		records []at
	}{
		{"an opcode after its BUG", []at{{1, bug, "kernel_bug"}, {1, opcode, ""}}},
		{"an opcode with no BUG", []at{{1, opcode, "oops"}}},
		{"an opcode long after its BUG", []at{{1, bug, "kernel_bug"}, {1, other, ""}, {20, opcode, ""}}},
		{"an opcode of another time", []at{
			{1, bug, "kernel_bug"},
			{1, other, ""},
			{1, other, ""},
			{1, other, ""},
			{1, other, ""},
			{1, other, ""},
			{1, other, ""},
			{1, other, ""},
			{1, other, ""},
			{9, opcode, "oops"},
		}},
		{"two opcodes at once", []at{{1, opcode, "oops"}, {1, opcode, "oops"}}},
		{"a hang and its reset", []at{{1, hang, "nic_reset"}, {3, hang, ""}, {4, reset, ""}}},
		{"a storm of resets", []at{{1, hang, "nic_reset"}, {1, reset, ""}, {2, reset, "nic_reset"}, {3, reset, "nic_reset"}}},
		{"a hang that lasts", []at{{1, hang, "nic_reset"}, {3, hang, ""}, {7, hang, "nic_reset"}}},
		{"heat", []at{{1, hot, "thermal_throttle"}, {1, hot, ""}, {1, mce, ""}}},
		{"heat that ended", []at{{1, cool, ""}, {1, mce, ""}, {1, hot, "thermal_throttle"}}},
		{"a machine check", []at{{1, other, ""}, {1, mce, "mce"}}},
		{"a machine check right after heat", []at{{1, hot, "thermal_throttle"}, {9, mce, ""}}},
		{"a controller that goes", []at{{1, timeout, "storage_transport_error"}, {1, timeout, ""}, {2, down, ""}, {3, gone, ""}}},
		{"commands of one exception", []at{{1, frozen, "storage_transport_error"}, {1, failed, ""}, {1, failed, ""}}},
		{"clocks that differ", []at{{1, bug, "kernel_bug"}, {0.9, opcode, ""}}},
	}
	m := event.NewMatcher()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, untimed := event.NewReader(m), event.NewReader(m)
			for i, rec := range tt.records {
				f, ok := r.Find(time.Duration(rec.seconds*float64(time.Second)), []byte(rec.text))
				if f.Event != rec.opens || ok != (rec.opens != "") {
					t.Errorf("record %d, %q, opens %q, want %q", i, rec.text, f.Event, rec.opens)
				}
				untimed.Find(record.UnknownTime, []byte(rec.text)) // must not fail
			}
		})
	}
}

// TestReaderForgets holds that without times a report belongs to none of long
// ago.
func TestReaderForgets(t *testing.T) {
	t.Parallel()
	r := event.NewReader(event.NewMatcher())
	find := func(text string) event.Event {
		f, _ := r.Find(record.UnknownTime, []byte(text))
		return f.Event
	}
	find("kernel BUG at mm/slub.c:4105!")
	if e := find("invalid opcode: 0000 [#1] SMP"); e != "" {
		t.Errorf("%s after a BUG", e)
	}
	for range 300 {
		find("docker0: port 5(vethfd2807b) entered blocking state")
	}
	if e := find("invalid opcode: 0000 [#1] SMP"); e != "oops" {
		t.Errorf("%q long after a BUG", e)
	}
}

//nolint:paralleltest // counts allocations
func TestReaderDoesNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("regexp allocates under the race detector")
	}
	r := event.NewReader(event.NewMatcher())
	var lines [][]byte
	for _, f := range formats() {
		lines = append(lines, []byte(f.line))
	}
	for _, l := range lines {
		r.Find(0, l)
	}
	if n := testing.AllocsPerRun(5, func() {
		for _, l := range lines {
			r.Find(0, l)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
