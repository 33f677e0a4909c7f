package host_test

import (
	"fmt"
	"testing"

	"kernel_exporter/collector/host"
)

// BenchmarkCountDirectories counts the cgroups of 500 pods of 4 containers, as we
// do and as filepath.WalkDir does.
func BenchmarkCountDirectories(b *testing.B) {
	_, _, scope := liveCgroups(b)
	const pods, all = 500, 1 + 500*5
	for i := range pods {
		pod := fmt.Sprintf("%s/pod%d", scope, i)
		mkdirs(b, pod, pod+"/a", pod+"/b", pod+"/c", pod+"/d")
	}
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if n, err := host.CountDirectories(b.Context(), scope); n != all || err != nil {
				b.Fatal(n, err)
			}
		}
	})
	b.Run("walkdir", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if n := directories(b, scope); n != all {
				b.Fatal(n)
			}
		}
	})
}
