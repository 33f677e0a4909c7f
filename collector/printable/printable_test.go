package printable_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"kernel_exporter/collector/printable"
)

func TestString(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ in, want string }{
		"nothing":          {"", ""},
		"plain":            {"#1 SMP Debian 6.1.176-1 (2026-07-02)", "#1 SMP Debian 6.1.176-1 (2026-07-02)"},
		"other scripts":    {"Größe 量 Ω", "Größe 量 Ω"},
		"backslash":        {`a\b`, `a\b`},
		"lines":            {"a\nb\r\tc", `a\nb\r\tc`},
		"escape sequence":  {"\x1b[31mred\x1b[0m", `\x1b[31mred\x1b[0m`},
		"NUL and DEL":      {"\x00\x7f", `\x00\x7f`},
		"C1":               {"\u009b31m\u0085", `\u009b31m\u0085`},
		"bidirectional":    {"\u202egnp.exe\u2066\u200f\u061c", `\u202egnp.exe\u2066\u200f\u061c`},
		"line separators":  {"a\u2028b\u2029", `a\u2028b\u2029`},
		"invisible":        {"a\u200b\ufeff\U000e0041", `a\u200b\ufeff\U000e0041`},
		"no UTF-8":         {"a\xff\xc3b\xe2\x82", `a\xff\xc3b\xe2\x82`},
		"C1 byte alone":    {"\x9b31m", `\x9b31m`},
		"replacement rune": {"\ufffd", "\ufffd"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := printable.String(tt.in); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
			if got := printable.Is(tt.in); got != (tt.in == tt.want) {
				t.Errorf("Is says %v of %q", got, tt.in)
			}
		})
	}
}

func FuzzString(f *testing.F) {
	f.Add("\x1b[31m\u202e\xff")
	f.Fuzz(func(t *testing.T, s string) {
		got := printable.String(s)
		if !utf8.ValidString(got) || strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Fatalf("%q became %q", s, got)
		}
		if printable.String(got) != got {
			t.Fatalf("%q changes when it is escaped again", got)
		}
	})
}
