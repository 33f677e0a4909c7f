package kmsg

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
)

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
		if record.IsTimed(first) == record.IsTimed(text) && told != all {
			t.Fatalf("%d lines told of %d:\n%q\n%q", told, all, first, text)
		}
		if src.size != len(text) {
			t.Fatalf("a buffer of %d", src.size)
		}
		wrapped := bytes.Join(lines[start:], nil)
		if told, _ := tell2(t, first, wrapped); record.IsTimed(first) == record.IsTimed(wrapped) && record.IsTimed(text) == record.IsTimed(first) && told > all {
			t.Fatalf("%d lines told of %d:\n%q\n%q", told, all, first, wrapped)
		}
	})
}

// numLines counts the lines of an answer, and looks at each.
func numLines(t *testing.T, text []byte) (n int) {
	t.Helper()
	p := parts{matcher: sharedMatcher()}
	a := answer{text: text, timed: record.IsTimed(text)}
	for r := (record.Record{}); a.next(&r); n++ {
		if r.Level >= record.NumLevels || (r.Time < 0 || r.Time%time.Microsecond != 0) && r.Time != record.UnknownTime || (r.Time == record.UnknownTime) == a.timed {
			t.Fatalf("line %+v, timed %t", r, a.timed)
		}
		if bytes.IndexByte(r.Text, '\n') >= 0 {
			t.Fatalf("text %q of a line", r.Text)
		}
		if f := p.add(&r); f.opens && (r.Facility != 0 || !event.Known(string(f.event))) {
			t.Fatalf("%+v opens event %s", r, f.event)
		}
	}
	return n
}

// tell2 returns how many lines a source tells that is answered twice.
func tell2(t *testing.T, answers ...[]byte) (told int, s *syslogSource) {
	t.Helper()
	i := 0
	src, err := newSyslogSource(t.Context(), record.Fingerprint{}, func(action int, buf []byte) (int, error) {
		if action == syslogSizeBuffer {
			return len(answers[1]), nil
		}
		return copy(buf, answers[i]), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s = is[*syslogSource](t, src)
	var r record.Record
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
