package kmsg

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
	"kernel_exporter/collector/kmsg/source"
	"kernel_exporter/collector/kmsg/statefile"
)

// keptTally returns a tally with something in all that is kept.
func keptTally() tally {
	t := newTally()
	wall := time.Unix(1_800_000_000, 123_456_000)
	add := func(seq uint64, text string, it source.Item) {
		it.Numbered = true
		it.Record = record.Record{Seq: seq, Level: 3, Time: seconds(float64(seq)), Text: []byte(text)}
		t.add(&it, moment{wall: wall, at: seconds(float64(seq)), read: time.Now(), uptime: seconds(float64(seq + 1))}, every(period))
	}
	add(7, "a", source.Item{Suppressed: 5})
	for i, name := range []string{"eth0", "eth0", "veth\xff\xfe@x"} {
		add(uint64(10+10*i), leak, source.Item{Finding: event.Finding{Event: event.NetdevLeak, Device: []byte(name)}})
	}
	addRecord(&t, record.Record{Seq: 31, Facility: 1, Time: seconds(31), Text: []byte("user\nspace")})
	t.incomplete = true
	return t
}

// addRecord adds a record that reports nothing.
func addRecord(t *tally, r record.Record) {
	t.add(&source.Item{Numbered: true, Record: r}, moment{}, cadence{})
}

// addLine adds a line of syslog(2) that reports nothing.
func addLine(t *tally, text string) {
	t.add(&source.Item{Record: record.Record{Time: record.UnknownTime, Text: []byte(text)}}, moment{}, cadence{})
}

// kept returns what comes back of a tally that is kept in a state.
func kept(t *testing.T, tl tally) tally {
	t.Helper()
	b, err := encodeState("boot", &tl)
	if err != nil {
		t.Fatal(err)
	}
	bootID, got, err := decodeState(b)
	if err != nil || bootID != "boot" {
		t.Fatalf("boot id %q, %v: %s", bootID, err, b)
	}
	return got
}

func TestStateKeepsAll(t *testing.T) {
	t.Parallel()
	tl := keptTally()
	got := kept(t, tl)
	want := tl.clone()
	want.hours = Hours{} // of this process
	want.position.last, want.position.text, want.position.unhashed = tl.position.fingerprint(), nil, false
	for device, w := range want.waits {
		w.last.read = time.Time{} // of this process
		want.waits[device] = w
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	for _, w := range got.waits {
		if w.last.uptime == 0 || w.spacing == 0 && w.first != w.last.at {
			t.Errorf("wait %+v", w)
		}
	}

	// What is gone on with is kept again, and a malformed record ends completeness.
	tl = newTally()
	addRecord(&tl, record.Record{Text: []byte("")})
	if tl = kept(t, tl); tl.incomplete || tl.position.last.Hash != record.Hash(nil) {
		t.Errorf("after an empty record: %+v", tl)
	}
	tl.Malformed = 1
	addLine(&tl, "line")
	if got := kept(t, tl); !got.incomplete || !got.lines || !got.position.byLine || got.position.next != 1 || got.position.last != tl.position.fingerprint() || got.Malformed != 0 {
		t.Errorf("after a line: %+v", got)
	}
}

// A state that did not change is the same bytes, so that it is not stored again.
func TestStateIsDeterministic(t *testing.T) {
	t.Parallel()
	tl := keptTally()
	for i := range 100 {
		tl.waits[fmt.Sprint("veth", i)] = wait{first: 1, last: moment{at: 2}}
	}
	first, err := encodeState("boot", &tl)
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		_, again, err := decodeState(first)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := encodeState("boot", &again); err != nil || !bytes.Equal(b, first) {
			t.Fatalf("%v: got\n%s\nwant\n%s", err, b, first)
		}
	}
	empty := newTally()
	if b, err := encodeState("boot", &empty); b != nil || err != nil {
		t.Errorf("of nothing: %q, %v", b, err)
	}
}

// The largest state fits in what is read of a file.
func TestStateSize(t *testing.T) {
	t.Parallel()
	tl := keptTally()
	long := time.Duration(1<<62).Truncate(time.Microsecond) - time.Microsecond
	for i := range 2 * maxWaits {
		tl.waits.add(fmt.Appendf(nil, "%015d", i), moment{at: long, uptime: long}, every(period))
	}
	for _, e := range event.All() {
		tl.Events[e] = EventCount{1, time.Now()}
	}
	b, err := encodeState("00000000-0000-0000-0000-000000000000", &tl)
	if err != nil || len(b) > statefile.MaxSize/2 {
		t.Errorf("%d bytes, %v", len(b), err)
	}
	if _, got, err := decodeState(b); err != nil || len(got.waits) != maxWaits {
		t.Errorf("%d waits, %v", len(got.waits), err)
	}
}

func TestStateOfANewerProgram(t *testing.T) {
	t.Parallel()
	tl := keptTally()
	b, err := encodeState("boot", &tl)
	if err != nil {
		t.Fatal(err)
	}
	b = bytes.Replace(b, []byte(`"netdev_leak"`), []byte(`"an_event_to_come"`), 1)
	if _, got, err := decodeState(b); err != nil || got.Events[event.NetdevLeak].Count != 0 || got.position.next != 32 {
		t.Errorf("an event not known: %+v, %v", got, err)
	}
}

