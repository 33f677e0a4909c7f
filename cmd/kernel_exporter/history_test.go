package main

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"
	"time"

	"kernel_exporter/collector/collectortest"
	"kernel_exporter/collector/kmsg"
)

// A history keeps few points however long the exporter runs, and its first and last.
func TestHistory(t *testing.T) {
	t.Parallel()
	var h history
	if h.draw() != "" {
		t.Error("something is drawn of nothing")
	}
	began := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	const looks = 5000
	for i := range looks {
		h.add(point{began.Add(time.Duration(i) * historyStep), uint64(1e6 + i)})
	}
	if n := len(h.points); n >= historyPoints || n < historyPoints/2-1 {
		t.Errorf("%d points are kept, want some %d", n, historyPoints/2)
	}
	if first := h.points[0]; !first.at.Equal(began) {
		t.Errorf("the first point is of %s", first.at)
	}
	last := h.points[len(h.points)-1].at
	if late := began.Add(looks * historyStep).Sub(last); late > 2*h.step {
		t.Errorf("the last point is %s old, of steps of %s", late, h.step)
	}
	drawn := string(h.draw())
	wantXML(t, drawn)
	if !strings.Contains(drawn, "from 1.0 MB at 01-01 00:00") {
		t.Errorf("the drawing does not say what it shows: %s", drawn)
	}
}

func TestDrawHours(t *testing.T) {
	t.Parallel()
	if drawn := drawHours(kmsg.Snapshot{}, collectortest.Today()); drawn != "" {
		t.Errorf("something is drawn of nothing: %s", drawn)
	}
}

func wantXML(t *testing.T, s string) {
	t.Helper()
	for d := xml.NewDecoder(strings.NewReader(s)); ; {
		if _, err := d.Token(); err == io.EOF { //nolint:errorlint // the decoder's own
			return
		} else if err != nil {
			t.Fatalf("%v: %s", err, s)
		}
	}
}

func TestSize(t *testing.T) {
	t.Parallel()
	for bytes, want := range map[uint64]string{0: "0 B", 999: "999 B", 1000: "1.0 kB", 16_725_729_280: "16.7 GB", 823e6: "823 MB", 1 << 63: "9223372 TB"} {
		if got := size(bytes); got != want {
			t.Errorf("%d bytes are %q, want %q", bytes, got, want)
		}
	}
}

// TestTableFitsItsTerminal holds the lines of the table to its width, except a word
// that is longer.
func TestTableFitsItsTerminal(t *testing.T) {
	t.Parallel()
	for node, root := range collectortest.Nodes(t, testdata) {
		if node == collectortest.Unreadable {
			continue
		}
		for line := range strings.Lines(collectortest.Golden(t, root+"/check.txt")) {
			if line = strings.TrimSuffix(line, "\n"); len(line) > plainWidth && strings.Contains(strings.TrimSpace(line), " ") {
				t.Errorf("%s: %d columns: %s", node, len(line), line)
			}
		}
	}
}
