package kmsg

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
	"kernel_exporter/collector/kmsg/source"
	"kernel_exporter/collector/kmsg/statefile"
)

// stateVersion is the version of the format below. A format that this one
// cannot be read as gets another.
const stateVersion = 1

// A state is a tally as it is kept in a file: all of one moment, so that
// whoever goes on after its position counts nothing twice and misses nothing.
// Malformed records are not in it, as they are this process's own.
type state struct {
	Version int    `json:"version"`
	BootID  string `json:"boot_id"`

	// The position. With Behind set it is the last record, which comes after the
	// one before NextSeq.
	NextSeq uint64    `json:"next_seq"`
	Lines   bool      `json:"lines"`
	Behind  bool      `json:"behind"`
	Last    stateMark `json:"last"`

	Records         []uint64              `json:"records"` // by level
	Untrusted       uint64                `json:"untrusted"`
	LostBeforeStart uint64                `json:"lost_before_start"`
	LostOverrun     uint64                `json:"lost_overrun"`
	Incomplete      bool                  `json:"incomplete"`
	Suppressed      uint64                `json:"suppressed"`
	Events          map[string]stateEvent `json:"events"` // by name; those never seen are left out
	Waits           []stateWait           `json:"waits"`
}

type stateMark struct {
	TimeMicros int64  `json:"time_us"` // -1 if not known
	Priority   uint32 `json:"priority"`
	Hash       uint64 `json:"hash,string"`
}

type stateEvent struct {
	Count          uint64 `json:"count"`
	LastSeenMicros int64  `json:"last_seen_us,omitempty"` // since the epoch
}

type stateWait struct {
	Device        []byte `json:"device"`
	FirstMicros   int64  `json:"first_us"`
	LastMicros    int64  `json:"last_us"`
	SpacingMicros int64  `json:"spacing_us,omitempty"`
	UptimeMicros  int64  `json:"uptime_us,omitempty"`
}

// encodeState returns the state that keeps a tally, or nil if there is nothing
// to keep.
func encodeState(bootID string, t *tally) ([]byte, error) {
	if !t.position.last.Known {
		return nil, nil
	}
	last := t.position.fingerprint()
	s := state{
		Version: stateVersion, BootID: bootID,
		NextSeq: t.position.next, Lines: t.lines, Behind: t.position.byLine,
		Last:    stateMark{TimeMicros: micros(last.Time), Priority: last.Priority, Hash: last.Hash},
		Records: t.Records[:], Untrusted: t.Untrusted,
		LostBeforeStart: t.LostBeforeStart, LostOverrun: t.LostOverrun,
		Incomplete: t.incomplete || t.Malformed > 0, Suppressed: t.Suppressed,
		Events: make(map[string]stateEvent), Waits: []stateWait{},
	}
	for e, c := range t.Events {
		kept := stateEvent{Count: c.Count}
		if !c.LastSeen.IsZero() {
			kept.LastSeenMicros = c.LastSeen.UnixMicro()
		}
		s.Events[string(e)] = kept
	}
	for device, w := range t.waits {
		s.Waits = append(s.Waits, stateWait{
			Device: []byte(device), FirstMicros: micros(w.first), LastMicros: micros(w.last.at),
			SpacingMicros: micros(w.spacing), UptimeMicros: micros(w.last.uptime),
		})
	}
	slices.SortFunc(s.Waits, func(a, b stateWait) int { return bytes.Compare(a.Device, b.Device) })
	b, err := json.MarshalIndent(s, "", " ")
	return append(b, '\n'), err
}

// isState says whether the content of a file is a state, whole, cut or damaged. A
// file that was emptied, or that a crash left full of zeros, holds nothing that
// anyone could miss.
func isState(b []byte) bool {
	if len(b) < statefile.MaxSize && len(bytes.Trim(b, "\x00 \t\r\n")) == 0 {
		return true
	}
	const start, second = `{"version":`, `,"boot_id":`
	text := spaceless(b, len(start)+len("18446744073709551615")+len(second))
	number, ok := bytes.CutPrefix(text, []byte(start))
	if !ok {
		return len(text) > 0 && bytes.HasPrefix([]byte(start), text) || bytes.Contains(b, []byte(`"boot_id"`)) && bytes.Contains(b, []byte(`"next_seq"`))
	}
	rest := bytes.TrimLeft(number, "0123456789")
	n := min(len(rest), len(second))
	return string(rest[:n]) == second[:n]
}

// spaceless returns the first n bytes of a JSON text that are not white space.
func spaceless(b []byte, n int) []byte {
	text := make([]byte, 0, n)
	for _, c := range b {
		if len(text) == n {
			break
		}
		if c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			text = append(text, c)
		}
	}
	return text
}

