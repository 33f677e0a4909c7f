package testkit

import (
	"strconv"
	"strings"
	"testing" //nolint:depguard // this package is a tool of tests
)

// Samples are by name and labels, as they stand in the text format.
type Samples map[string]float64

// ParseSamples reads the text format.
func ParseSamples(t testing.TB, body string) Samples {
	t.Helper()
	s := Samples{}
	for line := range strings.Lines(body) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") {
			continue
		}
		space := strings.LastIndexByte(line, ' ')
		value, err := strconv.ParseFloat(line[space+1:], 64)
		if space < 0 || err != nil {
			t.Fatalf("no sample: %q", line)
		}
		s[line[:space]] = value
	}
	return s
}

// Has says whether the metric is there, with any labels.
func (s Samples) Has(name string) bool {
	for series := range s {
		if series == name || strings.HasPrefix(series, name+"{") {
			return true
		}
	}
	return false
}

// Sum adds the series of a metric.
func (s Samples) Sum(name string) (sum float64) {
	for series, value := range s {
		if series == name || strings.HasPrefix(series, name+"{") {
			sum += value
		}
	}
	return sum
}
