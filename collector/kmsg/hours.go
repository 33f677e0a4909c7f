package kmsg

import "time"

// NumHours is how many hours [Hours] goes back.
const NumHours = 24

// Hours counts events by the hour in which they happened, as the kernel's log has
// their times. It is since the program started to read the log, and not kept in the
// state file. The zero value is empty.
type Hours struct {
	last   int64 // the newest hour, since the epoch
	counts [NumHours]uint32
}

func (h *Hours) add(at time.Time) {
	if at.IsZero() {
		return
	}
	hour := at.Unix() / 3600
	if ahead := hour - h.last; ahead > 0 {
		for i := range min(ahead, NumHours) {
			h.counts[(hour-i)%NumHours] = 0
		}
		h.last = hour
	}
	if h.last-hour < NumHours {
		h.counts[hour%NumHours]++
	}
}

// Until returns the counts of the hours that end with the one of a time, the oldest
// first.
func (h *Hours) Until(now time.Time) [NumHours]uint32 {
	var counts [NumHours]uint32
	hour := now.Unix() / 3600
	for i := range int64(NumHours) {
		at := hour - (NumHours - 1) + i
		if at <= h.last && at > h.last-NumHours {
			counts[i] = h.counts[at%NumHours]
		}
	}
	return counts
}
