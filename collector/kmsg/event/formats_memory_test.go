package event_test

import "kernel_exporter/collector/kmsg/event"

// A formatted line is what a kernel's format string makes of plausible values.
type formatted struct {
	event  event.Event
	kernel string // that has the format
	line   string
}

// memoryFormats is made from mm/oom_kill.c, mm/page_alloc.c, mm/filemap.c,
// mm/memory.c and kernel/cgroup/pids.c.
func memoryFormats() []formatted {
	return []formatted{
		{"oom_kill", "2.6.32", "Out of memory: kill process 2711 (java) score 35114 or a child"},
		{"oom_kill", "2.6.32", "Out of memory (oom_kill_allocating_task): kill process 2711 (java) score 0 or a child"},
		{"oom_kill", "el6", "Out of memory: Kill process 27364 (java) score 933 or sacrifice child"},
		{"oom_kill", "el7", "Out of memory: Kill process 1 ((sd-pam)) score -3 or sacrifice child"},
		{"oom_kill", "4.4", "Out of memory (oom_kill_allocating_task): Kill process 812 (runc:[2:INIT]) score 3 or sacrifice child"},
		{"oom_kill", "4.18.0-147.el8", "Out of memory: Killed process 812 (node) total-vm:612000kB, anon-rss:20kB, file-rss:0kB, shmem-rss:0kB"},
		{"oom_kill", "el8 later", "Out of memory: Killed process 812 (node), UID 0, total-vm:612000kB, anon-rss:20kB, file-rss:0kB, shmem-rss:0kB"},
		{"oom_kill", "5.4", "Out of memory: Killed process 812 (a) b (c) total-vm:612000kB, anon-rss:20kB, file-rss:0kB, shmem-rss:0kB, UID:1000 pgtables:380kB oom_score_adj:-998"},
		{"oom_kill", "6.18", "Out of memory (oom_kill_allocating_task): Killed process 812 () total-vm:612000kB, anon-rss:20kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:380kB oom_score_adj:0"},
		{"memcg_oom_kill", "2.6.32", "Memory cgroup out of memory: kill process 2711 (httpd) score 911 or a child"},
		{"memcg_oom_kill", "3.10", "Memory cgroup out of memory: Kill process 71 (worker) score 1003 or sacrifice child"},
		{"memcg_oom_kill", "el8", "Memory cgroup out of memory: Killed process 93 (a:b[c] d) total-vm:66796kB, anon-rss:8124kB, file-rss:4kB, shmem-rss:648kB"},
		{"memcg_oom_kill", "7.1", "Memory cgroup out of memory: Killed process 93 (worker) total-vm:66796kB, anon-rss:8124kB, file-rss:4kB, shmem-rss:648kB, UID:0 pgtables:52kB oom_score_adj:0"},

		{"page_alloc_failure", "2.6.32", "kswapd0: page allocation failure. order:1, mode:0x20"},
		{"page_alloc_failure", "3.10", "runc:[1:CHILD]: page allocation failure: order:6, mode:0xc0d0"},
		{"page_alloc_failure", "4.4", ": page allocation failure: order:0, mode:0x2280020"},
		{"page_alloc_failure", "4.15", "a: b: c [d]: page allocation failure: order:4, mode:0x14040c0(GFP_KERNEL|__GFP_COMP), nodemask=(null)"},
		{"page_alloc_failure", "5.4", "123456789012345: page allocation failure: order:4, mode:0x40dc0(GFP_KERNEL|__GFP_COMP|__GFP_ZERO), nodemask=0-1,cpuset=docker.service,mems_allowed=0"},
		{"page_alloc_failure", "6.18", "swapper/0: page allocation failure: order:0, mode:0x820(GFP_ATOMIC), nodemask=(null)"},

		{"bad_page", "2.6.32", "BUG: Bad page state in process httpd  pfn:00abc"},
		{"bad_page", "7.1", "BUG: Bad page state in process kworker/u30:0  pfn:1a85fc"},
		{"bad_page", "el7", "BUG: Bad page map in process java  pte:8000000123456067 pmd:1b2c3067"},
		{"bad_page", "6.18", "BUG: Bad page map in process a  b  pmd:800000010e0008e7"},
		{"bad_page", "4.15", "BUG: Bad page cache in process umount  pfn:1f3a2"},

		{"pids_fork_rejected", "4.15", "cgroup: fork rejected by pids controller in /docker/0123456789abcdef"},
		{"pids_fork_rejected", "7.1", "cgroup: fork rejected by pids controller in /kubepods/pod3c5d7e9f-4a6b/d15ea5e"},
		{"pids_fork_rejected", "4.15, the path apart", "cgroup: fork rejected by pids controller in "},
	}
}

