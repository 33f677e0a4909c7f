package kmsg

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestParseLine(t *testing.T) {
	t.Parallel()
	tests := []struct {
		line     string
		timed    bool
		facility uint32
		level    Level
		time     time.Duration
		caller   string
		text     string
	}{
		{"<6>[    0.000000] Linux version 6.18", true, 0, 6, 0, "", "Linux version 6.18"},
		{"<0>[12345678.000001] x", true, 0, 0, 12345678*time.Second + time.Microsecond, "", "x"},
		{"<30>[ 3126.247342] systemd[1]: hello", true, 3, 6, 3126247342 * time.Microsecond, "", "systemd[1]: hello"},
		{"<12>[    1.000000]   indented", true, 1, 4, time.Second, "", "  indented"},
		{"<4>[    1.000000][   T12] x", true, 0, 4, time.Second, "T12", "x"},
		{"<4>[    1.000000][    C0] x", true, 0, 4, time.Second, "C0", "x"},
		{"<4>[    1.000000] [    C0] x", true, 0, 4, time.Second, "", "[    C0] x"},
		{"<4>[    1.000000][x] x", true, 0, 4, time.Second, "", "[x] x"},
		{"<4>[    1.000000] ", true, 0, 4, time.Second, "", ""},
		{"<4>[    1.000000]", true, 0, 4, time.Second, "", ""},
		{"<4>x", false, 0, 4, unknownTime, "", "x"},
		{"<4> x", false, 0, 4, unknownTime, "", " x"},
		{"<4>", false, 0, 4, unknownTime, "", ""},
		{"<4>[   T12] x", false, 0, 4, unknownTime, "T12", "x"},
		{"<4>[    1.000000] x", false, 0, 4, unknownTime, "", "[    1.000000] x"},
		{"<4294967295>x", false, 1<<29 - 1, 7, unknownTime, "", "x"},
		{"<6>\x00\xff<4>", false, 0, 6, unknownTime, "", "\x00\xff<4>"},
	}
	for _, tt := range tests {
		var r Record
		if !r.parseLine([]byte(tt.line), tt.timed) {
			t.Errorf("%q is no line", tt.line)
			continue
		}
		if r.Facility != tt.facility || r.Level != tt.level || r.Time != tt.time || string(r.Caller) != tt.caller ||
			string(r.Text) != tt.text || r.Flag != '-' {
			t.Errorf("%q is %+v", tt.line, r)
		}
	}
	for _, line := range []string{
		"", "x", "<", "<>", "<>x", "<x>y", "<4", "<4,>x", "<4,5>x", "<-1>x", "< 4>x", "<4294967296>x", "<00000000000004>x",
		"4>x", " <4>x", strings.Repeat("<", 100),
	} {
		var r Record
		if r.parseLine([]byte(line), false) {
			t.Errorf("%q is %+v", line, r)
		}
	}
	for _, line := range []string{
		"<4>x", "<4>[]", "<4>[1]", "<4>[1.1] x", "<4>[1.1234567] x", "<4>[.123456] x", "<4>[1.12345a] x", "<4>[1,2.123456] x",
		"<4>[1.123,45] x", "<4>[-1.123456] x", "<4>[1.123456 x", "<4>[99999999999999999999.123456] x", "<4>[9223372036.123456] x",
	} {
		var r Record
		if r.parseLine([]byte(line), true) {
			t.Errorf("%q is %+v", line, r)
		}
	}
}

func TestIsTimed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"":                                   false,
		"<6>[    0.000000] a\n":              true,
		"<6>[    0.000000] a\n<6>b\n":        false,
		"<6>[    0.000000] a\nrest of it\n":  true,
		"rest of one\n<6>[    0.000000] a\n": true,
		"rest of one\n":                      false,
		"<6>a\n<6>[    0.000000] by a user who likes the look of it\n": false,
	} {
		if got := isTimed([]byte(text)); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
}

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
			p := parts{matcher: NewMatcher()}
			rest := []byte(tt.text)
			for i, want := range tt.want {
				var line []byte
				line, rest, _ = bytes.Cut(rest, []byte{'\n'})
				var r Record
				if !r.parseLine(line, tt.timed) {
					t.Fatalf("%q is no line", line)
				}
				got := ""
				switch f := p.add(&r); {
				case f.opens:
					got = f.event.String()
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
			if s.Events[BlockIOError].Count != 1 || s.Events[BufferIOError].Count == 1 != both || s.CompleteSinceBoot != both {
				t.Errorf("%s apart: %d and %d, complete %t", apart, s.Events[BlockIOError].Count, s.Events[BufferIOError].Count, s.CompleteSinceBoot)
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
		after mark
		opens bool
	}{
		{mark{}, true},
		{mark{known: true, time: time.Second, priority: 0}, false},
		{mark{known: true, time: time.Second, priority: 6}, true},
		{mark{known: true, time: time.Second - time.Microsecond, priority: 0}, true},
	} {
		p := parts{matcher: sharedMatcher()}
		p.start(tt.after)
		for i, want := range []bool{tt.opens, tt.opens} {
			var r Record
			if !r.parseLine([]byte(line), true) {
				t.Fatalf("%q is no line", line)
			}
			if f := p.add(&r); f.opens != want {
				t.Errorf("line %d behind %+v opens a report: %t", i, tt.after, f.opens)
			}
		}
	}
}
