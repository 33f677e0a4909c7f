package event

// leakHead is what a record of [NetdevLeak] begins with, before the device.
const leakHead = "unregister_netdevice: waiting for "

func networkEvents() []entry {
	return []entry{
		{
			// net/core/dev.c: netdev_wait_allrefs(), from 6.1
			// netdev_wait_allrefs_any(): for each device, every 10 s.
			event:   NetdevLeak,
			doc:     "The kernel waits for a network device that it cannot remove, because someone still uses it.",
			formats: []string{leakHead + "%i to become free. Usage count = %d"},
		},
		{
			// net/netfilter/nf_conntrack_core.c: nf_conntrack_alloc(); a dot in
			// 2.6.32 and el6, the prefix twice from el8 on, another network
			// namespace by its number from 6.18.
			event:   "conntrack_table_full",
			doc:     "Packets are dropped because the connection tracking table is full.",
			formats: []string{"nf_conntrack: {|nf_conntrack: }table full{| in netns %d}, dropping packet{|.}"},
		},
		{
			// net/core/neighbour.c: neigh_alloc(), 4.4 to 7.1. net/ipv4/route.c
			// and net/ipv6/route.c: rt_intern_hash(), rt6_alloc_cow(), 2.6.32,
			// el6, and with a prefix Linux 3.0 to 3.7; 3.10 and el7 say nothing.
			event: "neighbour_overflow",
			doc:   "The table of ARP or NDP neighbours is full.",
			formats: []string{
				"neighbour: %w: neighbor table overflow!",
				"{|ipv4: |IPv4: |ipv6: |IPv6: }Neighbour table overflow{|.}",
			},
		},
		{
			// net/ipv4/tcp.c: tcp_check_oom(), 3.10 to 7.1. In 2.6.32 and el6
			// tcp_close(), and tcp_out_of_resources() of net/ipv4/tcp_timer.c,
			// which does not tell which of the two limits it met.
			event:   "tcp_memory",
			doc:     "TCP is over its limit of memory.",
			formats: []string{"TCP: out of memory -- consider tuning tcp_mem", "Out of socket memory"},
		},
		{
			event:   "tcp_orphans",
			doc:     "TCP is over its limit of sockets that no process has.",
			formats: []string{"TCP: too many {|of }orphaned sockets"},
		},
		{
			// net/sched/sch_generic.c: dev_watchdog(), up to 5.15, with the time
			// in Linux 6.4; then in the words of netdev_crit(), whose prefix is
			// driver, bus address, name and state (__netdev_printk()).
			event: "netdev_tx_timeout",
			doc:   "A network device does not send.",
			formats: []string{
				"NETDEV WATCHDOG: %i (%p): transmit queue %d timed out{| %d ms}",
				"%w %a %i: NETDEV WATCHDOG: CPU: %d: transmit queue %d timed out %d ms",
				"%w %a %i (%w): NETDEV WATCHDOG: CPU: %d: transmit queue %d timed out %d ms",
				"%w %a (unnamed net_device) (%w): NETDEV WATCHDOG: CPU: %d: transmit queue %d timed out %d ms",
				"%i{| (%w)}: NETDEV WATCHDOG: CPU: %d: transmit queue %d timed out %d ms",
			},
		},
	}
}

func overlayEvents() []entry {
	return []entry{
		{
			// kernel/rh_taint.c: mark_tech_preview(), for ovl_mount() of el7's
			// fs/overlayfs/super.c, once after a boot. The sentence that follows
			// is after a newline. Other subsystems use the same words.
			event:   OverlayfsTechPreview,
			doc:     "overlayfs was mounted on a kernel that calls it a technology preview.",
			formats: []string{"TECH PREVIEW: Overlay filesystem may not be fully supported.{|\nPlease review provided documentation for limitations.}"},
		},
		{
			// fs/overlayfs/super.c: ovl_make_workdir(), ovl_get_upper() and
			// ovl_mount_dir(), from 6.6 ovl_mount_dir_check() of params.c, which
			// speaks as "overlay". "fs on '%s' does not support file handles" is
			// said of lower layers.
			event: OverlayfsUpperUnsupported,
			doc:   "The upper layer of an overlay lacks what overlayfs needs.",
			formats: []string{
				"overlayfs: upper fs {needs to support d_type|does not support tmpfile|does not support RENAME_WHITEOUT|missing required features}{|.}",
				"overlayfs: upper fs does not support {xattr|file handles}, falling back to %w=%*",
				"overlayfs: upper fs is r/o, try multi-lower layers mount",
				"overlayfs: filesystem on '%p' not supported as upperdir",
				"overlayfs: failed to set xattr on upper",
			},
		},
		{
			// fs/overlayfs/super.c: ovl_report_in_use(), from 5.4;
			// ovl_get_upper(), ovl_get_workdir(), el7 to 4.19.
			event:   OverlayfsInUse,
			doc:     "A layer of an overlay is used by two mounts.",
			formats: []string{"overlayfs: {upper|work|lower}dir is in-use {by another mount|as upperdir/workdir}{|,%*| %*}"},
		},
	}
}
