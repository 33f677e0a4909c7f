package host

import "context"

// ParseMemoryCgroups2 lets the tests of the outside parse without a file.
func ParseMemoryCgroups2(stat []byte) (MemoryCgroups, error) { return parseMemoryCgroups2(stat) }

// KeyedNumber does the same.
func KeyedNumber(content []byte, key string) (*uint64, error) { return keyedNumber(content, key) }

// CountDirectories counts a part of a hierarchy.
func CountDirectories(ctx context.Context, top string) (uint64, error) {
	return countDirectories(ctx, top)
}