func TestStateIsStrict(t *testing.T) {
	t.Parallel()
	tl := keptTally()
	good, err := encodeState("boot", &tl)
	if err != nil {
		t.Fatal(err)
	}
	for i := range len(good) - 1 { // but for the last newline
		if _, _, err := decodeState(good[:i]); err == nil {
			t.Fatalf("the first %d of %d bytes are a state", i, len(good))
		}
	}
	for _, junk := range []string{"", "\n", "null", "1", "[]", "{}", `"x"`, "\x00\x00", `{"version":1}`, `{"counts":{}}`, strings.Repeat("[", 100_000)} {
		if _, _, err := decodeState([]byte(junk)); err == nil {
			t.Errorf("%.20q is a state", junk)
		}
	}
	changes := map[string]any{
		"version": 2, "boot_id": "", "next_seq": 33, "lost_overrun": 0, "untrusted": -1, "suppressed": 1.5, "more": 1,
		"records": []int{0, 0, 0, 1, 0, 0, 0}, "behind": true, "lines": "x", "events": map[string]any{"netdev_leak": map[string]any{"count": 5}},
		"last": map[string]any{"time_us": -2}, "waits": []any{map[string]any{"device": ""}},
	}
	for key, value := range changes {
		var m map[string]any
		if err := json.Unmarshal(good, &m); err != nil {
			t.Fatal(err)
		}
		m[key] = value
		if key == "next_seq" {
			m["next_seq"] = json.Number("33")
		}
		b, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := decodeState(b); err == nil {
			t.Errorf("a state with %s %v is one", key, value)
		}
	}
	for old, changed := range map[string]string{
		`"count": 3`: `"count": 0`, `"first_us": 30000000`: `"first_us": 30000001`, `"last_us": 20000000`: `"last_us": -1`,
		`"uptime_us": 31000000`: `"uptime_us": 9223372036854775807`, `"time_us": 31000000`: `"time_us": 9223372036854775807`,
		"\n}\n": "\n}\n{}", `"next_seq": 32`: `"next_seq": 18446744073709551616`,
	} {
		b := bytes.Replace(good, []byte(old), []byte(changed), 1)
		if _, _, err := decodeState(b); err == nil || bytes.Equal(b, good) {
			t.Errorf("%s for %s: %v in\n%s", changed, old, err, b)
		}
	}
}

func FuzzState(f *testing.F) {
	tl := keptTally()
	good, err := encodeState("boot", &tl)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	addLine(&tl, "line")
	lines, err := encodeState("boot", &tl)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(lines)
	f.Add([]byte(`{"version":1,"boot_id":"x","records":[0,0,0,0,0,0,0,1],"next_seq":1,"last":{"time_us":0,"priority":7,"hash":"1"}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		bootID, tl, err := decodeState(b)
		if err != nil {
			return
		}
		if n := tl.accounted(); !tl.lines && n != tl.position.next || bootID == "" || len(tl.waits) > maxWaits {
			t.Fatalf("%d records of %d, boot id %q, %d waits", n, tl.position.next, bootID, len(tl.waits))
		}
		// Kept again it is the same, and nothing it says breaks what goes on with it.
		again, err := encodeState(bootID, &tl)
		if err != nil {
			t.Fatal(err)
		}
		_, tl2, err := decodeState(again)
		if err != nil || !reflect.DeepEqual(tl, tl2) {
			t.Fatalf("%v: got\n%+v\nwant\n%+v", err, tl2, tl)
		}
		tl.waits.add([]byte("eth0"), moment{at: time.Hour}, every(period))
		tl.waits.open(moment{read: time.Now(), uptime: time.Hour}, every(period))
		addRecord(&tl, record.Record{Seq: tl.position.next})
		if tl.complete() && tl.LostBeforeStart+tl.LostOverrun > 0 {
			t.Fatalf("complete: %+v", tl)
		}
	})
}

// Whatever a log holds, the state that is kept of it is one that is taken over,
// and numbers and times that no kernel writes are not counted.
func TestStateOfALogThatLies(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"6,18446744073709551614,1,-;a", "6,18446744073709551615,1,-;b", "6,9223372036854775807,1,-;c", "6,9223372036854775808,1,-;d",
		"4294967295,5,9223372036854775,-;e", "6,5,4611686018427387,-;f", "6,5,4611686018427388,-;g", "3,5,9223372036854775,-;" + leak, "3,5,0,-;" + leak,
		"6,1,0,-;2147483647 callbacks suppressed",
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := newRig(t)
				g.cfg.Kernel.Uptime = func() (time.Duration, error) { return 1<<63 - 1, nil }
				g.in <- "6,0,0,-;first\n"
				g.start()
				g.send(line + "\n")
				b, err := encodeState("boot", &g.tally)
				if err != nil {
					t.Fatal(err)
				}
				if _, got, err := decodeState(b); err != nil || got.accounted() != g.tally.accounted() {
					t.Errorf("%v in %s", err, b)
				}
				if n := g.Snapshot(); n.accounted() != n.NextSeq || n.Malformed > 1 {
					t.Errorf("%d records of %d, %d malformed", n.accounted(), n.NextSeq, n.Malformed)
				}
				g.stop()
			})
		})
	}
}
