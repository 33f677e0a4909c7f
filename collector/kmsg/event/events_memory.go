package event

func memoryEvents() []entry {
	return []entry{
		{
			// mm/slub.c and, where a kernel has it, mm/slab.c:
			// slab_out_of_memory(); the flags in parentheses up to 4.4, a
			// processor from 6.12. "from node" is another message, of a boot.
			event: "slub_alloc_failure",
			doc:   "There was no memory for a slab.",
			formats: []string{
				"SLUB: Unable to allocate memory on {|CPU %d (of node %d) on }node %d{ (|, }gfp=%*",
				"SLAB: Unable to allocate memory on node %d{ (|, }gfp=%*",
			},
		},
		{
			// mm/slab.h: cache_from_obj(), 3.10 to 6.6; mm/slub.c to 6.18, and
			// warn_free_bad_obj() in 7.1. The name of a cache can hold that of a
			// cgroup, up to 5.8.
			event: "wrong_slab_cache",
			doc:   "An object was freed to another slab cache than its own.",
			formats: []string{
				"cache_from_obj: Wrong slab cache. %p but object is from %*",
				"kmem_cache_free(%p, %x): object belongs to different cache %*",
			},
		},
		{
			// mm/slab_common.c: kmem_cache_destroy(), 3.10 to 7.1; "when called
			// from" from 6.1. mm/slub.c and mm/slab.c: kmem_cache_destroy(),
			// 2.6.32, el6.
			//
			// mm/slub.c: list_slab_objects(), through slab_err(), whose text el7
			// cuts at 99 bytes; the cache's name and the taint flags come from
			// slab_bug(), which had no flags in 2.6.32. There is one for each
			// slab that is on a list, which without debugging a full one is not:
			// no record is of every report, so both are counted.
			event: "slab_objects_remaining",
			doc:   "A slab cache was destroyed while it still had objects.",
			formats: []string{
				"kmem_cache_destroy %p: Slab cache still has objects{| when called from %s{| [%w]}}",
				"SLUB %s: kmem_cache_destroy called for cache that still has objects.",
				"slab error in kmem_cache_destroy(): cache `%p': Can't free all objects",
				"BUG %s{| (Not tainted)| (Tainted: %k)}: Objects remaining {in|on} %*",
			},
		},
		{
			// mm/page_alloc.c: __alloc_pages_slowpath(), 3.10 to 4.4 in
			// warn_alloc_failed(), then through warn_alloc(), which puts the
			// process before all it warns of; a dot in 2.6.32 and el6.
			event: "page_alloc_failure",
			doc:   "There were no free pages of the size that was asked for.",
			formats: []string{
				"%c: page allocation failure{:|.} order:%d, mode:%x{|()|(%s)}{|, nodemask=%s}{|,{| }cpuset=%p,mems_allowed=%s}",
			},
		},
		{
			// mm/oom_kill.c: oom_kill_process(), __oom_kill_process(); the reason
			// is chosen by the caller. Up to 4.19 the kernel says so before it
			// kills: the record of the kill has no reason then and counts nothing.
			// What follows the process differs between versions and vendors.
			event: "oom_kill",
			doc:   "The machine ran out of memory and a process was killed.",
			formats: []string{
				"Out of memory{| (oom_kill_allocating_task)}: {K|k}ill process %d (%c) score %+",
				"Out of memory{| (oom_kill_allocating_task)}: Killed process %d (%+",
			},
		},
		{
			event: "memcg_oom_kill",
			doc:   "A memory cgroup reached its limit and a process was killed.",
			formats: []string{
				"Memory cgroup out of memory: {K|k}ill process %d (%c) score %+",
				"Memory cgroup out of memory: Killed process %d (%+",
			},
		},
		{
			// kernel/cgroup/pids.c: pids_can_fork(), from 6.12 pids_event(), once
			// for a cgroup. The path is printed apart and can be a fragment.
			event:   "pids_fork_rejected",
			doc:     "A cgroup is at its limit of processes; reported once for each cgroup.",
			formats: []string{"cgroup: fork rejected by pids controller in{| %*}"},
		},
		{
			// What sets the taint flag TAINT_BAD_PAGE; the number of suppressed
			// messages is no report. mm/page_alloc.c: bad_page(); mm/filemap.c:
			// unaccount_page_cache_page(), 4.15 to 5.15, filemap_unaccount_folio()
			// to 7.1; mm/memory.c: print_bad_pte(), from 6.18
			// print_bad_page_map(), which names the level of the table.
			event: "bad_page",
			doc:   "A page or page table is not as it must be.",
			formats: []string{
				"BUG: Bad page {state|cache} in process %c {| }pfn:%x",
				"BUG: Bad page map in process %c {| }%w:%x{| pmd:%x}",
				// include/asm-generic/pgtable.h and each architecture's:
				// pmd_ERROR() and its like, for pmd_clear_bad().
				"%s:%d: bad {pgd|p4d|pud|pmd|pte} %h{|.|(%h){|.}}",
			},
		},
	}
}
