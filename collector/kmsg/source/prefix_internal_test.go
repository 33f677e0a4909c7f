package source

import (
	"strings"
	"testing"
	"time"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
)

// What someone else prints on one line cannot be taken for a report of the
// kernel's.
func TestPrefixes(t *testing.T) {
	t.Parallel()
	const lo = "unregister_netdevice: waiting for lo to become free. Usage count = 1"
	tests := []struct {
		name, text string
		timed      bool
		want       []string // what each line opens; "no event" may be in doubt
	}{
		{"reports", "<0>[    1.000000] " + leak + "\n<0>[    1.000001] " + leak + "\n", true, []string{"netdev_leak", "netdev_leak"}},
		{"behind a newline", "<6>[    1.000000] a[1]: segfault at 0 in b\n<6>[    1.000000] " + leak + "\n", true, []string{"", "unsure"}},
		{"of another level at the same time", "<6>[    1.000000] a\n<0>[    1.000000] " + leak + "\n", true, []string{"", "netdev_leak"}},
		{"of another caller at the same time", "<0>[    1.000000][    T1] a\n<0>[    1.000000][    T2] " + leak + "\n", true, []string{"", "netdev_leak"}},
		{"of one caller at the same time", "<0>[    1.000000][    T1] a\n<0>[    1.000000][    T1] " + leak + "\n", true, []string{"", "unsure"}},
		{"several devices at once", "<0>[    1.000000] " + leak + "\n<0>[    1.000000] " + lo + "\n<0>[    1.000000] " + leak + "\n", true, []string{"netdev_leak", "netdev_leak", "netdev_leak"}},
		{"another report behind a newline", "<0>[    1.000000] " + leak + "\n<0>[    1.000000] Kernel panic - not syncing: x\n", true, []string{"netdev_leak", "unsure"}},
		{"user space's", "<8>[    1.000000] " + leak + "\n<8>[    1.000001] " + leak + "\n", true, []string{"", ""}},
		{
			"the name of a program goes on", "<6>[    1.000000] INFO: task [13104]: segfault at 0 ip 1 sp 2 error 6 in x:1 blocked for more than 120 seconds.\n" +
				"<6>[    1.000000] q[116a,400000+1000] likely on CPU 0 (core 0, socket 0)\n", true, []string{"no event", ""},
		},
		{"a report as the name of a program", "<6>[    1.000000] " + leak + "\n<6>[    1.000000] q[400000+1000]\n<6>[    1.000001] " + leak + "\n", true, []string{"unsure", "", "netdev_leak"}},
		{"the same a line later", "<6>[    1.000000] " + leak + "\n<6>[    1.000000] q\n<6>[    1.000000] r[116a,400000+1000]\n", true, []string{"unsure", "", ""}},
		{
			"as many newlines as a name can have", "<6>[    1.000000] " + leak + "\n" + strings.Repeat("<6>[    1.000000] \n", 250) + "<6>[    1.000000] q[400000+1000]\n",
			true,
			[]string{"unsure", "", ""},
		},
		{"a report as a firewall's prefix", "<4>[    1.000000] Kernel panic - not syncing: x\n<4>[    1.000000] IN= OUT=lo SRC=127.0.0.1 DST=127.0.0.1 LEN=84\n", true, []string{"unsure", ""}},
		{"a report and what it goes on with", "<3>[    1.000000] INFO: task dockerd:1 blocked for more than 120 seconds.\n<3>[    1.000000]       Not tainted 6.1.0-18-amd64 #1\n", true, []string{"hung_task", ""}},
		{"without times", "<0>" + leak + "\n<0>" + leak + "\n<6>a\n<6>" + leak + "\n<0>" + leak + "\n", false, []string{"netdev_leak", "netdev_leak", "", "unsure", "netdev_leak"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newPrefixes(event.NewMatcher())
			rest := answer{text: []byte(tt.text), timed: tt.timed}
			for i, want := range tt.want {
				var it Item
				if !rest.next(&it.Record) {
					t.Fatalf("no line in %q", rest.text)
				}
				got := ""
				if p.add(&it, rest) {
					got = "unsure"
				}
				if it.Finding.Event != "" {
					got += string(it.Finding.Event)
				}
				if got != want && (want != "no event" || got != "" && got != "unsure") {
					t.Errorf("line %d opens %q, want %q", i, got, want)
				}
			}
		})
	}
}

// The first line of a source may be the rest of a record of which the lines
// before were counted by an earlier process.
func TestPrefixesAfterALine(t *testing.T) {
	t.Parallel()
	const line = "<0>[    1.000000] " + leak
	for _, tt := range []struct {
		name  string
		after record.Fingerprint
		opens bool
	}{
		{"none", record.Fingerprint{}, true},
		{"the same prefix", record.Fingerprint{Known: true, Time: time.Second, Priority: 0}, false},
		{"another level", record.Fingerprint{Known: true, Time: time.Second, Priority: 6}, true},
		{"another time", record.Fingerprint{Known: true, Time: time.Second - time.Microsecond, Priority: 0}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newPrefixes(event.NewMatcher())
			p.start(tt.after)
			for i := range 2 {
				var it Item
				if !it.Record.ParseSyslog([]byte(line), true) {
					t.Fatalf("%q is no line", line)
				}
				if p.add(&it, answer{timed: true}); it.Finding.Event != "" != tt.opens {
					t.Errorf("line %d opens a report: %t, want %t", i, it.Finding.Event != "", tt.opens)
				}
			}
		})
	}
}
