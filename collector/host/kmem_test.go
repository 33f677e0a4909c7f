package host_test

import (
	"fmt"
	"os"
	"strconv"
	"testing"

	"kernel_exporter/collector/host"
	"kernel_exporter/collector/testkit"
)

const (
	memoryStat510 = "anon 2297856\nfile 11083776\nkernel_stack 98304\npercpu 86592\nsock 0\nslab 1105408\n"
	memoryStat61  = "anon 2297856\nfile 11083776\nkernel 1507328\nkernel_stack 98304\npagetables 135168\nslab 1204008\n"
)

// TestKmemLive says of this machine what a look at its files says.
func TestKmemLive(t *testing.T) {
	t.Parallel()
	f, mounts, _ := liveCgroups(t)
	usage := f.Path(mounts.Cgroup1Memory.Path + "/memory.kmem.usage_in_bytes")
	read := func() uint64 {
		content, err := os.ReadFile(usage)
		if err != nil {
			t.Fatal(err)
		}
		n, err := strconv.ParseUint(string(content[:len(content)-1]), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if read() == 0 {
		t.Skip("no kernel memory is accounted here")
	}
	testkit.Eventually(t, settleTime, func() string {
		before := read()
		k, err := f.Kmem(mounts)
		after := read()
		low, high := min(before, after), max(before, after)
		if err == nil && k.Files == host.Yes && k.Usage != nil && low <= *k.Usage && *k.Usage <= high {
			return ""
		}
		return fmt.Sprintf("%v %v %v, and the file says %d", k.Files, testkit.Show(k.Usage), err, after)
	})
}

func FuzzMemoryStat(f *testing.F) {
	f.Add([]byte(memoryStat61))
	f.Add([]byte(memoryStat510))
	f.Add([]byte("kernel 18446744073709551615"))
	f.Fuzz(func(t *testing.T, stat []byte) {
		n, err := host.KeyedNumber(stat, "kernel")
		if err != nil && n != nil {
			t.Errorf("%d, %v", *n, err)
		}
		if n == nil {
			return
		}
		line := fmt.Sprintf("kernel %d\n", *n)
		if again, err := host.KeyedNumber([]byte("kernel_stack 1\n"+line+string(stat)), "kernel"); err != nil || again == nil || *again != *n {
			t.Errorf("%v, %v, want %d", testkit.Show(again), err, *n)
		}
	})
}
