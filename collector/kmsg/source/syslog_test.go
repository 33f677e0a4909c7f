package source_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
	"kernel_exporter/collector/kmsg/source"
	"kernel_exporter/collector/kmsg/source/sourcetest"
)

const (
	banner = "Linux version 6.18.44 (builder@host)"
	leak   = "unregister_netdevice: waiting for eth0 to become free. Usage count = 1"
)

// sharedMatcher spares tests that make many sources the making of as many
// matchers.
var sharedMatcher = sync.OnceValue(event.NewMatcher)

type caller func(action int, buf []byte) (int, error)

func openSyslog(t testing.TB, after record.Fingerprint, call caller) source.Source {
	t.Helper()
	src, err := source.OpenSyslog(t.Context(), source.Syslog{Matcher: sharedMatcher(), After: after, Call: call})
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// A poll is a source on a ring, and what it gives.
type poll struct {
	*sourcetest.Ring
	t   *testing.T
	src source.Source

	untimed bool // lines have no times, so that no answer proves that none is missing
}

func newPoll(t *testing.T, g *sourcetest.Ring, after record.Fingerprint) *poll {
	t.Helper()
	return &poll{Ring: g, t: t, src: openSyslog(t, after, g.Call), untimed: !g.Timed}
}

const (
	gap     = "gap"
	unsure  = "unsure"
	foreign = "foreign"
)

// check reads to the end and compares the lines that are new, and the news of
// others.
func (p *poll) check(what, news string, lines ...string) {
	p.t.Helper()
	var it source.Item
	var got []string
	told := ""
	for it.Kind = source.Record; it.Kind != source.End; {
		if err := p.src.Next(&it); err != nil {
			if !errors.Is(err, source.ErrForeign) {
				p.t.Fatal(err)
			}
			told += foreign
			break
		}
		switch it.Kind {
		case source.Record:
			got = append(got, string(it.Record.Text))
		case source.Gap:
			told += gap
		case source.Unsure:
			told += unsure
		case source.End, source.Lost, source.Malformed:
		}
	}
	if p.untimed && news == "" && told == unsure {
		told = ""
	}
	if told != news || strings.Join(got, "|") != strings.Join(lines, "|") {
		p.t.Errorf("%s: %q and lines %q, want %q and %q", what, told, got, news, lines)
	}
}

// again asks once more and checks that.
func (p *poll) again(what, news string, lines ...string) {
	p.t.Helper()
	if err := source.Ask(p.src); err != nil {
		p.t.Fatal(err)
	}
	p.check(what, news, lines...)
}

func TestSyslogGoesOn(t *testing.T) {
	t.Parallel()
	for _, timed := range []bool{true, false} {
		g := sourcetest.NewRing(10_000)
		g.Timed = timed
		g.Prints(banner, "a", "b", "b")
		p := newPoll(t, g, record.Fingerprint{})
		p.check("the beginning", "", banner, "a", "b", "b")
		p.again("nothing new", "")
		g.Prints("b")
		p.again("one like the last", "", "b")
		g.Prints("b", "b", "c", "b")
		p.again("several like the last", "", "b", "b", "c", "b")
		g.Prints("x\ny\n\nz")
		p.again("a record of lines", "", "x", "y", "", "z")
		g.Prints("y\n\nz")
		p.again("lines like the last", "", "y", "", "z")
		g.Timed, p.untimed = !timed, true
		g.Prints("d")
		p.again("printk.time switched", "", "d")
		g.Timed = timed
		p.again("printk.time switched back", "")
	}
}

func TestSyslogFirst(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		lines []string
		news  string
	}{
		{"empty", nil, unsure},
		{"from boot", []string{banner}, ""},
		{"from boot, behind another line", []string{"Booting Linux on physical CPU 0x0", banner}, ""},
		{"later", []string{"a", "b", banner}, unsure},
		{"later, of much text", strings.Split(strings.Repeat("a line of text|", 100)+"x", "|"), gap},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			g := sourcetest.NewRing(10_000)
			g.Prints(tt.lines...)
			newPoll(t, g, record.Fingerprint{}).check(tt.name, tt.news, tt.lines...)
		})
	}
	g := sourcetest.NewRing(10_000)
	g.Print(0, 8|6, banner)
	newPoll(t, g, record.Fingerprint{}).check("a user's beginning", unsure, banner)
}