// slabFormats is made from mm/slub.c, mm/slab.c, mm/slab.h and
// mm/slab_common.c.
func slabFormats() []formatted {
	return []formatted{
		{"slub_alloc_failure", "2.6.32", "SLUB: Unable to allocate memory on node -1 (gfp=0x20)"},
		{"slub_alloc_failure", "4.4", "SLUB: Unable to allocate memory on node 1 (gfp=0x24080c0)"},
		{"slub_alloc_failure", "4.15", "SLUB: Unable to allocate memory on node -1, gfp=0x14000c0(GFP_KERNEL)"},
		{"slub_alloc_failure", "6.6", "SLUB: Unable to allocate memory on node 0, gfp=0xcc0(GFP_KERNEL)"},
		{"slub_alloc_failure", "6.6", "SLUB: Unable to allocate memory on node 0, gfp=0()"},
		{"slub_alloc_failure", "7.1", "SLUB: Unable to allocate memory on CPU 3 (of node 0) on node -1, gfp=0xcc0(GFP_KERNEL)"},
		{"slub_alloc_failure", "3.10, CONFIG_SLAB", "SLAB: Unable to allocate memory on node 0 (gfp=0x20)"},
		{"slub_alloc_failure", "6.6, CONFIG_SLAB", "SLAB: Unable to allocate memory on node 0, gfp=0xcc0(GFP_KERNEL)"},

		{"wrong_slab_cache", "3.10", "cache_from_obj: Wrong slab cache. kmalloc-64 but object is from dentry"},
		{"wrong_slab_cache", "6.18", "cache_from_obj: Wrong slab cache. filp(1234:pod) but object is from kmalloc-rnd-01-96"},
		{"wrong_slab_cache", "7.1", "kmem_cache_free(filp, 00000000d3a1c0de): object belongs to different cache dentry"},
		{"wrong_slab_cache", "7.1", "kmem_cache_free(filp, 00000000d3a1c0de): object belongs to different cache (NULL)"},

		{"slab_objects_remaining", "2.6.32", "SLUB ip_fib_hash: kmem_cache_destroy called for cache that still has objects."},
		{"slab_objects_remaining", "el6, CONFIG_SLAB", "slab error in kmem_cache_destroy(): cache `nf_conntrack_ffff': Can't free all objects"},
		{"slab_objects_remaining", "3.10", "kmem_cache_destroy nf_conntrack_ffff880012340000: Slab cache still has objects"},
		{"slab_objects_remaining", "6.18", "kmem_cache_destroy bio-264: Slab cache still has objects when called from bioset_exit+0x12e/0x1c0"},
		{"slab_objects_remaining", "6.1, of a module", "kmem_cache_destroy req_cache: Slab cache still has objects when called from cleanup_module+0x12/0x20 [ocf]"},
		{"slab_objects_remaining", "2.6.32", "BUG kmalloc-64: Objects remaining on kmem_cache_close()"},
		{"slab_objects_remaining", "el6", "BUG kmalloc-64 (Not tainted): Objects remaining on kmem_cache_close()"},
		{"slab_objects_remaining", "el7", "BUG nfsd4_files (Tainted: G               ------------ T): Objects remaining in nfsd4_files on kmem_cache_close()"},
		{"slab_objects_remaining", "5.10", "BUG bio-0 (Tainted: G    B   W        ): Objects remaining in bio-0 on __kmem_cache_shutdown()"},
		{"slab_objects_remaining", "7.1", "BUG bio-0 (Not tainted): Objects remaining on __kmem_cache_shutdown()"},
	}
}
