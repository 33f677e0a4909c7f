package host

import (
	"bytes"
	"fmt"
	"math"
)

// Meminfo is what of /proc/meminfo matters here, in bytes. A field that the
// kernel does not show is nil.
type Meminfo struct {
	// Total is the memory that the kernel manages (MemTotal).
	Total *uint64
	// SlabReclaimable is slab memory that the kernel gives back when it runs
	// short (SReclaimable).
	SlabReclaimable *uint64
	// SlabUnreclaimable is slab memory that only its users can free (SUnreclaim).
	SlabUnreclaimable *uint64
}

// Meminfo reads /proc/meminfo. procfs has a reader of all its lines, which makes 9 kB
// of garbage at each scrape for these three.
func (f *FS) Meminfo() (Meminfo, error) {
	const rel = "proc/meminfo"
	var m Meminfo
	err := f.content(rel, maxFileSize, func(b []byte) error {
		for line := range bytes.Lines(b) {
			name, value, _ := bytes.Cut(line, []byte(":"))
			var to **uint64
			switch string(name) {
			case "MemTotal":
				to = &m.Total
			case "SReclaimable":
				to = &m.SlabReclaimable
			case "SUnreclaim":
				to = &m.SlabUnreclaimable
			default:
				continue
			}
			number, kB := bytes.CutSuffix(bytes.TrimSpace(value), []byte(" kB"))
			n, ok := parseDecimal(number)
			if !ok || !kB || n > math.MaxUint64>>10 {
				return fmt.Errorf("%s: %.40q is not a number of kB", f.Path(rel), bytes.TrimSpace(line))
			}
			n <<= 10
			*to = &n
		}
		return nil
	})
	if err != nil {
		return Meminfo{}, err
	}
	return m, nil
}
