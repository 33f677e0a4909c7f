package event

func memoryPatterns() []pattern {
	const (
		// The reason, chosen by the caller of oom_kill_process().
		allocating = `(?: \(oom_kill_allocating_task\))?`
		// Before a process is killed: 2.6.32; el6 to 4.19. The record that
		// tells of the kill then has no reason and counts nothing.
		before = `[Kk]ill process \d+ \(.*\) score .*`
		// When it has been: el8, 5.4 to 7.1. What else is told of it differs
		// between versions and vendors.
		after = `Killed process \d+ \(.*`
	)
	return []pattern{
		// mm/oom_kill.c: oom_kill_process(), __oom_kill_process().
		{event: "oom_kill", head: "Out of memory", tail: allocating + `: (?:` + before + `|` + after + `)`},
		{event: "memcg_oom_kill", head: "Memory cgroup out of memory: ", tail: before + `|` + after},

		// mm/page_alloc.c: __alloc_pages_slowpath(), 3.10 to 4.4 in
		// warn_alloc_failed(), then through warn_alloc(), which puts the
		// process before all it warns of; a dot in 2.6.32 and el6.
		{
			event: "page_alloc_failure", leadMax: maxComm, lead: `.*`,
			head: ": page allocation failure",
			tail: `[.:] order:\d+, mode:(?:0x)?[0-9a-f]+(?:[(, ].*)?`,
		},

		// What sets the taint flag TAINT_BAD_PAGE; "BUG: Bad rss-counter state"
		// of kernel/fork.c does not, and the number of suppressed messages is
		// no report. mm/page_alloc.c: bad_page(); mm/filemap.c:
		// unaccount_page_cache_page(), 4.15 to 5.15, filemap_unaccount_folio()
		// to 7.1; mm/memory.c: print_bad_pte(), from 6.18 print_bad_page_map(),
		// which names the level of the table.
		{event: "bad_page", head: "BUG: Bad page state in process ", tail: `.* +pfn:[0-9a-f]+`},
		{event: "bad_page", head: "BUG: Bad page cache in process ", tail: `.* +pfn:[0-9a-f]+`},
		{event: "bad_page", head: "BUG: Bad page map in process ", tail: `.* +[a-z0-9]+:[0-9a-f]+(?: pmd:[0-9a-f]+)?`},

		// kernel/cgroup/pids.c: pids_can_fork(), from 6.12 pids_event(), once
		// for a cgroup. The path is printed apart and can be a fragment.
		{event: "pids_fork_rejected", head: "cgroup: fork rejected by pids controller in", tail: `(?: .*)?`},
	}
}

// maxComm is how long the name of a process is at most: TASK_COMM_LEN less the
// closing zero.
const maxComm = 15

func slabPatterns() []pattern {
	return []pattern{
		// mm/slub.c and, where a kernel has it, mm/slab.c: slab_out_of_memory();
		// the flags in parentheses up to 4.4, a processor from 6.12. "from
		// node" is another message, of a boot.
		{event: "slub_alloc_failure", head: "SLUB: Unable to allocate memory on ", tail: `(?:CPU \d+ \(of node -?\d+\) on )?node -?\d+(?: \(|, )gfp=.*`},
		{event: "slub_alloc_failure", head: "SLAB: Unable to allocate memory on ", tail: `node -?\d+(?: \(|, )gfp=.*`},

		// mm/slab.h: cache_from_obj(), 3.10 to 6.6; mm/slub.c to 6.18, and
		// warn_free_bad_obj() in 7.1.
		{event: "wrong_slab_cache", head: "cache_from_obj: Wrong slab cache. ", tail: `.+ but object is from .+`},
		{event: "wrong_slab_cache", head: "kmem_cache_free(", tail: `.+, .+\): object belongs to different cache .+`},

		// mm/slab_common.c: kmem_cache_destroy(), 3.10 to 7.1; "when called
		// from" from 6.1. mm/slub.c: kmem_cache_destroy(), 2.6.32, el6.
		// mm/slab.c: kmem_cache_destroy(), 2.6.32, el6.
		{event: "slab_objects_remaining", head: "kmem_cache_destroy ", tail: `.+: Slab cache still has objects(?: when called from .+)?`},
		{event: "slab_objects_remaining", head: "SLUB ", tail: `.+: kmem_cache_destroy called for cache that still has objects\.`},
		{event: "slab_objects_remaining", head: "slab error in kmem_cache_destroy(): cache `", tail: `.+': Can't free all objects`},

		// mm/slub.c: list_slab_objects(); the cache's name and the taint flags
		// come from slab_bug(), which had no flags in 2.6.32. There is one for
		// each slab that is on a list, which without debugging a full one is
		// not: no record is of every report, so both are counted.
		{
			event: "slab_objects_remaining", head: "BUG ",
			tail: `.+: Objects remaining (?:in .+ )?on (?:kmem_cache_close|__kmem_cache_shutdown)\(\)`,
		},
	}
}
