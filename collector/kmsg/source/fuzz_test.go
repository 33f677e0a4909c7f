package source_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
	"kernel_exporter/collector/kmsg/source"
)

// FuzzSyslog lets syslog(2) answer with a part of a text and then with a later
// one. Lines that are there both times are given once, and where the log has only
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
		if len(text) > 4096 {
			return // every answer is to fit in the smallest buffer
		}
		lines := bytes.SplitAfter(text, []byte{'\n'})
		end = max(0, min(end, len(lines)-1)) // the last has no newline, and is being written
		start = max(0, min(start, len(lines)))
		first := bytes.Join(lines[:end], nil)
		all := numLines(t, text)

		told := tell2(t, first, text)
		if record.IsTimed(first) == record.IsTimed(text) && told != all {
			t.Fatalf("%d lines given of %d:\n%q\n%q", told, all, first, text)
		}
		wrapped := bytes.Join(lines[start:], nil)
		if told := tell2(t, first, wrapped); record.IsTimed(first) == record.IsTimed(wrapped) && record.IsTimed(text) == record.IsTimed(first) && told > all {
			t.Fatalf("%d lines given of %d:\n%q\n%q", told, all, first, wrapped)
		}
	})
}

// numLines counts the lines of an answer, and looks at each.
func numLines(t *testing.T, text []byte) (n int) {
	t.Helper()
	return source.NumLines(text, sharedMatcher(), func(it *source.Item, timed bool) {
		r := &it.Record
		if r.Level >= record.NumLevels || (r.Time < 0 || r.Time%time.Microsecond != 0) && r.Time != record.UnknownTime || (r.Time == record.UnknownTime) == timed {
			t.Fatalf("line %+v, timed %t", r, timed)
		}
		if bytes.IndexByte(r.Text, '\n') >= 0 {
			t.Fatalf("text %q of a line", r.Text)
		}
		if e := it.Finding.Event; e != "" && (r.Facility != 0 || !event.Known(string(e))) {
			t.Fatalf("%+v opens event %s", r, e)
		}
	})
}

// tell2 returns how many lines a source gives that is answered twice.
func tell2(t *testing.T, answers ...[]byte) (given int) {
	t.Helper()
	i := 0
	src := openSyslog(t, record.Fingerprint{}, func(action int, buf []byte) (int, error) {
		if action == source.SyslogSizeBuffer {
			return len(answers[1]), nil
		}
		return copy(buf, answers[i]), nil
	})
	var it source.Item
	for ; i < len(answers); i++ {
		if i > 0 {
			if err := source.Ask(src); errors.Is(err, source.ErrForeign) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
		for it.Kind = source.Record; it.Kind != source.End; {
			if err := src.Next(&it); err != nil {
				t.Fatal(err)
			}
			if it.Kind == source.Record {
				given++
			}
		}
	}
	return given
}
