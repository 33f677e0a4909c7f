package main

import (
	"slices"
	"strconv"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"kernel_exporter/collector/kmsg/event"
)

// piece is a part of an exposition that stays as it is, and what comes after it
// and varies.
type piece struct {
	text string
	vary func(to []byte, s *state) []byte
}

// cut cuts the exposition of a root where its values vary.
func cut(families []*dto.MetricFamily, vary map[string]variation, lastSeenHeader string) ([]piece, error) {
	var pieces []piece
	var stays strings.Builder
	add := func(vary func(to []byte, s *state) []byte) {
		pieces = append(pieces, piece{stays.String(), vary})
		stays.Reset()
	}
	for _, f := range families {
		varies := vary[f.GetName()]
		switch {
		case f.GetName() == lastSeenMetric && vary[eventsMetric] != nil:
			continue // which series it has varies too
		case f.GetName() == eventsMetric && varies != nil: // before it, since families are sorted by name
			add(lastSeen(lastSeenHeader))
		}
		var text strings.Builder
		if _, err := expfmt.MetricFamilyToText(&text, f); err != nil {
			return nil, err
		}
		samples := f.GetMetric()
		for line := range strings.Lines(text.String()) {
			if line[0] == '#' || varies == nil {
				stays.WriteString(line)
				continue
			}
			stays.WriteString(line[:strings.LastIndexByte(line, ' ')+1])
			add(number(varies(label(samples[0]), value(samples[0]))))
			stays.WriteByte('\n')
			samples = samples[1:]
		}
	}
	add(func(to []byte, _ *state) []byte { return to })
	return pieces, nil
}

// render appends the exposition of a node like the base.
func (b *base) render(to []byte, s *state) []byte {
	for i := range b.pieces {
		to = append(to, b.pieces[i].text...)
		to = b.pieces[i].vary(to, s)
	}
	return to
}

// number writes a value as the text format does.
func number(value func(*state) float64) func(to []byte, s *state) []byte {
	return func(to []byte, s *state) []byte {
		return strconv.AppendFloat(to, value(s), 'g', -1, 64)
	}
}

// lastSeen writes when each event was last seen that was seen at all.
func lastSeen(header string) func(to []byte, s *state) []byte {
	type sample struct {
		event event.Event
		text  string
	}
	var all []sample
	for _, e := range event.All() {
		all = append(all, sample{e, lastSeenMetric + `{event="` + string(e) + `"} `})
	}
	slices.SortFunc(all, func(a, b sample) int { return strings.Compare(a.text, b.text) })
	return func(to []byte, s *state) []byte {
		headed := false
		for i := range all {
			t := s.tallies[all[i].event]
			if t.count == 0 {
				continue
			}
			if !headed {
				to, headed = append(to, header...), true
			}
			to = append(to, all[i].text...)
			to = strconv.AppendFloat(to, seconds(s.begin.Add(t.last)), 'g', -1, 64)
			to = append(to, '\n')
		}
		return to
	}
}

// seconds returns a time as the log collector tells it, to the millisecond.
func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1e3 }

// series returns the name of a sample's series, if it has no more than one label.
func series(name string, m *dto.Metric) string {
	if len(m.GetLabel()) != 1 {
		return name
	}
	l := m.GetLabel()[0]
	return name + "{" + l.GetName() + "=" + strconv.Quote(l.GetValue()) + "}"
}

// label returns the value of a sample's first label, or nothing.
func label(m *dto.Metric) string {
	if len(m.GetLabel()) == 0 {
		return ""
	}
	return m.GetLabel()[0].GetValue()
}

// value returns the value of a gauge or a counter.
func value(m *dto.Metric) float64 {
	return m.GetGauge().GetValue() + m.GetCounter().GetValue()
}
