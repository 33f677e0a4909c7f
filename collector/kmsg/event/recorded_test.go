package event_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
)

// TestRecorded holds the events against what kernels printed while they were brought
// to report trouble. make kernels writes the table. Its counts come from patterns that
// are not those of this package.
func TestRecorded(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("testdata", "recorded", "recorded.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")[1:]
	if len(rows) < 20 {
		t.Fatalf("%d rows", len(rows))
	}
	for _, row := range rows {
		columns := strings.Split(row, "\t")
		if len(columns) != 4 {
			t.Fatalf("row of %d columns: %.200q", len(columns), row)
		}
		if got := countRecords(t, strings.Split(columns[3], `\n`)); got != columns[2] {
			t.Errorf("%s, %s: %s, want %s", columns[0], columns[1], got, columns[2])
		}
	}
}

// countRecords returns the reports that raw records open, as event=count by name.
func countRecords(t *testing.T, raw []string) string {
	t.Helper()
	reader := event.NewReader(event.NewMatcher())
	counts := make(map[event.Event]int)
	for _, line := range raw {
		var r record.Record
		if err := r.Parse([]byte(line)); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if r.Facility != 0 {
			continue
		}
		if f, ok := reader.Find(r.Time, r.Text); ok {
			counts[f.Event]++
		}
	}
	var found []string
	for _, e := range slices.Sorted(maps.Keys(counts)) {
		found = append(found, fmt.Sprintf("%s=%d", e, counts[e]))
	}
	return strings.Join(found, ";")
}
