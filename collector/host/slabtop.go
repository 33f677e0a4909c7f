package host

import (
	"cmp"
	"slices"
	"strings"

	"kernel_exporter/collector/printable"
)

// SlabOther is the name under which a [SlabTop] sums up what it does not select.
const SlabOther = "other"

// SlabUsage is what the caches of one name hold together.
type SlabUsage struct {
	Name    string
	Objects uint64
	Bytes   uint64
}

// SlabTop selects the largest slab caches, and is slow to change its mind so
// that a cache at the border does not come and go with each scrape. It must not
// be used concurrently.
//
// Caches are ranked by bytes, then by name, the largest being 1. A cache is
// selected when its rank is at most n, and from then on while its rank is at
// most 2n and it exists. So between min(n, caches) and 2n are selected, and
// with the sum of the others there are at most 2n+1 series at any time. With n
// of 0 or less there is only that sum.
type SlabTop struct {
	n      int
	round  uint64
	byName map[string]*slabEntry
	ranked []*slabEntry
	top    []SlabUsage
}

type slabEntry struct {
	SlabUsage
	round    uint64 // the last in which the cache was there
	selected bool
}

// NewSlabTop returns a selection of the n largest caches.
func NewSlabTop(n int) *SlabTop {
	return &SlabTop{n: max(n, 0), byName: make(map[string]*slabEntry)}
}

// Update ranks the caches and returns the selected ones in the order of their
// names, and the sum of all others, whose name is [SlabOther]. Caches of the
// same name are added up, as are those that differ only in an address, an inode or a
// container (slabFamily); sums stop at the largest number. The caches named
// "other" or with a name that is not printable text always belong to the others.
// The slice is only valid until the next call.
func (t *SlabTop) Update(caches []SlabCache) ([]SlabUsage, SlabUsage) {
	other := SlabUsage{Name: SlabOther}
	t.round++
	for _, c := range caches {
		name := slabFamily(c.Name)
		if string(name) == SlabOther || !isLabel(name) {
			other.add(c.Objects, c.Bytes)
			continue
		}
		t.entry(name).add(c.Objects, c.Bytes)
	}
	t.forget()
	slices.SortFunc(t.ranked, func(a, b *slabEntry) int {
		if a.Bytes != b.Bytes {
			return cmp.Compare(b.Bytes, a.Bytes)
		}
		return strings.Compare(a.Name, b.Name)
	})
	t.top = t.top[:0]
	for i, e := range t.ranked {
		e.selected = i < t.n || e.selected && i/2 < t.n
		if e.selected {
			t.top = append(t.top, e.SlabUsage)
		} else {
			other.add(e.Objects, e.Bytes)
		}
	}
	slices.SortFunc(t.top, func(a, b SlabUsage) int { return strings.Compare(a.Name, b.Name) })
	return t.top, other
}

// entry returns the entry of a name, with nothing in it when it is the first of
// this round.
func (t *SlabTop) entry(name []byte) *slabEntry {
	e := t.byName[string(name)]
	if e == nil {
		e = &slabEntry{SlabUsage: SlabUsage{Name: string(name)}}
		t.byName[e.Name] = e
		t.ranked = append(t.ranked, e)
	}
	if e.round != t.round {
		e.round, e.Objects, e.Bytes = t.round, 0, 0
	}
	return e
}

// isLabel says whether a name is not empty and printable.
func isLabel(name []byte) bool {
	for _, c := range name {
		if c < ' ' || c > '~' {
			return printable.Is(string(name))
		}
	}
	return len(name) > 0
}

// forget drops the caches that are gone.
func (t *SlabTop) forget() {
	t.ranked = slices.DeleteFunc(t.ranked, func(e *slabEntry) bool {
		gone := e.round != t.round
		if gone {
			delete(t.byName, e.Name)
		}
		return gone
	})
}

func (u *SlabUsage) add(objects, size uint64) {
	u.Objects = addSaturated(u.Objects, objects)
	u.Bytes = addSaturated(u.Bytes, size)
}
