package kmsg

import (
	"reflect"
	"testing"
	"time"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
)

func TestTally(t *testing.T) {
	t.Parallel()
	wall := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	told := finding{opens: true, event: event.NetdevLeak, device: []byte("eth0")}
	tl := newTally()

	tl.add(&record.Record{Seq: 5, Level: 6}, finding{}, moment{})
	tl.add(&record.Record{Seq: 6, Level: 4}, finding{suppressed: 72}, moment{})
	tl.add(&record.Record{Seq: 9, Level: 0}, told, moment{wall: wall, cadence: every(period)})
	tl.add(&record.Record{Seq: 10, Level: 0, Facility: 1}, finding{}, moment{})
	tl.add(&record.Record{Seq: 11, Level: 0}, told, moment{cadence: every(period)})

	want := Counts{NextSeq: 12, Untrusted: 1, LostBeforeStart: 5, LostOverrun: 2, Suppressed: 72}
	want.Records = [record.NumLevels]uint64{0: 2, 4: 1, 6: 1}
	want.Events = map[event.Event]EventCount{event.NetdevLeak: {Count: 2, LastSeen: wall}}
	if !reflect.DeepEqual(tl.Counts, want) {
		t.Errorf("got  %+v\nwant %+v", tl.Counts, want)
	}
	if len(tl.waits) != 1 {
		t.Errorf("waits for %v", tl.waits)
	}
	if !tl.seen(11) || tl.seen(12) {
		t.Error("seen(11) and not seen(12) is what was counted")
	}
}

func TestTallyComplete(t *testing.T) {
	t.Parallel()
	read := Counts{NextSeq: 1, Untrusted: 1}
	tests := []struct {
		name   string
		change func(*tally)
		want   bool
	}{
		{"all", func(*tally) {}, true},
		{"nothing read", func(t *tally) { *t = newTally() }, false},
		{"late", func(t *tally) { t.LostBeforeStart = 1 }, false},
		{"overrun", func(t *tally) { t.LostOverrun = 1 }, false},
		{"malformed", func(t *tally) { t.Malformed = 1 }, false},
		{"cleared", func(t *tally) { t.incomplete = true }, false},
	}
	for _, tt := range tests {
		tl := newTally()
		tl.Counts = read
		tt.change(&tl)
		if got := tl.complete(); got != tt.want {
			t.Errorf("%s: complete is %t", tt.name, got)
		}
	}
}
