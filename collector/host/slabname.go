package host

import "bytes"

const (
	// minAddress is the least number of digits that an address or the inode of a
	// namespace has; minDecimal is that where all are decimal: kmalloc-33554432 is a
	// size.
	minAddress, minDecimal = 8, 9
	// pointerNotYet is what %p prints before there is entropy to hash pointers with
	// (lib/vsprintf.c).
	pointerNotYet = "(____ptrval____)"
)

// slabFamily returns the name that a cache shares with its like: the one before an
// address, an inode or a container. It is empty where there is no other name. Kernels
// up to 4.9 make a cache for each network namespace, with its address in the name
// (nf_conntrack_init_net, net/netfilter/nf_conntrack_core.c; so does raid5,
// drivers/md/raid5.c), and up to 5.8 one for each memory cgroup, "dentry(123:name)"
// (memcg_create_kmem_cache, mm/slab_common.c). An address is a secret of the kernel,
// and a leak of many small caches shows only in their sum.
func slabFamily(name []byte) []byte {
	if i := bytes.IndexByte(name, '('); i > 0 {
		if bytes.HasPrefix(name[i:], []byte(pointerNotYet)) || isCgroup(name[i+1:]) {
			name = cutSeparators(name[:i])
		}
	}
	digits, decimal := 0, true
	for i := len(name) - 1; i >= 0 && isHex(name[i]); i-- {
		digits++
		decimal = decimal && name[i] <= '9'
	}
	if digits < minAddress || decimal && digits < minDecimal {
		return name
	}
	return cutSeparators(bytes.TrimSuffix(name[:len(name)-digits], []byte("0x")))
}

// isCgroup says whether what follows a parenthesis is a cgroup: "123:name)".
func isCgroup(s []byte) bool {
	n := 0
	for n < len(s) && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	return n > 0 && n < len(s) && s[n] == ':'
}

func cutSeparators(name []byte) []byte { return bytes.TrimRight(name, "_-:.@ ") }

func isHex(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F' }
