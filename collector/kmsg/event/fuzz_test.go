package event_test

import (
	"bytes"
	"testing"

	"kernel_exporter/collector/kmsg/event"
)

func FuzzMatch(f *testing.F) {
	for _, l := range formats() {
		f.Add([]byte(l.line))
	}
	for _, lines := range nearMisses() {
		for _, l := range lines {
			f.Add([]byte(l))
		}
	}
	m := event.NewMatcher()
	f.Fuzz(func(t *testing.T, text []byte) {
		found, ok := m.Find(text)
		kind := found.Event
		if ok && !event.Known(string(kind)) {
			t.Fatalf("event %q", kind)
		}

		// Only the first line decides.
		line, _, _ := bytes.Cut(text, []byte{'\n'})
		for _, behind := range []string{"", "\n", "\nKernel panic - not syncing: x", "\nIN= OUT= ", "\n: page allocation failure: order:0, mode:0x0"} {
			e, matched := match(m, append(bytes.Clone(line), behind...))
			if matched != ok || e != kind {
				t.Fatalf("%q is %s, %t, and %q before %q is %s, %t", text, kind, ok, line, behind, e, matched)
			}
		}
		if e, matched := match(m, append([]byte("\n"), text...)); matched {
			t.Fatalf("%q behind a newline is %s", text, e)
		}

		if ok != (len(kind) > 0) || (kind == event.NetdevLeak) != (len(found.Device) > 0) || bytes.ContainsAny(found.Device, " \n") {
			t.Fatalf("%q is %+v, %t", text, found, ok)
		}
		if n, held := event.Suppressed(text); held && (n > 1<<31-1 || ok || bytes.IndexByte(text, '\n') >= 0) {
			t.Fatalf("%q is %s, %t, and %d were suppressed", text, kind, ok, n)
		}
	})
}
