package record_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"kernel_exporter/collector/kmsg/record"
)

// printed prints a record as msg_print_ext_header() and msg_add_ext_text() do.
func printed(r record.Record) []byte {
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
		var r record.Record
		if err := r.Parse(b); err != nil {
			if !bytes.Equal(b, orig) {
				t.Fatalf("%v, and %q was left of %q", err, b, orig)
			}
			return
		}
		if r.Level >= record.NumLevels || r.Time < 0 || r.Time%time.Microsecond != 0 {
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
		again := printed(r)
		var r2 record.Record
		if err := r2.Parse(bytes.Clone(again)); err != nil {
			t.Fatalf("%v: %q", err, again)
		}
		if r2.Seq != r.Seq || r2.Time != r.Time || r2.Facility != r.Facility || r2.Level != r.Level || r2.Flag != r.Flag ||
			!bytes.Equal(r2.Caller, r.Caller) || !bytes.Equal(r2.Text, r.Text) {
			t.Fatalf("%q is %+v, want %+v", again, r2, r)
		}
	})
}
