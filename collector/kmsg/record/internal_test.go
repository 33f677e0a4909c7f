package record

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestParseSyslog(t *testing.T) {
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
		{"<4>x", false, 0, 4, UnknownTime, "", "x"},
		{"<4> x", false, 0, 4, UnknownTime, "", " x"},
		{"<4>", false, 0, 4, UnknownTime, "", ""},
		{"<4>[   T12] x", false, 0, 4, UnknownTime, "T12", "x"},
		{"<4>[    1.000000] x", false, 0, 4, UnknownTime, "", "[    1.000000] x"},
		{"<4294967295>x", false, 1<<29 - 1, 7, UnknownTime, "", "x"},
		{"<6>\x00\xff<4>", false, 0, 6, UnknownTime, "", "\x00\xff<4>"},
	}
	for _, tt := range tests {
		var r Record
		if !r.ParseSyslog([]byte(tt.line), tt.timed) {
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
		if r.ParseSyslog([]byte(line), false) {
			t.Errorf("%q is %+v", line, r)
		}
	}
	for _, line := range []string{
		"<4>x", "<4>[]", "<4>[1]", "<4>[1.1] x", "<4>[1.1234567] x", "<4>[.123456] x", "<4>[1.12345a] x", "<4>[1,2.123456] x",
		"<4>[1.123,45] x", "<4>[-1.123456] x", "<4>[1.123456 x", "<4>[99999999999999999999.123456] x", "<4>[9223372036.123456] x",
	} {
		var r Record
		if r.ParseSyslog([]byte(line), true) {
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
		if got := IsTimed([]byte(text)); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
}

func FuzzUnescape(f *testing.F) {
	for _, s := range []string{"", "plain", `a\x0ab`, `\x5cx41`, `\x4`, `\x`, `\`, `\\x41`, `\xZZ`, `\x4A\x4a`, `\x\x41`, "\\x00\xff"} {
		f.Add([]byte(s))
	}
	escape := regexp.MustCompile(`\\x[0-9a-f]{2}`)
	f.Fuzz(func(t *testing.T, b []byte) {
		want := escape.ReplaceAllFunc(b, func(e []byte) []byte {
			var c byte
			if _, err := fmt.Sscanf(string(e[2:]), "%02x", &c); err != nil {
				t.Fatal(err)
			}
			return []byte{c}
		})
		if got := unescape(bytes.Clone(b)); !bytes.Equal(got, want) {
			t.Fatalf("%q is %q, want %q", b, got, want)
		}

		// What the kernel escaped is what it was.
		var escaped []byte
		for _, c := range b {
			if c < ' ' || c >= 0x7f || c == '\\' {
				escaped = fmt.Appendf(escaped, `\x%02x`, c)
			} else {
				escaped = append(escaped, c)
			}
		}
		if got := unescape(bytes.Clone(escaped)); !bytes.Equal(got, b) {
			t.Fatalf("%q is %q, want %q", escaped, got, b)
		}
	})
}

// FuzzSyslog lets syslog(2) answer with a part of a text and then with a later
// one. Lines that are there both times are told once, and where the log has only
// grown, each is.
