package kmsg

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"testing"
	"time"
)

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
func FuzzSyslog(f *testing.F) {
	const timed = "<6>[    0.000000] " + banner + "\n<6>[    1.000000] a\n<6>[    1.000000] a\n<12>[    1.500000] user\n<0>[    2.000000][   T12] " + leak + "\n<4>[    2.000001] b\n"
	for _, text := range []string{
		timed, "<6>" + banner + "\n<6>a\n<6>a\n<6>b\n<6>a\n<0>" + leak + "\n", "rest of one\n<6>[    1.000000] x", "<6>[    2.000000] a\n<6>[    1.000000] b\n", "<>\n<", "\n\n",
	} {
		for _, at := range []int{0, 1, 2, 4, 100} {
			f.Add([]byte(text), at, at/2)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte, end, start int) {
		if len(text) > answerSlack {
			return // every answer is to fit in the smallest buffer
		}
		lines := bytes.SplitAfter(text, []byte{'\n'})
		end = max(0, min(end, len(lines)-1)) // the last has no newline, and is being written
		start = max(0, min(start, len(lines)))
		first := bytes.Join(lines[:end], nil)
		all := numLines(t, text)

		told, src := tell2(t, first, text)
		if isTimed(first) == isTimed(text) && told != all {
			t.Fatalf("%d lines told of %d:\n%q\n%q", told, all, first, text)
		}
		if src.size != len(text) {
			t.Fatalf("a buffer of %d", src.size)
		}
		wrapped := bytes.Join(lines[start:], nil)
		if told, _ := tell2(t, first, wrapped); isTimed(first) == isTimed(wrapped) && isTimed(text) == isTimed(first) && told > all {
			t.Fatalf("%d lines told of %d:\n%q\n%q", told, all, first, wrapped)
		}
	})
}

// numLines counts the lines of an answer, and looks at each.
func numLines(t *testing.T, text []byte) (n int) {
	t.Helper()
	p := parts{matcher: sharedMatcher()}
	a := answer{text: text, timed: isTimed(text)}
	for r := (Record{}); a.next(&r); n++ {
		if r.Level >= NumLevels || (r.Time < 0 || r.Time%time.Microsecond != 0) && r.Time != unknownTime || (r.Time == unknownTime) == a.timed {
			t.Fatalf("line %+v, timed %t", r, a.timed)
		}
		if bytes.IndexByte(r.Text, '\n') >= 0 {
			t.Fatalf("text %q of a line", r.Text)
		}
		if f := p.add(&r); f.opens && (r.Facility != 0 || f.event >= NumEvents) {
			t.Fatalf("%+v opens event %d", r, f.event)
		}
	}
	return n
}

// tell2 returns how many lines a source tells that is answered twice.
func tell2(t *testing.T, answers ...[]byte) (told int, s *syslogSource) {
	t.Helper()
	i := 0
	src, err := newSyslogSource(t.Context(), mark{}, func(action int, buf []byte) (int, error) {
		if action == syslogSizeBuffer {
			return len(answers[1]), nil
		}
		return copy(buf, answers[i]), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s = is[*syslogSource](t, src)
	var r Record
	for ; i < len(answers); i++ {
		s.asked = false // not to wait for the time of the next
		for {
			err := s.next(&r, false)
			if errors.Is(err, errEmpty) || errors.Is(err, errForeign) {
				break
			}
			switch {
			case err == nil:
				told++
			case !isNews(err):
				t.Fatal(err)
			}
		}
	}
	return told, s
}
