package event

// The parts of the record that [LeakedDevice] takes a name from.
const (
	leakHead   = "unregister_netdevice: waiting for "
	leakMiddle = " to become free. Usage count = "
)

func networkPatterns() []pattern {
	return []pattern{
		// net/core/dev.c: netdev_wait_allrefs(), from 6.1
		// netdev_wait_allrefs_any(): for each device, every 10 s.
		{event: NetdevLeak, head: leakHead, tail: `\S+ to become free\. Usage count = -?\d+`},

		// net/netfilter/nf_conntrack_core.c: nf_conntrack_alloc(); a dot in
		// 2.6.32 and el6, the prefix twice from el8 on, another network
		// namespace by its number from 6.18.
		{event: "conntrack_table_full", head: "nf_conntrack: table full", tail: `(?: in netns \d+)?, dropping packet\.?`},
		{event: "conntrack_table_full", head: "nf_conntrack: nf_conntrack: table full", tail: `(?: in netns \d+)?, dropping packet\.?`},

		// net/core/neighbour.c: neigh_alloc(), 4.4 to 7.1. net/ipv4/route.c and
		// net/ipv6/route.c: rt_intern_hash(), rt6_alloc_cow(), 2.6.32, el6, and
		// with a prefix Linux 3.0 to 3.7; 3.10 and el7 say nothing.
		{event: "neighbour_overflow", head: "neighbour: %s: neighbor table overflow!"},
		{event: "neighbour_overflow", head: "Neighbour table overflow", tail: `\.?`},
		{event: "neighbour_overflow", head: "ipv4: Neighbour table overflow", tail: `\.?`},
		{event: "neighbour_overflow", head: "IPv4: Neighbour table overflow", tail: `\.?`},
		{event: "neighbour_overflow", head: "ipv6: Neighbour table overflow", tail: `\.?`},
		{event: "neighbour_overflow", head: "IPv6: Neighbour table overflow", tail: `\.?`},

		// net/ipv4/tcp.c: tcp_check_oom(), 3.10 to 7.1. In 2.6.32 and el6
		// tcp_close(), and tcp_out_of_resources() of net/ipv4/tcp_timer.c,
		// which does not tell which of the two limits it met.
		{event: "tcp_memory", head: "TCP: out of memory -- consider tuning tcp_mem"},
		{event: "tcp_memory", head: "Out of socket memory"},
		{event: "tcp_orphans", head: "TCP: too many ", tail: `(?:of )?orphaned sockets`},

		// net/sched/sch_generic.c: dev_watchdog(), up to 5.15, with the time
		// in Linux 6.4; then in the words of netdev_crit(), whose prefix is
		// driver, bus address, name and state (__netdev_printk()).
		{event: "netdev_tx_timeout", head: "NETDEV WATCHDOG: ", tail: `\S+ \(.*\): transmit queue \d+ timed out(?: \d+ ms)?`},
		{
			event: "netdev_tx_timeout", leadMax: 128,
			lead: `(?:\S+ \S+ )?(?:\S+|\(unnamed net_device\))(?: \([a-z]+\))?: `,
			head: "NETDEV WATCHDOG: CPU: ",
			tail: `\d+: transmit queue \d+ timed out \d+ ms`,
		},
	}
}

func overlayPatterns() []pattern {
	return []pattern{
		// kernel/rh_taint.c: mark_tech_preview(), for ovl_mount() of el7's
		// fs/overlayfs/super.c, once after a boot. The sentence that follows
		// is behind a newline. Other subsystems use the same words.
		{event: OverlayfsTechPreview, head: "TECH PREVIEW: Overlay filesystem may not be fully supported."},

		// fs/overlayfs/super.c: ovl_make_workdir(), ovl_get_upper() and
		// ovl_mount_dir(), from 6.6 ovl_mount_dir_check() of params.c. "fs on
		// '%s' does not support file handles" is said of lower layers.
		{event: OverlayfsUpperUnsupported, head: "overlayfs: upper fs ", tail: `needs to support d_type\.?|` +
			`does not support (?:tmpfile|RENAME_WHITEOUT|xattr, falling back .*|file handles, falling back .*)\.?|` +
			`missing required features\.?|is r/o, try multi-lower layers mount`},
		{event: OverlayfsUpperUnsupported, head: "overlayfs: filesystem on '", tail: `.*' not supported as upperdir`},
		{event: OverlayfsUpperUnsupported, head: "overlayfs: failed to set xattr on upper"},

		// fs/overlayfs/super.c: ovl_report_in_use(), from 5.4; ovl_get_upper(),
		// ovl_get_workdir(), el7 to 4.19.
		{event: OverlayfsInUse, head: "overlayfs: ", tail: `(?:upper|work|lower)dir is in-use (?:by another mount|as upperdir/workdir)(?:,? .*)?`},
	}
}
