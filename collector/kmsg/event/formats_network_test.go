package event_test

import "kernel_exporter/collector/kmsg/event"

// networkFormats is made from net/core/dev.c, net/netfilter/
// nf_conntrack_core.c, net/core/neighbour.c, net/ipv4/, net/ipv6/route.c and
// net/sched/sch_generic.c.
func networkFormats() []formatted {
	return []formatted{
		{event.NetdevLeak, "2.6.32", "unregister_netdevice: waiting for lo to become free. Usage count = 3"},
		{event.NetdevLeak, "7.1", "unregister_netdevice: waiting for vethadd18b9@if3 to become free. Usage count = -1"},

		{"conntrack_table_full", "2.6.32", "nf_conntrack: table full, dropping packet."},
		{"conntrack_table_full", "el7", "nf_conntrack: table full, dropping packet"},
		{"conntrack_table_full", "el8", "nf_conntrack: nf_conntrack: table full, dropping packet"},
		{"conntrack_table_full", "6.18", "nf_conntrack: nf_conntrack: table full in netns 4026532456, dropping packet"},

		{"neighbour_overflow", "2.6.32", "Neighbour table overflow."},
		{"neighbour_overflow", "3.0", "ipv4: Neighbour table overflow."},
		{"neighbour_overflow", "3.0", "ipv6: Neighbour table overflow."},
		{"neighbour_overflow", "3.5", "IPv4: Neighbour table overflow"},
		{"neighbour_overflow", "3.7", "IPv6: Neighbour table overflow"},
		{"neighbour_overflow", "4.4", "neighbour: arp_cache: neighbor table overflow!"},
		{"neighbour_overflow", "7.1", "neighbour: ndisc_cache: neighbor table overflow!"},

		{"tcp_memory", "el6", "Out of socket memory"},
		{"tcp_memory", "7.1", "TCP: out of memory -- consider tuning tcp_mem"},
		{"tcp_orphans", "el6", "TCP: too many of orphaned sockets"},
		{"tcp_orphans", "7.1", "TCP: too many orphaned sockets"},

		{"netdev_tx_timeout", "2.6.32", "NETDEV WATCHDOG: eth0 (e1000e): transmit queue 0 timed out"},
		{"netdev_tx_timeout", "5.15, no driver", "NETDEV WATCHDOG: eth0 (): transmit queue 12 timed out"},
		{"netdev_tx_timeout", "6.4", "NETDEV WATCHDOG: enp1s0f0 (igb): transmit queue 3 timed out 5376 ms"},
		{"netdev_tx_timeout", "6.6", "r8125 0000:22:04.0 eth4: NETDEV WATCHDOG: CPU: 3: transmit queue 0 timed out 5010 ms"},
		{"netdev_tx_timeout", "7.1, no parent", "veth0: NETDEV WATCHDOG: CPU: 0: transmit queue 0 timed out 5010 ms"},
		{"netdev_tx_timeout", "6.1, going away", "mlx5_core 0000:3b:00.1 ens1f1np1 (unregistering): NETDEV WATCHDOG: CPU: 63: transmit queue 41 timed out 15000 ms"},
		{"netdev_tx_timeout", "6.18, no name", "virtio_net virtio0 (unnamed net_device) (uninitialized): NETDEV WATCHDOG: CPU: 0: transmit queue 0 timed out 5010 ms"},
	}
}

// overlayFormats is made from fs/overlayfs/super.c and, of Red Hat's kernels,
// kernel/rh_taint.c.
func overlayFormats() []formatted {
	return []formatted{
		{event.OverlayfsTechPreview, "el7", "TECH PREVIEW: Overlay filesystem may not be fully supported.\nPlease review provided documentation for limitations."},
		{event.OverlayfsTechPreview, "el7, as syslog(2) shows it", "TECH PREVIEW: Overlay filesystem may not be fully supported."},

		{event.OverlayfsUpperUnsupported, "4.4", "overlayfs: upper fs needs to support d_type."},
		{event.OverlayfsUpperUnsupported, "el7", "overlayfs: upper fs does not support tmpfile."},
		{event.OverlayfsUpperUnsupported, "5.10", "overlayfs: upper fs does not support RENAME_WHITEOUT."},
		{event.OverlayfsUpperUnsupported, "el7", "overlayfs: upper fs does not support xattr, falling back to index=off."},
		{event.OverlayfsUpperUnsupported, "4.19", "overlayfs: upper fs does not support xattr, falling back to index=off and metacopy=off."},
		{event.OverlayfsUpperUnsupported, "5.4", "overlayfs: upper fs does not support file handles, falling back to index=off."},
		{event.OverlayfsUpperUnsupported, "5.10", "overlayfs: upper fs missing required features."},
		{event.OverlayfsUpperUnsupported, "7.1", "overlayfs: upper fs is r/o, try multi-lower layers mount"},
		{event.OverlayfsUpperUnsupported, "4.4", "overlayfs: filesystem on '/var/lib/docker/it's here' not supported as upperdir"},
		{event.OverlayfsUpperUnsupported, "5.15", "overlayfs: failed to set xattr on upper"},

		{event.OverlayfsInUse, "el7", "overlayfs: upperdir is in-use by another mount, mount with '-o index=off' to override exclusive upperdir protection."},
		{event.OverlayfsInUse, "4.19", "overlayfs: workdir is in-use by another mount, accessing files from both mounts will result in undefined behavior."},
		{event.OverlayfsInUse, "5.4", "overlayfs: lowerdir is in-use as upperdir/workdir of another mount, accessing files from both mounts will result in undefined behavior."},
		{event.OverlayfsInUse, "7.1", "overlayfs: upperdir is in-use as upperdir/workdir of another mount, mount with '-o index=off' to override exclusive upperdir protection."},
		{event.OverlayfsInUse, "5.2", "overlayfs: lowerdir is in-use as upperdir/workdir"},
	}
}
