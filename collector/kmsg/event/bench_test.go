package event_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
)

// benign returns what corpus lines that open no report look like as records.
// There is no allocation in using them: parse copies into a buffer.
func benign(b *testing.B) (records [][]byte, buf []byte) {
	b.Helper()
	for i, l := range corpus(b) {
		if l.class != "none" {
			continue
		}
		var text strings.Builder
		for _, c := range []byte(l.message) {
			if c < ' ' || c >= 0x7f || c == '\\' {
				fmt.Fprintf(&text, `\x%02x`, c)
			} else {
				text.WriteByte(c)
			}
		}
		records = append(records, fmt.Appendf(nil, "6,%d,%d,-;%s\n", 100000+i, 2000000000+i, text.String()))
	}
	return records, make([]byte, 8192)
}

func texts(b *testing.B, records [][]byte) [][]byte {
	b.Helper()
	var all [][]byte
	for _, rec := range records {
		var r record.Record
		if err := r.Parse(append([]byte(nil), rec...)); err != nil {
			b.Fatal(err)
		}
		all = append(all, r.Text)
	}
	return all
}

// BenchmarkCopy is the floor of the next three: a record is copied, as a read
// would.
func BenchmarkCopy(b *testing.B) {
	records, buf := benign(b)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		copy(buf, records[i%len(records)])
	}
}

// BenchmarkParse copies a record and parses it.
func BenchmarkParse(b *testing.B) {
	records, buf := benign(b)
	b.ReportAllocs()
	var r record.Record
	for i := 0; b.Loop(); i++ {
		n := copy(buf, records[i%len(records)])
		if err := r.Parse(buf[:n]); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkMatch tells that a line opens no report.
func BenchmarkMatch(b *testing.B) {
	records, _ := benign(b)
	lines := texts(b, records)
	m := event.NewMatcher()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, ok := match(m, lines[i%len(lines)]); ok {
			b.Fatalf("%q", lines[i%len(lines)])
		}
	}
}

// BenchmarkParseMatch is all that is done with a benign record: parsed,
// matched and asked for suppressed messages.
func BenchmarkParseMatch(b *testing.B) {
	records, buf := benign(b)
	m := event.NewMatcher()
	b.ReportAllocs()
	var r record.Record
	for i := 0; b.Loop(); i++ {
		n := copy(buf, records[i%len(records)])
		if err := r.Parse(buf[:n]); err != nil {
			b.Fatal(err)
		}
		if _, ok := match(m, r.Text); ok {
			b.Fatalf("%q", r.Text)
		}
		event.Suppressed(r.Text)
	}
}

// BenchmarkMatchEvents matches the lines that do open a report.
func BenchmarkMatchEvents(b *testing.B) {
	var lines [][]byte
	for _, l := range corpus(b) {
		if l.class != "none" && !strings.HasPrefix(l.class, "aux:") {
			lines = append(lines, []byte(l.message))
		}
	}
	m := event.NewMatcher()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, ok := match(m, lines[i%len(lines)]); !ok {
			b.Fatalf("%q", lines[i%len(lines)])
		}
	}
}

// BenchmarkRegexpsOneByOne is what a matcher is compared with: 25 regular
// expressions tried on each line in turn, as log monitors do.
func BenchmarkRegexpsOneByOne(b *testing.B) {
	records, _ := benign(b)
	lines := texts(b, records)
	var res []*regexp.Regexp
	for _, s := range []string{
		`unregister_netdevice: waiting for \S+ to become free\. Usage count = \d+`,
		`SLUB: Unable to allocate memory on node`, `Wrong slab cache\.`, `Objects remaining`,
		`\S+: page allocation failure`, `Out of memory: Kill(?:ed)? process \d+`,
		`Memory cgroup out of memory: Kill(?:ed)? process \d+`, `fork rejected by pids controller`,
		`BUG: Bad page state`, `task \S+:\d+ blocked for more than \d+ seconds\.`,
		`BUG: soft lockup - CPU#\d+`, `hard LOCKUP on cpu \d+`, `workqueue lockup`,
		`INFO: rcu_\w+ (?:self-)?detected`, `BUG: unable to handle`, `general protection fault`,
		`kernel BUG at \S+:\d+!`, `Kernel panic - not syncing`, `nf_conntrack: table full`,
		`neighbor table overflow`, `TECH PREVIEW: Overlay filesystem`, `EXT4-fs error`,
		`Remounting filesystem read-only`, `XFS \(\S+\): Internal error`, `Buffer I/O error on dev`,
	} {
		res = append(res, regexp.MustCompile(s))
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		for _, re := range res {
			re.Match(lines[i%len(lines)])
		}
	}
}

// BenchmarkNewMatcher is paid once, at the start.
func BenchmarkNewMatcher(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		event.NewMatcher()
	}
}
