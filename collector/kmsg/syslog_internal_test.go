package kmsg

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
)

const banner = "Linux version 6.18.44 (builder@host)"

// A poll is a source on a ring, and what was counted of it.
type poll struct {
	*ring
	t   *testing.T
	src source

	untimed bool // lines have no times, so that no answer proves that none is missing
}

func newPoll(t *testing.T, g *ring, after record.Fingerprint) *poll {
	t.Helper()
	src, err := newSyslogSource(t.Context(), after, g.klog)
	if err != nil {
		t.Fatal(err)
	}
	return &poll{ring: g, t: t, src: src, untimed: !g.timed}
}

// check asks once and compares the lines that are new, and the news of others.
func (p *poll) check(what, news string, lines ...string) {
	p.t.Helper()
	var r record.Record
	var got []string
	told := ""
	for {
		err := p.src.next(&r, false)
		if err == nil {
			got = append(got, string(r.Text))
			continue
		}
		if errors.Is(err, errEmpty) {
			break
		}
		if !isNews(err) && !errors.Is(err, errForeign) {
			p.t.Fatal(err)
		}
		told += err.Error()
		if !isNews(err) {
			break
		}
	}
	if p.untimed && news == "" && told == errUnsure.Error() {
		told = ""
	}
	if told != news || strings.Join(got, "|") != strings.Join(lines, "|") {
		p.t.Errorf("%s: %q and lines %q, want %q and %q", what, told, got, news, lines)
	}
	is[*syslogSource](p.t, p.src).asked = false // not to wait for the time of the next
}

// prints adds lines of level 6, one each millisecond.
func (g *ring) prints(texts ...string) {
	for _, text := range texts {
		g.print(time.Duration(g.next+1)*time.Millisecond, 6, text)
	}
}

func TestSyslogGoesOn(t *testing.T) {
	t.Parallel()
	for _, timed := range []bool{true, false} {
		g := newRing(10_000)
		g.timed = timed
		g.prints(banner, "a", "b", "b")
		p := newPoll(t, g, record.Fingerprint{})
		p.check("the beginning", "", banner, "a", "b", "b")
		p.check("nothing new", "")
		g.prints("b")
		p.check("one like the last", "", "b")
		g.prints("b", "b", "c", "b")
		p.check("several like the last", "", "b", "b", "c", "b")
		g.prints("x\ny\n\nz")
		p.check("a record of lines", "", "x", "y", "", "z")
		g.prints("y\n\nz")
		p.check("lines like the last", "", "y", "", "z")
		g.timed, p.untimed = !timed, true
		g.prints("d")
		p.check("printk.time switched", "", "d")
		g.timed = timed
		p.check("printk.time switched back", "")
	}
}

func TestSyslogFirst(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		lines []string
		news  string
	}{
		{"empty", nil, errUnsure.Error()},
		{"from boot", []string{banner}, ""},
		{"from boot, behind another line", []string{"Booting Linux on physical CPU 0x0", banner}, ""},
		{"later", []string{"a", "b", banner}, errUnsure.Error()},
		{"later, of much text", strings.Split(strings.Repeat("a line of text|", 100)+"x", "|"), errGap.Error()},
	}
	for _, tt := range tests {
		g := newRing(10_000)
		g.prints(tt.lines...)
		newPoll(t, g, record.Fingerprint{}).check(tt.name, tt.news, tt.lines...)
	}
	g := newRing(10_000)
	g.print(0, 8|6, banner)
	newPoll(t, g, record.Fingerprint{}).check("a user's beginning", errUnsure.Error(), banner)
}

func TestSyslogWrapped(t *testing.T) {
	t.Parallel()
	for _, timed := range []bool{true, false} {
		g := newRing(1000)
		g.timed = timed
		g.prints(banner)
		p := newPoll(t, g, record.Fingerprint{})
		p.check("the beginning", "", banner)

		// Up to here the ring still holds the last line that was given.
		var want []string
		for i := 0; g.used+16+len("line 00") <= g.size; i++ {
			g.prints(fmt.Sprintf("line %02d", i))
			want = append(want, fmt.Sprintf("line %02d", i))
		}
		p.check("all but wrapped", "", want...)
		g.prints("x")
		p.check("the first is gone", "", "x")

		want = nil
		for i := range 100 {
			g.prints(fmt.Sprintf("again %02d", i))
		}
		for _, r := range g.records {
			want = append(want, r.text)
		}
		p.check("wrapped", errGap.Error(), want...)
		g.prints("y")
		p.check("goes on", "", "y")
	}
}

