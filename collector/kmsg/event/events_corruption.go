package event

func corruptionEvents() []entry {
	// What slab_bug() of mm/slub.c puts after the name of a cache.
	const tainted = " ({Not tainted|Tainted: %k})"
	return []entry{
		{
			// lib/list_debug.c; lib/refcount.c: refcount_warn_saturate();
			// mm/slub.c: slab_bug(), slab_err(); mm/slab.c: slab_error();
			// mm/kasan/report.c: print_error_description(), "KASan" up to 4.4;
			// mm/kfence/report.c: kfence_report_error(); lib/ubsan.c:
			// ubsan_prologue(); kernel/cfi.c: report_cfi_failure(), in Linux 5.13
			// to 6.0 handle_cfi_failure(); fs/dcache.c: umount_check(), up to
			// 3.11 shrink_dcache_for_umount_subtree(); fs/super.c:
			// generic_shutdown_super(). SLUB's "kasan: bad access detected" goes
			// on with KASAN's report.
			event: "kernel_corruption",
			doc:   "The kernel found its own data wrong and went on.",
			formats: []string{
				"list_{add|del} corruption{.|,} %*",
				"list_add double add: %*",
				"refcount_t: {saturated; leaking memory|addition on 0; use-after-free|increment on 0; use-after-free|underflow; use-after-free|decrement hit 0; leaking memory}.",
				"refcount_t: unknown saturation event!?.",
				"BUG %s" + tainted + ": {Redzone|Left Redzone|Right Redzone|Poison|End Poison|Object padding|Padding|Alloc Redzone|kmalloc Redzone|Alignment padding} overwritten{|.{| %*}| %*}",
				"BUG %s" + tainted + ": {Object already free|Object is on free-list|Object corrupt|Freechain corrupt|Freelist Pointer check fails|Freelist cycle detected|" +
					"Freepointer corrupt|Invalid object pointer %x|Wrong number of objects. %*|Wrong object count. %*|Page Corrupt|Not a valid slab page|" +
					"inuse %d > max %d|objects %d > max %d|Attempt to free object(%x) outside of slab|page slab pointer corrupt.|Bad slab pointer%*|Slab has %*|Bulk free expected %*|Slab disabled since %*}",
				"slab error in %w(): cache `%p': {double free%*|memory outside object was overwritten%*}",
				"Slab corruption{| (%k)}: %p start=%x, len=%d",
				"BUG: KAS{AN|an}: %k in %s%*",
				"BUG: KASAN: invalid-access",
				"BUG: KFENCE: %k in %s%*",
				"UBSAN: %k in %s:%d:%d",
				"CFI failure {|at %s {|[%w] }}{(target: %*|(no target information)}",
				"BUG: Dentry %x%{i=%x,n=%p%} {| }still in use (%d) [unmount of %w %s]",
				"VFS: Busy inodes after unmount of %s Self-destruct in 5 seconds. {| }Have a nice day...",
				"VFS: Busy inodes after unmount of %s (%w)",
			},
			// kernel/fork.c: check_mm(), for each counter.
			follows: []string{
				"BUG: Bad rss-counter state mm:%x {idx:%d|type:%w} val:%d{| Comm:%c Pid:%d}",
				"BUG: non-zero {nr_ptes|nr_pmds|pgtables_bytes} on freeing mm: %d{| Comm:%c Pid:%d}",
			},
			after: []Event{"kernel_corruption"},
		},
		{
			// kernel/panic.c: __warn(), up to 4.x warn_slowpath_common(); with
			// processor and process from 3.13 and el7 on, in other words from 6.19.
			event: "kernel_warning",
			doc:   "A WARN of the kernel's code: what /sys/kernel/warn_count counts from Linux 6.2 on.",
			formats: []string{
				"WARNING: CPU: %d PID: %d at %s{| %*}",
				"WARNING: at %s:%d %s{| %*}",
				"WARNING: {|%s:%d }at %s{| [%w]}, CPU#%d: %c/%d",
			},
		},
	}
}
