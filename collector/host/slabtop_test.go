package host_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"kernel_exporter/collector/host"
)

// slabCaches builds caches from "name=bytes" words; a cache has a tenth as many
// objects as bytes.
func slabCaches(words string) []host.SlabCache {
	var caches []host.SlabCache
	for word := range strings.FieldsSeq(words) {
		name, number, _ := strings.Cut(word, "=")
		var size uint64
		if _, err := fmt.Sscan(number, &size); err != nil {
			panic(err)
		}
		caches = append(caches, host.SlabCache{Name: []byte(name), Objects: size / 10, Bytes: size})
	}
	return caches
}

// usages writes a selection in the same form.
func usages(top []host.SlabUsage, other host.SlabUsage) string {
	var words []string
	for _, u := range append(slices.Clone(top), other) {
		words = append(words, fmt.Sprintf("%s=%d", u.Name, u.Bytes))
	}
	return strings.Join(words, " ")
}

func TestSlabTop(t *testing.T) {
	t.Parallel()
	type update struct{ caches, want string }
	tests := map[string]struct {
		n       int
		updates []update
	}{
		"the largest, by name": {n: 2, updates: []update{
			{"c=10 z=90 b=20 a=100 d=30", "a=100 z=90 other=60"},
		}},
		"all of few": {n: 5, updates: []update{{"b=20 a=10", "a=10 b=20 other=0"}}},
		"none":       {n: 2, updates: []update{{"", "other=0"}}},
		"only the sum": {n: 0, updates: []update{
			{"a=100 b=20", "other=120"},
		}},
		"less than nothing": {n: -1, updates: []update{{"a=100 b=20", "other=120"}}},
		"equal caches rank by name": {n: 1, updates: []update{
			{"b=10 a=10 c=10", "a=10 other=20"},
		}},
		"stays to rank 2n, not below": {n: 2, updates: []update{
			{"a=100 b=90 c=80 d=70 e=60", "a=100 b=90 other=210"},
			{"a=100 b=65 c=80 d=70 e=60", "a=100 b=65 c=80 other=130"},
			{"a=65 b=66 c=80 d=70 e=60", "a=65 b=66 c=80 d=70 other=60"},
			{"a=65 b=50 c=80 d=70 e=60", "a=65 c=80 d=70 other=110"},
			{"a=65 b=61 c=80 d=70 e=60", "a=65 c=80 d=70 other=121"},
		}},
		"the end of a cache": {n: 1, updates: []update{
			{"a=100 b=90", "a=100 other=90"},
			{"a=100 b=110", "a=100 b=110 other=0"},
			{"b=110", "b=110 other=0"},
			{"a=100 b=110", "b=110 other=100"},
		}},
		"one name twice": {n: 1, updates: []update{
			{"a=50 b=90 a=50", "a=100 other=90"},
			{"a=50 b=90", "a=50 b=90 other=0"},
		}},
		"a cache named other": {n: 1, updates: []update{
			{"other=1000 a=100 b=90", "a=100 other=1090"},
		}},
		"one for each namespace": {n: 1, updates: []update{
			{"a=30 nf_conntrack_ffff8800b8a3c000=20 nf_conntrack_ffff8800b8a3d000=20 nf_conntrack_expect=5", "nf_conntrack=40 other=35"},
		}},
		"one for each cgroup": {n: 1, updates: []update{
			{"a=30 dentry(123:abc)=20 dentry=1 dentry(9:kube)=20", "dentry=41 other=30"},
			{"a=30 dentry=1", "a=30 dentry=1 other=0"},
		}},
		"nothing but an address": {n: 2, updates: []update{{"a=30 ffff8800b8a3c000=20", "a=30 other=20"}}},
		"a name for a terminal":  {n: 2, updates: []update{{"a\x1b[31m=1000 b=90 c\u202e=80", "b=90 other=1080"}}},
		"a name that is no text": {n: 2, updates: []update{
			{"a\xff=1000 b=90 c=80 d=70", "b=90 c=80 other=1070"},
		}},
		"sums stop at the largest number": {n: 0, updates: []update{
			{"a=18446744073709551615 b=1", "other=18446744073709551615"},
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			top := host.NewSlabTop(tt.n)
			for i, u := range tt.updates {
				if got := usages(top.Update(slabCaches(u.caches))); got != u.want {
					t.Errorf("update %d: %s\nwant %s", i, got, u.want)
				}
			}
		})
	}
}

func TestSlabTopObjects(t *testing.T) {
	t.Parallel()
	top, other := host.NewSlabTop(1).Update(slabCaches("a=100 a=50 b=40 c=30"))
	want := []host.SlabUsage{{Name: "a", Objects: 15, Bytes: 150}}
	if !slices.Equal(top, want) || other != (host.SlabUsage{Name: "other", Objects: 7, Bytes: 70}) {
		t.Errorf("%+v, %+v", top, other)
	}
}

// TestSlabTopAlways holds what is said of every update: the sum is the whole,
// the largest n are in, what is in ranks 2n or better, names are unique and in
// order.
func TestSlabTopAlways(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same in every run
	for n := range 8 {
		top := host.NewSlabTop(n)
		for range 300 {
			var caches []host.SlabCache
			var sum uint64
			for i := range 30 {
				if random.IntN(10) == 0 {
					continue
				}
				size := random.Uint64N(1000)
				sum += size
				caches = append(caches, host.SlabCache{Name: fmt.Appendf(nil, "cache-%d", i), Bytes: size})
			}
			selected, other := top.Update(caches)
			slices.SortFunc(caches, func(a, b host.SlabCache) int {
				if a.Bytes != b.Bytes {
					return int(b.Bytes) - int(a.Bytes)
				}
				return bytes.Compare(a.Name, b.Name)
			})
			rank := make(map[string]int)
			for i, c := range caches {
				rank[string(c.Name)] = i + 1
			}
			in := make(map[string]bool)
			last := ""
			for _, u := range selected {
				sum -= u.Bytes
				in[u.Name] = true
				if r := rank[u.Name]; r < 1 || r > 2*n || u.Name <= last {
					t.Fatalf("n = %d: %s of rank %d after %q", n, u.Name, r, last)
				}
				last = u.Name
			}
			if sum != other.Bytes {
				t.Fatalf("n = %d: others %d, want %d", n, other.Bytes, sum)
			}
			for i := range min(n, len(caches)) {
				if !in[string(caches[i].Name)] {
					t.Fatalf("n = %d: %s of rank %d is out", n, caches[i].Name, i+1)
				}
			}
		}
	}
}

func TestSlabTopHuge(t *testing.T) {
	t.Parallel()
	if got := usages(host.NewSlabTop(math.MaxInt).Update(slabCaches("a=1 b=2"))); got != "a=1 b=2 other=0" {
		t.Error(got)
	}
}
