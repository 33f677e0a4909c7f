package kmsg

import (
	"fmt"
	"testing"
	"time"
)

const period = 10 * time.Second

// replayed returns waits for messages about one device, at times in seconds.
func replayed(device string, at ...float64) waits {
	ws := make(waits)
	for _, s := range at {
		ws.add([]byte(device), moment{at: seconds(s)}, every(period))
	}
	return ws
}

// every is the cadence of a period that is known.
func every(period time.Duration) cadence { return cadence{period: period, known: true} }

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

func TestWaitsReplayed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		at      []float64
		cadence cadence
		uptime  float64
		open    int
		longest float64
	}{
		{"none", nil, every(period), 100, 0, 0},
		{"one message counts from a period before", []float64{100}, every(period), 102, 1, 12},
		{"repeated", []float64{100, 110.2, 120.4}, every(period), 125, 1, 35},
		{"silent for just three periods", []float64{100}, every(period), 130, 1, 40},
		{"silent for longer", []float64{100}, every(period), 130.001, 0, 0},
		{"a message missed", []float64{100, 120}, every(period), 145, 1, 55},
		{"silent for three spacings", []float64{100, 120}, every(period), 180, 1, 90},
		{"silent for longer than that", []float64{100, 120}, every(period), 180.001, 0, 0},
		{"three messages missed", []float64{100, 130}, every(period), 145, 1, 55},
		{"a minute's silence ends a wait", []float64{100, 110, 170}, every(period), 175, 1, 15},
		{"and does not stretch the next", []float64{100, 110, 170}, every(period), 200.001, 0, 0},
		{"two waits", []float64{100, 110, 1000}, every(period), 1010, 1, 20},
		{"period read as longer", []float64{100, 400}, every(300 * time.Second), 1300, 1, 1500},
		{"period read as shorter", []float64{100}, every(time.Second), 103.001, 0, 0},
		{"uptime behind the record", []float64{100}, every(period), 99.99, 1, 10},
		{"times that go back", []float64{100, 99.999, 110}, every(period), 115, 1, 25},

		// Where the period may be another one, a silence may be the period. The
		// answer is wrong for short waits a minute apart, but does not come and go
		// for a device that is waited for.
		{"not read: as the default", []float64{100, 110}, cadence{period: period}, 115, 1, 25},
		{"not read: spacing longer than the default", []float64{100, 160}, cadence{period: period}, 340, 1, 250},
		{"not read: silent for more than three spacings", []float64{100, 160}, cadence{period: period}, 340.001, 0, 0},
		{"not read: the last spacing is what counts", []float64{100, 160, 170}, cadence{period: period}, 200.001, 0, 0},
		{"not read: the second wait knows no spacing", []float64{100, 160, 1000}, cadence{period: period}, 1030.001, 0, 0},
		{"not read: longer than any spacing", []float64{100, 220.001}, cadence{period: period}, 225, 1, 14.999},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ws := make(waits)
			for _, s := range tt.at {
				ws.add([]byte("eth0"), moment{at: seconds(s)}, tt.cadence)
			}
			n, longest, known := ws.open(moment{read: time.Now(), uptime: seconds(tt.uptime)}, tt.cadence)
			if n != tt.open || longest != seconds(tt.longest) || !known {
				t.Errorf("%d open, longest %s, known %t; want %d, %gs, true", n, longest, known, tt.open, tt.longest)
			}
		})
	}
}

// Every pod has an eth0, and one of them may go each minute: many short waits are
// not one long one.
func TestShortWaitsAreNotOneLong(t *testing.T) {
	t.Parallel()
	ws := make(waits)
	var at time.Duration
	for at = time.Hour; at < time.Hour+15*time.Minute; at += time.Minute {
		for _, after := range []time.Duration{0, period} {
			ws.add([]byte("eth0"), moment{at: at + after}, every(period))
		}
	}
	at -= time.Minute - period // of the last message
	if n, longest, _ := ws.open(moment{uptime: at + time.Second}, every(period)); n != 1 || longest != 2*period+time.Second {
		t.Errorf("%d open, longest %s; want 1, %s", n, longest, 2*period+time.Second)
	}
	if n, longest, _ := ws.open(moment{uptime: at + 40*time.Second}, every(period)); n != 0 || longest != 0 {
		t.Errorf("%d open, longest %s between two waits", n, longest)
	}
}

