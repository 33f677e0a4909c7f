package host

import (
	"bytes"
	"fmt"
	"math"
	"math/bits"
)

// keyedNumber returns the number of a key in a file of "KEY NUMBER" lines ("flat
// keyed", Documentation/admin-guide/cgroup-v2.rst), nil where the key is missing.
// procfs has no reader for these files.
func keyedNumber(content []byte, key string) (*uint64, error) {
	for line := range bytes.Lines(content) {
		value, ok := bytes.CutPrefix(line, []byte(key))
		if !ok || len(value) == 0 || value[0] != ' ' {
			continue
		}
		n, ok := parseDecimal(bytes.TrimSpace(value))
		if !ok {
			return nil, fmt.Errorf("%.40q: not a number", bytes.TrimSpace(line))
		}
		return &n, nil
	}
	return nil, nil
}

// parseDecimal parses an unsigned decimal number that is all of s. Unlike
// strconv.ParseUint it does not need a string, and so no allocation.
func parseDecimal(s []byte) (uint64, bool) {
	var n uint64
	for _, c := range s {
		digit := uint64(c - '0')
		if digit > 9 || n > math.MaxUint64/10 {
			return 0, false
		}
		sum, carry := bits.Add64(n*10, digit, 0)
		if carry != 0 {
			return 0, false
		}
		n = sum
	}
	return n, len(s) > 0
}

// addSaturated adds two numbers, and stops at the largest there is.
func addSaturated(a, b uint64) uint64 {
	sum, carry := bits.Add64(a, b, 0)
	if carry != 0 {
		return math.MaxUint64
	}
	return sum
}
