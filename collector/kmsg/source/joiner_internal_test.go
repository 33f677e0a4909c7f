package source

import (
	"strings"
	"testing"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
)

const leak = "unregister_netdevice: waiting for eth0 to become free. Usage count = 1"

func TestJoiner(t *testing.T) {
	t.Parallel()
	type fragment struct {
		flag         byte
		caller, text string
		want         string // the device of the leak that is found
	}
	const head, tail = "unregister_netdevice: waiting for ", "eth0 to become free. Usage count = 1"
	tests := []struct {
		name       string
		headMarked bool
		fragments  []fragment
	}{
		{"one record", false, []fragment{{'-', "", leak, "eth0"}}},
		{"one record, old kernel", true, []fragment{{'-', "", leak, "eth0"}}},
		{"continuation", false, []fragment{{'-', "", head, ""}, {'c', "", tail, "eth0"}}},
		{"continuations of Linux 4.9", false, []fragment{{'-', "", head, ""}, {'c', "", "eth", ""}, {'+', "", tail[3:], "eth0"}}},
		{"marked head", true, []fragment{{'c', "", head, ""}, {'+', "", "eth", ""}, {'+', "", tail[3:], "eth0"}}},
		{"found by the head, not again by what follows", false, []fragment{{'-', "", leak, "eth0"}, {'c', "", "", ""}, {'c', "", leak, ""}}},
		{"found by the marked head", true, []fragment{{'c', "", leak, "eth0"}, {'+', "", " ", ""}, {'+', "", leak, ""}}},
		{"found by the second, not by the third", false, []fragment{{'-', "", head, ""}, {'c', "", tail, "eth0"}, {'c', "", "2", ""}}},
		{"a marked head begins anew", true, []fragment{{'c', "", head, ""}, {'c', "", leak, "eth0"}}},
		{"no head", false, []fragment{{'c', "", leak, ""}}},
		{"no head, old kernel", true, []fragment{{'-', "", head, ""}, {'+', "", tail, ""}}},
		{"a line by itself ends the one before", true, []fragment{{'c', "", head, ""}, {'-', "", "x", ""}, {'+', "", tail, ""}}},
		{"same caller", false, []fragment{{'-', "T1", head, ""}, {'c', "T1", tail, "eth0"}}},
		{"another caller", false, []fragment{{'-', "T1", head, ""}, {'c', "C1", tail, ""}, {'c', "T1", tail, "eth0"}}},
		{"a caller not known", false, []fragment{{'-', "", head, ""}, {'c', "T1", tail, "eth0"}}},
		{"the caller of an earlier line does not stick", false, []fragment{{'-', "T1", "x", ""}, {'-', "", head, ""}, {'c', "T2", tail, "eth0"}}},
		{"equal lines are two", false, []fragment{{'-', "", leak, "eth0"}, {'-', "", leak, "eth0"}}},
		{"too long a line", false, []fragment{
			{'-', "", strings.Repeat("x", record.MaxLine+1), ""},
			{'c', "", "y", ""},
			{'-', "", head, ""},
			{'c', "", strings.Repeat("x", 2*record.MaxLine), ""},
			{'c', "", tail, ""},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			j := joiner{reader: event.NewReader(event.NewMatcher()), headMarked: tt.headMarked}
			for i, f := range tt.fragments {
				it := Item{Record: record.Record{Flag: f.flag, Caller: []byte(f.caller), Text: []byte(f.text)}}
				j.add(&it)
				got := it.Finding
				if (got.Event != "") != (f.want != "") || string(got.Device) != f.want || got.Event != "" && got.Event != event.NetdevLeak {
					t.Errorf("fragment %d: found %+v, want a leak of %q", i, got, f.want)
				}
				if len(j.text) > record.MaxLine {
					t.Errorf("fragment %d: %d bytes kept", i, len(j.text))
				}
			}
		})
	}
}

func TestJoinerAfterGap(t *testing.T) {
	t.Parallel()
	j := joiner{reader: event.NewReader(event.NewMatcher())}
	j.add(&Item{Record: record.Record{Flag: '-', Text: []byte(leak[:20])}})
	j.gap()
	it := Item{Record: record.Record{Flag: 'c', Text: []byte(leak[20:])}}
	if j.add(&it); it.Finding.Event != "" {
		t.Error("a line was joined across lost records")
	}
}

func TestJoinerSuppressed(t *testing.T) {
	t.Parallel()
	j := joiner{reader: event.NewReader(event.NewMatcher())}
	want := []uint64{0, 72, 0}
	for i, r := range []record.Record{
		{Flag: '-', Text: []byte("slab_out_of_memory: 72 ")},
		{Flag: 'c', Text: []byte("callbacks suppressed")},
		{Flag: 'c', Text: []byte("")},
	} {
		it := Item{Record: r}
		if j.add(&it); it.Finding.Event != "" || it.Suppressed != want[i] {
			t.Errorf("fragment %d: found %+v, want %d suppressed", i, it, want[i])
		}
	}
}

//nolint:paralleltest // others' allocations would be counted
func TestJoinerDoesNotAllocate(t *testing.T) {
	j := joiner{reader: event.NewReader(event.NewMatcher())}
	r := Item{Record: record.Record{Flag: '-', Caller: []byte("T1"), Text: []byte("eth0: link becomes ready")}}
	c := Item{Record: record.Record{Flag: 'c', Caller: []byte("T1"), Text: []byte(" again")}}
	j.add(&r)
	j.add(&c)
	if n := testing.AllocsPerRun(100, func() { j.add(&r); j.add(&c) }); n != 0 {
		t.Errorf("%v allocations a line", n)
	}
}
