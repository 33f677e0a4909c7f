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

		// Nothing that is no report becomes one by what others put around it.
		for _, around := range [][2]string{
			{"x[1]: segfault at 0 ip 0 sp 0 error 4 in a\n", "[1000+1000]"}, {"", "\nIN= OUT=lo SRC=1 DST=2 "}, {"process '/", "' started with executable stack"},
		} {
			wrapped := append(append([]byte(around[0]), text...), around[1]...)
			if e, matched := match(m, wrapped); matched && !ok {
				t.Fatalf("%q is %s", wrapped, e)
			}
		}
		if ok != (len(kind) > 0) || (kind == event.NetdevLeak) != (len(found.Device) > 0) || bytes.ContainsAny(found.Device, " \n") {
			t.Fatalf("%q is %+v, %t", text, found, ok)
		}
		if n, held := event.Suppressed(text); held && (n > 1<<31-1 || ok || bytes.IndexByte(text, '\n') >= 0) {
			t.Fatalf("%q is %s, %t, and %d were suppressed", text, kind, ok, n)
		}
	})
}
