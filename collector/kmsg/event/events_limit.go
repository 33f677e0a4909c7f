package event

func limitEvents() []entry {
	return []entry{
		{
			// mm/vmalloc.c: alloc_vmap_area(); __vmalloc_area_node() and
			// __vmalloc_node_range(), through warn_alloc(), which puts the process
			// before it from 4.10 on and says what was asked for.
			event: "vmalloc_failure",
			doc:   "The kernel found no room for a virtually contiguous allocation.",
			formats: []string{
				"vmap allocation for size %d failed: use vmalloc=<size> to increase size{|.}",
				"vmalloc_node_range for size %d failed: Address range restricted to %x - %x",
				"vmalloc: allocation failure{:|, allocated %d of} %d bytes",
				"%c: vmalloc: allocation failure{:|, allocated %d of} %d bytes, mode:%x(%s){|, nodemask=%s}{|,cpuset=%p,mems_allowed=%s}",
				"%c: vmalloc error: size %d, %k, mode:%x(%s), nodemask=%s{|,cpuset=%p,mems_allowed=%s}",
				"%c: vmalloc size %d allocation failure: %k, mode:%x(%s), nodemask=%s{|,cpuset=%p,mems_allowed=%s}",
			},
		},
		{
			// mm/page_io.c: end_swap_bio_write(), end_swap_bio_read(), sio_*;
			// mm/swapfile.c: swap_info_get(), swap_duplicate(), get_swap_device();
			// drivers/block/zram/zram_drv.c.
			event: "swap_error",
			doc:   "A page could not be written to swap or read from it.",
			formats: []string{
				"{Write|Read}-error on swap-device{| (%d:%d:%d)}",
				"{_swap_info_get|__swap_info_get|swap_info_get|swap_free|swap_dup|swap_duplicate|get_swap_device}: {Bad|Unused} swap {file|offset} entry %x",
				"zram: {Decompression|Compression} failed! err=%d{|, page=%d}",
				"zram: Error allocating memory for compressed page: %d, size=%d",
			},
		},
		{
			// fs/file_table.c: get_empty_filp(), alloc_empty_file().
			event:   "file_table_full",
			doc:     "The limit of open files of the machine is reached.",
			formats: []string{"VFS: file-max limit %d reached"},
		},
		{
			// kernel/audit.c: audit_log_lost(), which says how many were lost at
			// most once a second and then, through audit_panic(), why.
			event: "audit_lost",
			doc:   "The audit subsystem lost records.",
			formats: []string{
				"audit: {backlog limit exceeded|rate limit exceeded|printk limit exceeded|out of memory in %w|auditd dropped record|kauditd %k queue overflow}",
			},
			follows: []string{
				"audit: audit_lost=%d audit_rate_limit=%d audit_backlog_limit=%d",
				"audit: audit_backlog=%d > audit_backlog_limit=%d",
			},
			after: []Event{"audit_lost"},
		},
		{
			// net/ipv4/tcp_input.c, up to 3.x tcp_ipv4.c: tcp_syn_flood_action();
			// the address too from 6.6 on.
			event: "syn_flood",
			doc:   "A listening TCP socket received more connections than it can hold.",
			formats: []string{
				"TCP: {|%w: }{P|p}ossible SYN flooding on port %s {Sending cookies|Dropping request}.%*",
				"possible SYN flooding on port %s {Sending cookies|Dropping request}.%*", // 2.6.32
			},
		},
		{
			// net/core/page_pool.c: page_pool_release_retry(), once a minute for
			// each pool; with its number from 6.8 on.
			event:   "page_pool_stalled",
			doc:     "A network device cannot be removed because pages of its pool are still in use.",
			formats: []string{"page_pool_release_retry(){|: %i} stalled pool shutdown{|: id %d,} %d inflight %d sec{| %*}"},
		},
		{
			// kernel/workqueue.c: wq_cpu_intensive_report(), from 6.5: when it has
			// happened four times, eight, sixteen.
			event:   "workqueue_hogged",
			doc:     "A kernel worker kept a processor for too long.",
			formats: []string{"workqueue: %s{| [%w]} hogged CPU for >%dus %d times, consider switching to WQ_UNBOUND"},
		},
		{
			// kernel/time/clocksource.c: clocksource_watchdog(), bare up to 3.x;
			// arch/x86/kernel/tsc.c: mark_tsc_unstable() goes on with it.
			event: "clocksource_unstable",
			doc:   "The kernel gave a clock up because it was wrong.",
			formats: []string{
				"{|clocksource: }timekeeping watchdog{| on CPU%d}: Marking clocksource '%w' as unstable{|,} because the skew is too large:%+",
				"{|clocksource: }timekeeping watchdog{| on CPU%d}: %p marking %w unstable",
				"Clocksource %w unstable (delta = %d ns)",
			},
			follows: []string{"{|tsc: }Marking TSC unstable due to clocksource watchdog"},
			after:   []Event{"clocksource_unstable"},
		},
		{
			// arch/x86/kernel/cpu/mcheck/therm_throt.c, from 5.6
			// drivers/thermal/intel/therm_throt.c: therm_throt_process(), for each
			// processor of a core or package, at most once in five minutes.
			event:   "thermal_throttle",
			doc:     "A processor was slowed down because of heat.",
			follows: []string{"{|mce: }CPU%d: {Core|Package} temperature {|is }above threshold, cpu clock {|is }throttled{| (total events = %d)}"},
			after:   []Event{"thermal_throttle"},
			belongs: []string{"{|mce: }CPU%d: {Core|Package} temperature/speed normal{| (total events = %d)}"},
		},
	}
}