// decodeState reads a state. It takes none that an encodeState did not make.
func decodeState(b []byte) (bootID string, t tally, err error) {
	var header struct {
		Version *int `json:"version"`
	}
	if err := json.Unmarshal(b, &header); err != nil {
		return "", tally{}, fmt.Errorf("not a state: %w", err)
	}
	if header.Version == nil {
		return "", tally{}, errors.New("not a state of the kernel log")
	}
	if *header.Version != stateVersion {
		return "", tally{}, fmt.Errorf("state of version %d, this is a program for version %d", *header.Version, stateVersion)
	}
	var s state
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return "", tally{}, fmt.Errorf("not a state: %w", err)
	}
	if t, err = s.tally(); err != nil {
		return "", tally{}, fmt.Errorf("not a state: %w", err)
	}
	return s.BootID, t, nil
}

// tally returns the tally that the state keeps, if it can be one.
func (s *state) tally() (tally, error) {
	if s.BootID == "" {
		return tally{}, errors.New("no boot id")
	}
	if len(s.Records) != record.NumLevels {
		return tally{}, fmt.Errorf("%d levels", len(s.Records))
	}
	t := newTally()
	t.lines = s.Lines
	t.position.next, t.position.byLine = s.NextSeq, s.Behind
	t.position.last = record.Fingerprint{Known: true, Time: duration(s.Last.TimeMicros), Priority: s.Last.Priority, Hash: s.Last.Hash}
	copy(t.Records[:], s.Records)
	t.Untrusted, t.LostBeforeStart, t.LostOverrun = s.Untrusted, s.LostBeforeStart, s.LostOverrun
	t.incomplete, t.Suppressed = s.Incomplete, s.Suppressed
	if err := s.check(); err != nil {
		return tally{}, err
	}
	for name, e := range s.Events {
		if !event.Known(name) {
			continue // of a newer program
		}
		count := EventCount{Count: e.Count}
		if e.LastSeenMicros != 0 {
			count.LastSeen = time.UnixMicro(e.LastSeenMicros)
		}
		t.Events[event.Event(name)] = count
	}
	for _, w := range s.Waits {
		t.waits[string(w.Device)] = wait{
			first: duration(w.FirstMicros), spacing: duration(w.SpacingMicros),
			last: moment{at: duration(w.LastMicros), uptime: duration(w.UptimeMicros)},
		}
	}
	return t, nil
}

// check says why the state cannot be one that was kept.
func (s *state) check() error {
	var kernel, all uint64
	for _, n := range append([]uint64{s.Untrusted, s.LostBeforeStart, s.LostOverrun}, s.Records...) {
		if all+n < all {
			return errors.New("counts out of range")
		}
		all += n
	}
	for _, n := range s.Records {
		kernel += n
	}
	switch {
	case s.Behind && !s.Lines, s.NextSeq == 0 && !s.Lines:
		return errors.New("no position")
	case !s.Lines && all != s.NextSeq:
		return fmt.Errorf("counts of %d records, and %d records", all, s.NextSeq)
	case s.NextSeq > source.MaxSeq+1:
		return errors.New("position out of range")
	case s.Last.TimeMicros != -1 && !inRange(s.Last.TimeMicros):
		return errors.New("time out of range")
	}
	for name, e := range s.Events {
		if e.Count == 0 || e.Count > kernel {
			return fmt.Errorf("%d records are %s, of %d", e.Count, name, kernel)
		}
	}
	return checkWaits(s.Waits)
}

func checkWaits(waits []stateWait) error {
	if len(waits) > maxWaits {
		return fmt.Errorf("%d devices are waited for", len(waits))
	}
	for i, w := range waits {
		switch {
		case len(w.Device) == 0 || len(w.Device) > maxDeviceName:
			return fmt.Errorf("device name of %d bytes", len(w.Device))
		case i > 0 && bytes.Compare(waits[i-1].Device, w.Device) >= 0:
			return fmt.Errorf("device %q out of order", w.Device)
		case !inRange(w.FirstMicros) || !inRange(w.LastMicros) || !inRange(w.SpacingMicros) || !inRange(w.UptimeMicros),
			w.FirstMicros > w.LastMicros:
			return fmt.Errorf("time of device %q out of range", w.Device)
		}
	}
	return nil
}

// Times are kept as whole microseconds, as records have them, and unknownTime
// as -1.

func inRange(us int64) bool { return us >= 0 && us <= source.MaxTime.Microseconds() }

func micros(d time.Duration) int64 {
	if d == record.UnknownTime {
		return -1
	}
	return d.Microseconds()
}

func duration(us int64) time.Duration {
	if us == -1 {
		return record.UnknownTime
	}
	return time.Duration(us) * time.Microsecond
}