func TestSyslogWrapped(t *testing.T) {
	t.Parallel()
	for _, timed := range []bool{true, false} {
		g := sourcetest.NewRing(1000)
		g.Timed = timed
		g.Prints(banner)
		p := newPoll(t, g, record.Fingerprint{})
		p.check("the beginning", "", banner)

		// Up to here the ring still holds the last line that was given.
		var want []string
		for i := 0; g.Used+16+len("line 00") <= g.Size; i++ {
			g.Prints(fmt.Sprintf("line %02d", i))
			want = append(want, fmt.Sprintf("line %02d", i))
		}
		p.again("all but wrapped", "", want...)
		g.Prints("x")
		p.again("the first is gone", "", "x")

		want = nil
		for i := range 100 {
			g.Prints(fmt.Sprintf("again %02d", i))
		}
		for _, r := range g.Kept {
			want = append(want, r.Text)
		}
		p.again("wrapped", gap, want...)
		g.Prints("y")
		p.again("goes on", "", "y")
	}
}

func TestSyslogCleared(t *testing.T) {
	t.Parallel()
	for _, timed := range []bool{true, false} {
		g := sourcetest.NewRing(10_000)
		g.Timed = timed
		g.Prints(banner, "a")
		p := newPoll(t, g, record.Fingerprint{})
		p.check("the beginning", "", banner, "a")
		g.Clear()
		p.again("cleared", unsure)
		p.again("still", "")
		g.Prints("b")
		p.again("after the clear", unsure, "b")
		g.Prints("c")
		p.again("goes on", "", "c")
		g.Prints("d")
		g.Clear()
		g.Prints("e")
		p.again("one unseen, cleared, and one new", unsure, "e")
	}
}

// pollText asks for a text instead of what a ring holds.
func pollText(t *testing.T, text *string, timed bool) *poll {
	t.Helper()
	call := func(action int, buf []byte) (int, error) {
		if action == source.SyslogSizeBuffer {
			return 1 << 17, nil
		}
		return copy(buf, *text), nil
	}
	return &poll{t: t, src: openSyslog(t, record.Fingerprint{}, call), untimed: !timed}
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
		p.again("grown", "", "x")
		text += "<6>" + time + "y\n"
		p.again("goes on", "", "y")
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
		p.again("without its head", "", "c")
		text = line("a", "b", "c", "d")
		p.again("gone", "", "d")
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
		{"older than all", at(0, 6, "z"), true, unsure, all},
		{"newer than all", at(2000, 6, "z"), true, foreign, nil},
		{"newer, by a clock's difference", at(100, 6, "z"), true, "", nil},
		{"times not printed", at(4, 6, "b"), false, unsure, all[5:]},
		{"times not printed, not found", at(4, 6, "z"), false, gap, nil},
		{"time not known", untimed("b"), true, unsure, all[5:]},
		{"time not known, not found", untimed("z"), true, gap, nil},
		{"no times at all", untimed("a"), false, unsure, all[1:]},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			g := sourcetest.NewRing(10_000)
			g.Timed = tt.timed
			g.Prints("a", "b", "c1\nc2", "b", "d")
			newPoll(t, g, tt.after).check(tt.name, tt.news, tt.want...)
		})
	}
}

// The buffer grows until an answer leaves a part of it free.
func TestSyslogBuffer(t *testing.T) {
	t.Parallel()
	g := sourcetest.NewRing(20_000)
	g.Prints(banner)
	for g.Used < 19_000 {
		g.Prints(strings.Repeat("\n", 90)) // twenty bytes of print for each of text
	}
	n := 91*(len(g.Kept)-1) + 1
	src := openSyslog(t, record.Fingerprint{}, g.Call)
	var it source.Item
	for ; src.Next(&it) == nil && it.Kind == source.Record; n-- { //nolint:revive // counting is all
	}
	if n != 0 || g.Largest <= 4*g.Size || g.Largest > source.MaxGrowth*g.Size {
		t.Errorf("%d lines missing with a buffer of %d", n, g.Largest)
	}
}
