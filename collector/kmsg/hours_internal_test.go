package kmsg

import (
	"slices"
	"testing"
	"time"
)

func TestHours(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 26, 12, 30, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		ago  []time.Duration // in the order in which they are read
		want map[int]uint32  // by how many hours ago
	}{
		"none":          {nil, nil},
		"now":           {[]time.Duration{0, 0}, map[int]uint32{0: 2}},
		"in order":      {[]time.Duration{3 * time.Hour, time.Hour, 0}, map[int]uint32{3: 1, 1: 1, 0: 1}},
		"out of order":  {[]time.Duration{0, 2 * time.Hour}, map[int]uint32{2: 1, 0: 1}},
		"too old":       {[]time.Duration{0, 24 * time.Hour, 23 * time.Hour}, map[int]uint32{23: 1, 0: 1}},
		"a day between": {[]time.Duration{30 * time.Hour, 0}, map[int]uint32{0: 1}},
		"ahead of now":  {[]time.Duration{time.Hour, -2 * time.Hour}, map[int]uint32{1: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var h Hours
			for _, ago := range test.ago {
				h.add(noon.Add(-ago))
			}
			h.add(time.Time{}) // nobody knows when
			var want [NumHours]uint32
			for ago, n := range test.want {
				want[NumHours-1-ago] = n
			}
			if got := h.Until(noon); !slices.Equal(got[:], want[:]) {
				t.Errorf("%v, want %v", got, want)
			}
		})
	}
}
