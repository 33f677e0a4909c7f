package host_test

import (
	"testing"

	"kernel_exporter/collector/host"
)

func TestSlabFamily(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		// An address, as %p, %px and a hashed %p print it.
		"nf_conntrack_ffff8800b8a3c000":     "nf_conntrack",
		"nf_conntrack_ffffffff81cdbf80":     "nf_conntrack",
		"nf_conntrack_00000000f1d4c2a7":     "nf_conntrack",
		"nf_conntrack_(____ptrval____)":     "nf_conntrack",
		"nf_conntrack_c1a2b3c4":             "nf_conntrack",
		"nf_conntrack_expect_0xffff88003a1": "nf_conntrack_expect",
		"raid5-ffff880036e3c800":            "raid5",
		"ffff880036e3c800":                  "",
		// The inode of a namespace.
		"fqdir-4026531992": "fqdir",
		// A memory cgroup, by its id and name.
		"dentry(123:abc)":                                   "dentry",
		"kmalloc-64(18446744073709551615:a b)":              "kmalloc-64",
		"inode_cache(7:(odd):name)":                         "inode_cache",
		"nf_conntrack_ffff8800b8a3c000(9:a)":                "nf_conntrack",
		"ext4_inode_cache(5:docker-0123456789abcdef.scope)": "ext4_inode_cache",
		// Names that only look so.
		"nf_conntrack_expect":       "nf_conntrack_expect",
		"kmalloc-8192":              "kmalloc-8192",
		"kmalloc-33554432":          "kmalloc-33554432",
		"size-4194304(DMA)":         "size-4194304(DMA)",
		"size-32":                   "size-32",
		"kmalloc-rnd-01-8k":         "kmalloc-rnd-01-8k",
		"dma-kmalloc-96":            "dma-kmalloc-96",
		"biovec-128":                "biovec-128",
		"bio-184":                   "bio-184",
		"sgpool-128":                "sgpool-128",
		"dm_bufio_buffer-32-9":      "dm_bufio_buffer-32-9",
		"task_struct":               "task_struct",
		"names_cache":               "names_cache",
		"ext4_groupinfo_4k":         "ext4_groupinfo_4k",
		"UDPLITEv6":                 "UDPLITEv6",
		"TCPv6":                     "TCPv6",
		"f2fs_page_array_entry-8:3": "f2fs_page_array_entry-8:3",
		"(123:abc)":                 "(123:abc)",
		"":                          "",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := host.SlabFamily(name); got != want {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
}