func TestSyslogCleared(t *testing.T) {
	t.Parallel()
	for _, timed := range []bool{true, false} {
		g := newRing(10_000)
		g.timed = timed
		g.prints(banner, "a")
		p := newPoll(t, g, record.Fingerprint{})
		p.check("the beginning", "", banner, "a")
		g.clear()
		p.check("cleared", errUnsure.Error())
		p.check("still", "")
		g.prints("b")
		p.check("after the clear", errUnsure.Error(), "b")
		g.prints("c")
		p.check("goes on", "", "c")
		g.prints("d")
		g.clear()
		g.prints("e")
		p.check("one unseen, cleared, and one new", errUnsure.Error(), "e")
	}
}

// pollText asks for a text instead of what a ring holds.
func pollText(t *testing.T, text *string, timed bool) *poll {
	t.Helper()
	src, err := newSyslogSource(t.Context(), record.Fingerprint{}, func(action int, buf []byte) (int, error) {
		if action == syslogSizeBuffer {
			return 1 << 17, nil
		}
		return copy(buf, *text), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return &poll{t: t, src: src, untimed: !timed}
}

// A line may grow where Linux 3.5 to 4.9 got it in fragments, or begin without
// a prefix. It does not make all others new.
func TestSyslogGrownLine(t *testing.T) {
	t.Parallel()
	for _, time := range []string{"[    1.000000] ", ""} {
		text := "<6>" + time + banner + "\n<6>" + time + "ACPI:"
		p := pollText(t, &text, time != "")
		p.check("a fragment", "", banner, "ACPI:")
		text += " done\nrest of another\n<6>" + time + "x\n"
		p.check("grown", "", "x")
		text += "<6>" + time + "y\n"
		p.check("goes on", "", "y")
	}
}

// Where Linux 3.5 to 4.9 got a line in fragments and the first of them is
// overwritten, the rest is a line of its own. It does not make all others new.
func TestSyslogHeadOfALineIsOverwritten(t *testing.T) {
	t.Parallel()
	for _, time := range []string{"[    1.000000] ", ""} {
		line := func(texts ...string) (all string) {
			for _, text := range texts {
				all += "<6>" + time + text + "\n"
			}
			return all
		}
		text := line(banner, "SATA link", "a", "b")
		p := pollText(t, &text, time != "")
		p.check("whole", "", banner, "SATA link", "a", "b")
		text = line("link", "a", "b", "c")
		p.check("without its head", "", "c")
		text = line("a", "b", "c", "d")
		p.check("gone", "", "d")
	}
}

func TestSyslogAfterMark(t *testing.T) {
	t.Parallel()
	at := func(ms int, priority uint32, text string) record.Fingerprint {
		return record.Fingerprint{Known: true, Time: time.Duration(ms) * time.Millisecond, Priority: priority, Hash: record.Hash([]byte(text))}
	}
	untimed := func(text string) record.Fingerprint {
		return record.Fingerprint{Known: true, Time: record.UnknownTime, Priority: 6, Hash: record.Hash([]byte(text))}
	}
	all := []string{"a", "b", "c1", "c2", "b", "d"}
	tests := []struct {
		name  string
		after record.Fingerprint
		timed bool
		news  string
		want  []string
	}{
		{"found", at(2, 6, "b"), true, "", all[2:]},
		{"the last", at(5, 6, "d"), true, "", nil},
		{"the first of a record's lines", at(3, 6, "c1"), true, "", all[3:]},
		{"the last of a record's lines", at(3, 6, "c2"), true, "", all[4:]},
		{"text changed", at(3, 6, "c"), true, "", all[4:]},
		{"not printed", at(4, 14, "user"), true, "", all[5:]},
		{"older than all", at(0, 6, "z"), true, errUnsure.Error(), all},
		{"newer than all", at(2000, 6, "z"), true, "syslog(2): " + errForeign.Error(), nil},
		{"newer, by a clock's difference", at(100, 6, "z"), true, "", nil},
		{"times not printed", at(4, 6, "b"), false, errUnsure.Error(), all[5:]},
		{"times not printed, not found", at(4, 6, "z"), false, errGap.Error(), nil},
		{"time not known", untimed("b"), true, errUnsure.Error(), all[5:]},
		{"time not known, not found", untimed("z"), true, errGap.Error(), nil},
		{"no times at all", untimed("a"), false, errUnsure.Error(), all[1:]},
	}
	for _, tt := range tests {
		g := newRing(10_000)
		g.timed = tt.timed
		g.prints("a", "b", "c1\nc2", "b", "d")
		newPoll(t, g, tt.after).check(tt.name, tt.news, tt.want...)
	}
}

// The buffer grows until an answer leaves a part of it free.
func TestSyslogBuffer(t *testing.T) {
	t.Parallel()
	g := newRing(20_000)
	g.prints(banner)
	for g.used < 19_000 {
		g.prints(strings.Repeat("\n", 90)) // twenty bytes of print for each of text
	}
	n := 91*(len(g.records)-1) + 1
	src, err := newSyslogSource(t.Context(), record.Fingerprint{}, g.klog)
	if err != nil {
		t.Fatal(err)
	}
	var r record.Record
	for ; src.next(&r, false) == nil; n-- { //nolint:revive // counting is all
	}
	if n != 0 || g.largest <= 4*g.size || g.largest > maxGrowth*g.size {
		t.Errorf("%d lines missing with a buffer of %d", n, g.largest)
	}
}

func TestSyslogIsPolled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newRing(100_000)
		g.prints(banner, "a")
		r := &rig{t: t, Log: g.reader(SourceSyslog)}
		r.cfg.OnStatus = func(s Status) { r.statuses = append(r.statuses, s) }
		r.start()
		s := r.Snapshot()
		if !s.Up || s.Source != SourceSyslog || !s.Drained || !s.CompleteSinceBoot || s.Records != records(2) || s.NextSeq != 0 {
			t.Errorf("at first: %+v, complete %t", s, s.CompleteSinceBoot)
		}
		g.print(time.Hour, 0, leak)
		g.print(time.Hour, 14, leak)
		r.sleep(pollInterval)
		s = r.Snapshot()
		if e := s.Events[event.NetdevLeak]; e.Count != 1 || !e.LastSeen.Equal(time.Now()) || s.Untrusted != 1 || !s.LeaksKnown || s.Leaks != 1 {
			t.Errorf("a live report: %+v, %d untrusted, %d leaks", e, s.Untrusted, s.Leaks)
		}
		asked := g.answers()
		r.sleep(time.Minute)
		if n := g.answers() - asked; n != 60 {
			t.Errorf("asked %d times in a minute", n)
		}
		g.set(func(g *ring) { g.noLines = unix.EPERM })
		r.sleep(pollInterval)
		if s := r.Snapshot(); s.Up || !errors.Is(s.Err, unix.EPERM) || s.Records[6] != 2 || s.Records[0] != 1 {
			t.Errorf("refused: %+v", s)
		}
		g.set(func(g *ring) { g.noLines = nil })
		r.sleep(maxBackoff)
		if s := r.Snapshot(); !s.Up || s.accounted() != 4 || !s.CompleteSinceBoot || len(r.statuses) != 3 {
			t.Errorf("again: %+v, statuses %v", s, r.statuses)
		}
		r.stop()
	})
}

// Without times in the log, a live report's is the uptime.
func TestSyslogWithoutTimes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newRing(100_000)
		g.timed = false
		g.print(0, 6, banner)
		g.print(0, 0, leak)
		r := &rig{t: t, Log: g.reader(SourceSyslog)}
		r.start()
		s := r.Snapshot()
		if e := s.Events[event.NetdevLeak]; e.Count != 1 || !e.LastSeen.IsZero() || s.Leaks != 0 || s.CompleteSinceBoot {
			t.Errorf("replayed: %+v, %d leaks, complete %t", e, s.Leaks, s.CompleteSinceBoot)
		}
		g.print(0, 0, leak)
		r.sleep(pollInterval)
		s = r.Snapshot()
		if e := s.Events[event.NetdevLeak]; e.Count != 2 || !e.LastSeen.Equal(time.Now()) || s.Leaks != 1 || s.LongestLeak != period {
			t.Errorf("live: %+v, %d leaks, longest %s", e, s.Leaks, s.LongestLeak)
		}
		r.stop()
	})
}
