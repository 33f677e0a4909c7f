package kmsg_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"kernel_exporter/collector/kmsg"
)

// record prints a record as msg_print_ext_header() and msg_add_ext_text() do.
func record(r kmsg.Record) []byte {
	b := fmt.Appendf(nil, "%d,%d,%d,%c", uint64(r.Facility)<<3|uint64(r.Level), r.Seq, r.Time/time.Microsecond, r.Flag)
	if r.Caller != nil {
		b = fmt.Appendf(b, ",caller=%s", r.Caller)
	}
	b = append(b, ';')
	for _, c := range r.Text {
		if c < ' ' || c >= 0x7f || c == '\\' {
			b = fmt.Appendf(b, `\x%02x`, c)
		} else {
			b = append(b, c)
		}
	}
	return append(b, '\n')
}

func FuzzRecordParse(f *testing.F) {
	for _, s := range []string{
		"6,339,5140900,-;NET: Registered protocol family 10\n",
		"7,160,424069,-;pci_root PNP0A03:00: host bridge\n SUBSYSTEM=acpi\n DEVICE=+acpi:PNP0A03:00\n",
		"4,373,2140294,-,caller=T1;TECH PREVIEW: Overlay\\x0aPlease review\n",
		"30,5,1,c,caller=C0,x=y;\\x5cx41\\x\\", "4,1,2;x", ";", "6,1,-2,-;x", "6,18446744073709551616,2,+;x",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		orig := bytes.Clone(b)
		var r kmsg.Record
		if err := r.Parse(b); err != nil {
			if !bytes.Equal(b, orig) {
				t.Fatalf("%v, and %q was left of %q", err, b, orig)
			}
			return
		}
		if r.Level >= kmsg.NumLevels || r.Time < 0 || r.Time%time.Microsecond != 0 {
			t.Fatalf("record %+v", r)
		}
		if r.Flag != '-' && r.Flag != 'c' && r.Flag != '+' {
			t.Fatalf("flag %q", r.Flag)
		}
		if bytes.ContainsAny(r.Caller, ",;") {
			t.Fatalf("caller %q", r.Caller)
		}
		raw := orig[bytes.IndexByte(orig, ';')+1:]
		if i := bytes.IndexByte(raw, '\n'); i >= 0 {
			raw = raw[:i]
		}
		if len(r.Text) > len(raw) || bytes.IndexByte(raw, '\\') < 0 && !bytes.Equal(r.Text, raw) {
			t.Fatalf("text %q of %q", r.Text, raw)
		}

		// Written as the kernel writes it, the record is the same.
		again := record(r)
		var r2 kmsg.Record
		if err := r2.Parse(bytes.Clone(again)); err != nil {
			t.Fatalf("%v: %q", err, again)
		}
		if r2.Seq != r.Seq || r2.Time != r.Time || r2.Facility != r.Facility || r2.Level != r.Level || r2.Flag != r.Flag ||
			!bytes.Equal(r2.Caller, r.Caller) || !bytes.Equal(r2.Text, r.Text) {
			t.Fatalf("%q is %+v, want %+v", again, r2, r)
		}
	})
}

func FuzzMatch(f *testing.F) {
	for _, l := range formats() {
		f.Add([]byte(l.line))
	}
	for _, lines := range nearMisses() {
		for _, l := range lines {
			f.Add([]byte(l))
		}
	}
	m := kmsg.NewMatcher()
	f.Fuzz(func(t *testing.T, text []byte) {
		event, ok := m.Match(text)
		if ok && event >= kmsg.NumEvents {
			t.Fatalf("event %d", event)
		}

		// Only the first line decides.
		line, _, _ := bytes.Cut(text, []byte{'\n'})
		for _, behind := range []string{"", "\n", "\nKernel panic - not syncing: x", "\nIN= OUT= ", "\n: page allocation failure: order:0, mode:0x0"} {
			e, matched := m.Match(append(bytes.Clone(line), behind...))
			if matched != ok || e != event {
				t.Fatalf("%q is %s, %t, and %q before %q is %s, %t", text, event, ok, line, behind, e, matched)
			}
		}
		if e, matched := m.Match(append([]byte("\n"), text...)); matched {
			t.Fatalf("%q behind a newline is %s", text, e)
		}

		device, leaked := kmsg.LeakedDevice(text)
		if leaked != (ok && event == kmsg.NetdevLeak) || leaked && (len(device) == 0 || bytes.ContainsAny(device, " \n")) {
			t.Fatalf("%q is %s, %t, of device %q, %t", text, event, ok, device, leaked)
		}
		if n, held := kmsg.Suppressed(text); held && (n > 1<<31-1 || ok || bytes.IndexByte(text, '\n') >= 0) {
			t.Fatalf("%q is %s, %t, and %d were suppressed", text, event, ok, n)
		}
	})
}
