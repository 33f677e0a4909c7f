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
	defer dir.Close() //nolint:errcheck // nothing was written
	return countDirectories(ctx, dir)
}

// SetTotals lets num_cgroups be another number each time it is asked for, and the
// last one from then on. It returns how many have not been asked for.
func (c *CgroupCounter) SetTotals(numbers ...uint64) (left func() int) {
	c.total = func() (*uint64, error) {
		n := numbers[0]
		if len(numbers) > 1 {
			numbers = numbers[1:]
		}
		return &n, nil
	}
	return func() int { return len(numbers) - 1 }
}
