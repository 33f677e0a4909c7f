// Package printable makes text safe to show, whatever wrote it: a terminal obeys
// control characters, a log reader splits lines at them, and marks of direction
// show a text in another order than it has.
package printable

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// String returns s with everything escaped that is not printed as itself, as a
// string of Go has it: control characters, C1 among them (\x1b, \n, \u009b), marks
// of direction and other invisible characters (\u202e), and bytes that are no UTF-8
// (\xff). The space is the only white space that stays. A backslash stays too, so a
// text without such characters is returned as it is, and applying it twice is
// applying it once.
func String(s string) string {
	if Is(s) {
		return s
	}
	var out strings.Builder
	for i, r := range s {
		switch size := utf8.RuneLen(r); {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], string(utf8.RuneError)):
			fmt.Fprintf(&out, `\x%02x`, s[i])
		case !escaped(r):
			out.WriteString(s[i : i+size])
		case r == '\n':
			out.WriteString(`\n`)
		case r == '\t':
			out.WriteString(`\t`)
		case r == '\r':
			out.WriteString(`\r`)
		case r < 0x80:
			fmt.Fprintf(&out, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&out, `\u%04x`, r)
		default:
			fmt.Fprintf(&out, `\U%08x`, r)
		}
	}
	return out.String()
}

// Is says whether [String] returns s as it is.
func Is(s string) bool { return !strings.ContainsFunc(s, escaped) && utf8.ValidString(s) }

func escaped(r rune) bool { return !unicode.IsPrint(r) }
