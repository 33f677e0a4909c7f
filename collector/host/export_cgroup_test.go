package host

import (
	"context"
	"os"

	"golang.org/x/sys/unix"
)

// ParseMemoryCgroups2 lets the tests of the outside parse without a file.
func ParseMemoryCgroups2(stat []byte) (MemoryCgroups, error) { return parseMemoryCgroups2(stat) }

// KeyedNumber does the same.
func KeyedNumber(content []byte, key string) (*uint64, error) { return keyedNumber(content, key) }

// CountDirectories counts a part of a hierarchy.
func CountDirectories(ctx context.Context, top string) (uint64, error) {
	dir, err := os.OpenFile(top, unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
	if err != nil {
		return 0, err
	}
	defer dir.Close()
	return countDirectories(ctx, dir)
}

// CountCgroupsOf is CountCgroups where num_cgroups is another number each time it is
// asked for, and the last one from then on. It returns how many were not asked for.
func (f *FS) CountCgroupsOf(ctx context.Context, mount CgroupMount, numbers []uint64) (c CgroupCount, left int, err error) {
	asked := 0
	c, err = f.countCgroups(ctx, mount, func() (*uint64, error) {
		n := numbers[min(asked, len(numbers)-1)]
		asked++
		return &n, nil
	})
	return c, max(len(numbers)-asked, 0), err
}
