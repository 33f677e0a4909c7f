package event

import (
	"bytes"
	"math"
)

// maxComm is how long the name of a process is at most: TASK_COMM_LEN without
// the closing zero.
const maxComm = 15

// Suppressed returns how many messages a record says were held back by a rate
// limit, from 0 to 2^31-1, and whether it says so:
//
//   - "<function>: N callbacks suppressed", ___ratelimit() of lib/ratelimit.c;
//   - "<process>: N output lines suppressed due to ratelimiting",
//     ratelimit_state_exit() of include/linux/ratelimit.h, 3.10.0-1160.el7 and
//     4.15 to 6.18.
//
// The record must have that form as a whole. What stands before the number is a
// name: of a function, which has no colon, or of a process, which is short. A
// longer text with a colon is somebody's, such as the mount option in "tmpfs: Bad
// mount option x: 9 callbacks suppressed".
func Suppressed(text []byte) (n uint64, ok bool) {
	rest, ok := bytes.CutSuffix(text, []byte(" callbacks suppressed"))
	if !ok {
		rest, ok = bytes.CutSuffix(text, []byte(" output lines suppressed due to ratelimiting"))
	}
	if !ok {
		return 0, false
	}
	colon := bytes.LastIndexByte(rest, ':')
	if colon <= 0 || bytes.IndexByte(rest, '\n') >= 0 {
		return 0, false
	}
	if colon > maxComm && bytes.IndexByte(rest[:colon], ':') >= 0 {
		return 0, false
	}
	digits, ok := bytes.CutPrefix(rest[colon+1:], []byte{' '})
	if !ok {
		return 0, false
	}
	for _, c := range digits {
		digit := uint64(c - '0')
		if digit > 9 || n > math.MaxInt32/10 {
			return 0, false
		}
		n = n*10 + digit
	}
	return n, len(digits) > 0 && n <= math.MaxInt32
}