func TestWaitsLive(t *testing.T) {
	t.Parallel()
	start := time.Now()
	ws := replayed("eth0", 100)
	ws.add([]byte("eth0"), moment{at: seconds(110), read: start}, every(period))

	// The uptime has gone on during a suspend, which the monotonic clock and the
	// log's have not. It is not asked.
	for _, uptime := range []time.Duration{seconds(5000), -1} {
		n, longest, known := ws.open(moment{read: start.Add(5 * time.Second), uptime: uptime}, every(period))
		if n != 1 || longest != seconds(25) || !known {
			t.Errorf("%d open, longest %s, known %t; want 1, 25s, true", n, longest, known)
		}
	}
	if n, _, _ := ws.open(moment{read: start.Add(31 * time.Second), uptime: -1}, every(period)); n != 0 {
		t.Error("a silent device is waited for")
	}
}

// A guest that was suspended for 40 s and then began to wait for a device: its log's clock is
// behind the uptime by so much, as seen on 5.10 and 6.12 (docs/kernels.md).
func TestWaitsReplayedAfterASuspend(t *testing.T) {
	t.Parallel()
	ws := replayed("eth0", 100, 110)
	now := moment{uptime: seconds(155), slept: seconds(40)}
	if n, longest, known := ws.open(now, every(period)); n != 1 || longest != seconds(25) || !known {
		t.Errorf("%d open, longest %s, known %t; want 1, 25s, true", n, longest, known)
	}
	now.uptime = seconds(181)
	if n, _, _ := ws.open(now, every(period)); n != 0 {
		t.Error("a silent device is waited for")
	}
}

// After a restart, what an earlier process read live is as old as the uptime says:
// the log's clock has stood still in each suspend.
func TestWaitsOfAnEarlierProcess(t *testing.T) {
	t.Parallel()
	ws := make(waits)
	for _, at := range []float64{100, 110} {
		ws.add([]byte("eth0"), moment{at: seconds(at), read: time.Now(), uptime: seconds(5000 + at)}, every(period))
	}
	d := ws["eth0"]
	d.last.read = time.Time{}
	ws["eth0"] = d
	if n, longest, known := ws.open(moment{uptime: seconds(5115)}, every(period)); n != 1 || longest != seconds(25) || !known {
		t.Errorf("%d open, longest %s, known %t; want 1, 25s, true", n, longest, known)
	}
	if n, _, _ := ws.open(moment{uptime: seconds(5141)}, every(period)); n != 0 {
		t.Error("a silent device is waited for")
	}
}

func TestWaitsUnknownUptime(t *testing.T) {
	t.Parallel()
	if _, _, known := replayed("eth0", 100).open(moment{uptime: -1}, every(period)); known {
		t.Error("the age of a replayed message is known without an uptime")
	}
	if n, _, known := make(waits).open(moment{uptime: -1}, every(period)); n != 0 || !known {
		t.Error("nothing is waited for, and that is known")
	}
}

func TestWaitsByName(t *testing.T) {
	t.Parallel()
	ws := make(waits)
	names := []string{"eth0", "eth0.100", "veth-a", "veth1@if2", "lo", "fifteenletters1", "fifteenletters1 and more"}
	for _, name := range names {
		ws.add([]byte(name), moment{at: seconds(100)}, every(period))
	}
	if n, _, _ := ws.open(moment{uptime: seconds(100)}, every(period)); n != len(names)-1 {
		t.Errorf("%d devices, want %d", n, len(names)-1)
	}
}

func TestWaitsAreBounded(t *testing.T) {
	t.Parallel()
	ws := make(waits)
	const devices = 10_000
	for i := range devices {
		ws.add(fmt.Append(nil, "veth", i), moment{at: time.Duration(i) * time.Millisecond}, every(period))
	}
	if len(ws) != maxWaits {
		t.Fatalf("%d devices kept, want %d", len(ws), maxWaits)
	}
	for i := devices - maxWaits; i < devices; i++ {
		if _, ok := ws[fmt.Sprint("veth", i)]; !ok {
			t.Fatalf("device %d of %d is not among the last %d", i, devices, maxWaits)
		}
	}
	ws.add([]byte("late"), moment{at: time.Hour}, every(period))
	if len(ws) != 1 {
		t.Errorf("%d devices kept that were over long ago", len(ws)-1)
	}
}
