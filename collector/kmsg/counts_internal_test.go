package kmsg

import (
	"reflect"
	"testing"
	"time"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
	"kernel_exporter/collector/kmsg/source"
)

func TestTally(t *testing.T) {
	t.Parallel()
	wall := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	report := event.Finding{Event: event.NetdevLeak, Device: []byte("eth0")}
	tl := newTally()

	addRecord(&tl, record.Record{Seq: 5, Level: 6})
	tl.add(&source.Item{Numbered: true, Record: record.Record{Seq: 6, Level: 4}, Suppressed: 72}, moment{}, cadence{})
	tl.add(&source.Item{Numbered: true, Record: record.Record{Seq: 9}, Finding: report}, moment{wall: wall}, every(period))
	addRecord(&tl, record.Record{Seq: 10, Facility: 1})
	tl.add(&source.Item{Numbered: true, Record: record.Record{Seq: 11}, Finding: report}, moment{}, every(period))

	want := Counts{Untrusted: 1, LostBeforeStart: 5, LostOverrun: 2, Suppressed: 72}
	want.Records = [record.NumLevels]uint64{0: 2, 4: 1, 6: 1}
	want.Events = map[event.Event]EventCount{event.NetdevLeak: {Count: 2, LastSeen: wall}}
	if !reflect.DeepEqual(tl.Counts, want) {
		t.Errorf("got  %+v\nwant %+v", tl.Counts, want)
	}
	if len(tl.waits) != 1 {
		t.Errorf("waits for %v", tl.waits)
	}
	if !tl.position.counted(11) || tl.position.counted(12) {
		t.Error("record 11 is counted and record 12 is not")
	}
}

// A guest's clock was set back by 3 h between two reports: the later one was seen last.
func TestTallyAfterTheClockWasSetBack(t *testing.T) {
	t.Parallel()
	before := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	after := before.Add(-3 * time.Hour)
	report := event.Finding{Event: event.OverlayfsInUse}
	tl := newTally()
	tl.add(&source.Item{Numbered: true, Record: record.Record{Seq: 0}, Finding: report}, moment{wall: before, read: time.Now()}, cadence{})
	tl.add(&source.Item{Numbered: true, Record: record.Record{Seq: 1}, Finding: report}, moment{wall: after, read: time.Now()}, cadence{})
	if got := tl.Events[event.OverlayfsInUse].LastSeen; !got.Equal(after) {
		t.Errorf("last seen at %s, want %s", got, after)
	}
	tl.add(&source.Item{Numbered: true, Record: record.Record{Seq: 2}, Finding: report}, moment{wall: after.Add(-time.Minute)}, cadence{})
	if got := tl.Events[event.OverlayfsInUse].LastSeen; !got.Equal(after) {
		t.Errorf("a replayed record moved last seen to %s", got)
	}
}

func TestTallyComplete(t *testing.T) {
	t.Parallel()
	read := Counts{Untrusted: 1}
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
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tl := newTally()
			tl.Counts = read
			tt.change(&tl)
			if got := tl.complete(); got != tt.want {
				t.Errorf("%s: complete is %t", tt.name, got)
			}
		})
	}
}
