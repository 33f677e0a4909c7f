package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// record writes what each kernel printed, and what it has to count, as the table
// that the tests of the events read.
func record(path string, seen []tried) error {
	if path == "" {
		return nil
	}
	var w strings.Builder
	w.WriteString("kernel\thow\texpected\trecords of /dev/kmsg (\\n between records)\n")
	for _, t := range seen {
		for _, r := range t.Results {
			if r.Skipped != "" {
				continue
			}
			counts := map[string]int{r.Event: len(r.Lines)}
			maps.Copy(counts, r.Others)
			var expected []string
			for _, event := range slices.Sorted(maps.Keys(counts)) {
				expected = append(expected, fmt.Sprintf("%s=%d", event, counts[event]))
			}
			records := make([]string, 0, len(r.Records))
			for _, raw := range r.Records {
				text, _, _ := strings.Cut(raw, "\n") // without the dictionary
				records = append(records, strings.ReplaceAll(text, "\t", `\x09`))
			}
			fmt.Fprintf(&w, "%s\t%s\t%s\t%s\n", t.Kernel.Release, r.How, strings.Join(expected, ";"), strings.Join(records, `\n`))
		}
	}
	return os.WriteFile(path, []byte(w.String()), 0o644)
}
