package kmsg

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
)

// What someone else prints on one line cannot be taken for a report of the
// kernel's.
func TestParts(t *testing.T) {
	t.Parallel()
	const lo = "unregister_netdevice: waiting for lo to become free. Usage count = 1"
	tests := []struct {
		name, text string
		timed      bool
		want       []string // what each line opens
	}{
		{"reports", "<0>[    1.000000] " + leak + "\n<0>[    1.000001] " + leak + "\n", true, []string{"netdev_leak", "netdev_leak"}},
		{"behind a newline", "<6>[    1.000000] a[1]: segfault at 0 in b\n<6>[    1.000000] " + leak + "\n", true, []string{"", "unsure"}},
		{"of another level at the same time", "<6>[    1.000000] a\n<0>[    1.000000] " + leak + "\n", true, []string{"", "netdev_leak"}},
		{"of another caller at the same time", "<0>[    1.000000][    T1] a\n<0>[    1.000000][    T2] " + leak + "\n", true, []string{"", "netdev_leak"}},
		{"of one caller at the same time", "<0>[    1.000000][    T1] a\n<0>[    1.000000][    T1] " + leak + "\n", true, []string{"", "unsure"}},
		{"several devices at once", "<0>[    1.000000] " + leak + "\n<0>[    1.000000] " + lo + "\n<0>[    1.000000] " + leak + "\n", true, []string{"netdev_leak", "netdev_leak", "netdev_leak"}},
		{"another report behind a newline", "<0>[    1.000000] " + leak + "\n<0>[    1.000000] Kernel panic - not syncing: x\n", true, []string{"netdev_leak", "unsure"}},
		{"user space's", "<8>[    1.000000] " + leak + "\n<8>[    1.000001] " + leak + "\n", true, []string{"", ""}},
		{"without times", "<0>" + leak + "\n<0>" + leak + "\n<6>a\n<6>" + leak + "\n<0>" + leak + "\n", false, []string{"netdev_leak", "netdev_leak", "", "unsure", "netdev_leak"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := parts{matcher: event.NewMatcher()}
			rest := []byte(tt.text)
			for i, want := range tt.want {
				var line []byte
				line, rest, _ = bytes.Cut(rest, []byte{'\n'})
				var r record.Record
				if !r.ParseSyslog(line, tt.timed) {
					t.Fatalf("%q is no line", line)
				}
				got := ""
				switch f := p.add(&r); {
				case f.opens:
					got = string(f.event)
				case f.unsure:
					got = "unsure"
				}
				if got != want {
					t.Errorf("line %d opens %q, want %q", i, got, want)
				}
			}
		})
	}
}

// A report of the same time and level as another text may be one that is not
// counted, so a 0 of it is no "never": here the block layer's and the buffers' of
// one failure.
func TestPartsUnsureIsIncomplete(t *testing.T) {
	t.Parallel()
	const block = "I/O error, dev sda, sector 0 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 2"
	const buffer = "Buffer I/O error on dev sda, logical block 0, async page read"
	for _, apart := range []time.Duration{0, time.Microsecond} {
		synctest.Test(t, func(t *testing.T) {
			g := newRing(10_000)
			g.prints(banner)
			g.print(time.Second, 3, block)
			g.print(time.Second+apart, 3, buffer)
			r := &rig{t: t, Log: g.reader(SourceSyslog)}
			s := r.run()
			both := apart > 0
			if s.Events["block_io_error"].Count != 1 || s.Events["buffer_io_error"].Count == 1 != both || s.CompleteSinceBoot != both {
				t.Errorf("%s apart: %d and %d, complete %t", apart, s.Events["block_io_error"].Count, s.Events["buffer_io_error"].Count, s.CompleteSinceBoot)
			}
		})
	}
}

// The first line of a source may be the rest of a record of which the lines
// before were counted by an earlier process.
func TestPartsBehindAMark(t *testing.T) {
	t.Parallel()
	const line = "<0>[    1.000000] " + leak
	for _, tt := range []struct {
		after record.Fingerprint
		opens bool
	}{
		{record.Fingerprint{}, true},
		{record.Fingerprint{Known: true, Time: time.Second, Priority: 0}, false},
		{record.Fingerprint{Known: true, Time: time.Second, Priority: 6}, true},
		{record.Fingerprint{Known: true, Time: time.Second - time.Microsecond, Priority: 0}, true},
	} {
		p := parts{matcher: sharedMatcher()}
		p.start(tt.after)
		for i, want := range []bool{tt.opens, tt.opens} {
			var r record.Record
			if !r.ParseSyslog([]byte(line), true) {
				t.Fatalf("%q is no line", line)
			}
			if f := p.add(&r); f.opens != want {
				t.Errorf("line %d behind %+v opens a report: %t", i, tt.after, f.opens)
			}
		}
	}
}
