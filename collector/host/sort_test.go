package host_test

import (
	"fmt"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"kernel_exporter/collector/host"
)

// TestComparisonAgreesWithSortV sorts random builds and versions by our
// comparisons and by GNU sort -V, which is defined on dotted numbers.
func TestComparisonAgreesWithSortV(t *testing.T) {
	t.Parallel()
	sortV, err := exec.LookPath("sort")
	if err != nil {
		t.Skipf("SKIPPED: %v", err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	var builds, versions []string
	for range 500 {
		numbers := make([]string, 1+random.IntN(4))
		for i := range numbers {
			numbers[i] = fmt.Sprint(random.IntN(1200))
		}
		builds = append(builds, strings.Join(numbers, "."))
		versions = append(versions, host.Version{Major: 2 + random.IntN(7), Minor: random.IntN(21), Patch: random.IntN(300)}.String())
	}
	byVersion := func(a, b string) int {
		x, errX := host.ParseRelease(a)
		y, errY := host.ParseRelease(b)
		if errX != nil || errY != nil {
			t.Fatal(errX, errY)
		}
		return x.Version.Compare(y.Version)
	}
	for name, test := range map[string]struct {
		list    []string
		compare func(a, b string) int
	}{"builds": {builds, host.CompareBuild}, "versions": {versions, byVersion}} {
		cmd := exec.CommandContext(t.Context(), sortV, "-V")
		cmd.Stdin = strings.NewReader(strings.Join(test.list, "\n") + "\n")
		cmd.Env = []string{"LC_ALL=C"}
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		want := strings.Fields(string(out))
		got := slices.SortedFunc(slices.Values(test.list), test.compare)
		if !slices.Equal(got, want) {
			t.Errorf("%s: our order differs from that of sort -V", name)
		}
	}
}
