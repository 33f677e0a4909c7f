package record_test

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"

	"kernel_exporter/collector/kmsg/record"
)

func TestRecordParse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, record string
		want         record.Record
		caller, text string
	}{
		{
			name: "as read", record: "6,339,5140900,-;NET: Registered protocol family 10\n",
			want: record.Record{Seq: 339, Time: 5140900 * time.Microsecond, Level: 6, Flag: '-'},
			text: "NET: Registered protocol family 10",
		},
		{
			name: "without its newline", record: "0,0,0,-;x",
			want: record.Record{Flag: '-'}, text: "x",
		},
		{
			name: "with a dictionary", record: "7,160,424069,-;pci_root PNP0A03:00: host bridge window\n SUBSYSTEM=acpi\n DEVICE=+acpi:PNP0A03:00\n",
			want: record.Record{Seq: 160, Time: 424069 * time.Microsecond, Level: 7, Flag: '-'},
			text: "pci_root PNP0A03:00: host bridge window",
		},
		{
			name: "of user space", record: "30,5,1,-;systemd[1]: Started.\n",
			want: record.Record{Seq: 5, Time: time.Microsecond, Facility: 3, Level: 6, Flag: '-'},
			text: "systemd[1]: Started.",
		},
		{
			name: "the highest facility", record: "4294967295,18446744073709551615,9223372036854775,-;x",
			want: record.Record{Seq: math.MaxUint64, Time: 9223372036854775 * time.Microsecond, Facility: math.MaxUint32 >> 3, Level: 7, Flag: '-'},
			text: "x",
		},
		{
			name: "a first fragment", record: "4,1,2,c;BUG: unable to handle kernel \n",
			want: record.Record{Seq: 1, Time: 2 * time.Microsecond, Level: 4, Flag: 'c'},
			text: "BUG: unable to handle kernel ",
		},
		{
			name: "a later fragment", record: "4,1,2,+;paging request\n",
			want: record.Record{Seq: 1, Time: 2 * time.Microsecond, Level: 4, Flag: '+'},
			text: "paging request",
		},
		{
			name: "a fragment of a thread", record: "4,1,2,c,caller=T1234;x\n",
			want:   record.Record{Seq: 1, Time: 2 * time.Microsecond, Level: 4, Flag: 'c'},
			caller: "T1234", text: "x",
		},
		{
			name: "of a processor", record: "4,1,2,-,caller=C0;x",
			want:   record.Record{Seq: 1, Time: 2 * time.Microsecond, Level: 4, Flag: '-'},
			caller: "C0", text: "x",
		},
		{
			name: "fields that are not known", record: "4,1,2,-,color=red,caller=C0,,9;x",
			want:   record.Record{Seq: 1, Time: 2 * time.Microsecond, Level: 4, Flag: '-'},
			caller: "C0", text: "x",
		},
		{
			name: "a flag that is not known", record: "4,1,2,?;x",
			want: record.Record{Seq: 1, Time: 2 * time.Microsecond, Level: 4, Flag: '-'}, text: "x",
		},
		{
			name: "a flag of more letters", record: "4,1,2,cc;x",
			want: record.Record{Seq: 1, Time: 2 * time.Microsecond, Level: 4, Flag: '-'}, text: "x",
		},
		{
			name: "no flag, as Linux 3.5", record: "4,1,2;x",
			want: record.Record{Seq: 1, Time: 2 * time.Microsecond, Level: 4, Flag: '-'}, text: "x",
		},
		{
			name: "no text", record: "4,1,2,-;",
			want: record.Record{Seq: 1, Time: 2 * time.Microsecond, Level: 4, Flag: '-'},
		},
		{
			name: "no text but a dictionary", record: "4,1,2,-;\n SUBSYSTEM=x\n",
			want: record.Record{Seq: 1, Time: 2 * time.Microsecond, Level: 4, Flag: '-'},
		},
		{
			name: "semicolons in the text", record: "4,1,2,-;a;b,c=d;\n",
			want: record.Record{Seq: 1, Time: 2 * time.Microsecond, Level: 4, Flag: '-'}, text: "a;b,c=d;",
		},
		{
			name: "escapes", record: `4,1,2,-;\x0a\x5cx41 caf\xc3\xa9\x00\x7f\xff` + "\n",
			want: record.Record{Seq: 1, Time: 2 * time.Microsecond, Level: 4, Flag: '-'},
			text: "\n\\x41 caf\xc3\xa9\x00\x7f\xff",
		},
		{
			name: "no escapes", record: `4,1,2,-;\ \x \x4 \x4g \xAF \n \\ x41 \`,
			want: record.Record{Seq: 1, Time: 2 * time.Microsecond, Level: 4, Flag: '-'},
			text: `\ \x \x4 \x4g \xAF \n \\ x41 \`,
		},
		{
			name: "an escape at the end", record: `4,1,2,-;a\x5c`,
			want: record.Record{Seq: 1, Time: 2 * time.Microsecond, Level: 4, Flag: '-'}, text: `a\`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := record.Record{Seq: 1 << 60, Facility: 9, Level: 5, Flag: '?', Caller: []byte("old"), Text: []byte("old")}
			if err := got.Parse([]byte(tt.record)); err != nil {
				t.Fatal(err)
			}
			if string(got.Caller) != tt.caller || tt.caller == "" && got.Caller != nil {
				t.Errorf("caller %q, want %q", got.Caller, tt.caller)
			}
			if string(got.Text) != tt.text {
				t.Errorf("text %q, want %q", got.Text, tt.text)
			}
			got.Caller, got.Text = nil, nil
			if got.Seq != tt.want.Seq || got.Time != tt.want.Time || got.Facility != tt.want.Facility ||
				got.Level != tt.want.Level || got.Flag != tt.want.Flag {
				t.Errorf("record %+v, want %+v", got, tt.want)
			}
		})
	}
}

// TestRecordParseInPlace holds what callers with one buffer rely on.
func TestRecordParseInPlace(t *testing.T) {
	t.Parallel()
	b := []byte(`4,1,2,-,caller=T7;a\x5cb` + "\n KEY=v\n")
	var r record.Record
	if err := r.Parse(b); err != nil {
		t.Fatal(err)
	}
	if &r.Text[0] != &b[bytes.IndexByte(b, ';')+1] {
		t.Error("the text is a copy")
	}
	if &r.Caller[0] != &b[bytes.Index(b, []byte("T7"))] {
		t.Error("the caller is a copy")
	}
}

func TestRecordParseErrors(t *testing.T) {
	t.Parallel()
	tests := []struct{ record, want string }{
		{"", "header"},
		{"\n", "header"},
		{"6,1,2,-", "header"},
		{" SUBSYSTEM=acpi\n", "header"},
		{"6,1,2,-\n;", "header"},
		{";", "priority"},
		{",1,2,-;x", "priority"},
		{"-6,1,2,-;x", "priority"},
		{"+6,1,2,-;x", "priority"},
		{" 6,1,2,-;x", "priority"},
		{"<6>,1,2,-;x", "priority"},
		{"4294967296,1,2,-;x", "priority"},
		{"99999999999999999999999,1,2,-;x", "priority"},
		{"6;x", "sequence"},
		{"6,;x", "sequence"},
		{"6,,2,-;x", "sequence"},
		{"6,1x,2,-;x", "sequence"},
		{"6,18446744073709551616,2,-;x", "sequence"},
		{"6,1;x", "time"},
		{"6,1,;x", "time"},
		{"6,1,-2,-;x", "time"},
		{"6,1,2.5,-;x", "time"},
		{"6,1,9223372036854776,-;x", "time"},
	}
	for _, tt := range tests {
		b := []byte(tt.record)
		var r record.Record
		err := r.Parse(b)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Parse(%q) = %v, want an error of the %s", tt.record, err, tt.want)
		}
		if string(b) != tt.record {
			t.Errorf("Parse(%q) left %q", tt.record, b)
		}
	}
}

func TestLevelString(t *testing.T) {
	t.Parallel()
	want := strings.Fields("emerg alert crit err warning notice info debug")
	for l := range record.Level(record.NumLevels) {
		if got := l.String(); got != want[l] {
			t.Errorf("level %d is called %q, want %q", l, got, want[l])
		}
	}
	if got := record.Level(record.NumLevels).String(); got != "unknown" {
		t.Errorf("a number that is no level is called %q", got)
	}
}
