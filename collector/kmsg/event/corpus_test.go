package event_test

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kernel_exporter/collector/kmsg/event"
)

// A corpusLine is a row of testdata/corpus/kmsg.tsv: a kernel message posted in
// public, and what a reader found it to be.
type corpusLine struct {
	class, kernel, source, message string
}

func corpus(t testing.TB) []corpusLine {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "corpus", "kmsg.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	undo := strings.NewReplacer(`\\`, `\`, `\t`, "\t")
	var lines []corpusLine
	for s := bufio.NewScanner(f); s.Scan(); {
		c := strings.Split(s.Text(), "\t")
		if len(c) != 5 {
			t.Fatalf("row of %d columns: %q", len(c), s.Text())
		}
		lines = append(lines, corpusLine{class: c[0], kernel: c[1], source: c[2], message: undo.Replace(c[4])})
	}
	if len(lines) < 700 || lines[0].class != "class" {
		t.Fatalf("%d rows, the first of class %q", len(lines), lines[0].class)
	}
	return lines[1:]
}

// TestCorpus holds the patterns against lines that real kernels printed. A
// class aux:... is a line of which careful readers may differ, or one that
// goes on with a report; it is not scored.
func TestCorpus(t *testing.T) {
	t.Parallel()
	m := event.NewMatcher()
	scored := 0
	for _, l := range corpus(t) {
		if strings.HasPrefix(l.class, "aux:") {
			continue
		}
		scored++
		got := "none"
		if e, ok := match(m, []byte(l.message)); ok {
			got = string(e)
		}
		if got != l.class {
			t.Errorf("%s, want %s: %q (kernel %s, %s)", got, l.class, l.message, l.kernel, l.source)
		}
	}
	if scored < 700 {
		t.Errorf("%d rows scored", scored)
	}
}
