package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// groupInterval is longer than the time after which Alertmanager tells what
// changed in a group: the five minutes of deploy/alertmanager.yaml, scaled.
const groupInterval = 7 * time.Second

// deviceLeak: the kernel waits for a device, which first is a warning and then
// a page, and the page mutes the warning.
func deviceLeak(t *testing.T, s *stack, n *node) {
	t.Helper()
	stop, stopped := make(chan struct{}), make(chan error, 1)
	go func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			if err := n.says("<0>unregister_netdevice: waiting for eth0 to become free. Usage count = 2"); err != nil {
				stopped <- err
				return
			}
			select {
			case <-stop:
				stopped <- nil
				return
			case <-tick.C:
			}
		}
	}()
	warning := n.labels("KernelNetdevLeak", "warning")
	critical := n.labels("KernelNetdevLeak", "critical")
	s.pagers.wants(t, page{
		"tickets", warning, "The kernel waits for network devices that it cannot remove.",
		"The kernel of " + n.name + " of cluster blue has waited for a network device to become free for more than 2 minutes, or said at least 12 times within 20 minutes that it waits.",
	})
	s.pagers.wants(t, page{
		"pager", critical, "The kernel has been waiting for a network device for so long that it will not get it back.",
		"The kernel of " + n.name + " of cluster blue has waited for a network device to become free for more than 10 minutes. Pods may no longer start or stop there.",
	})
	s.muted(t, warning)
	close(stop)
	must(t, <-stopped)
	s.pagers.resolves(t, critical)
	s.pagers.resolves(t, warning)
}

// oopsAndRestart: a page goes on although its exporter was replaced by one that
// knows nothing of the oops, and under another name.
func oopsAndRestart(t *testing.T, s *stack, n *node) {
	t.Helper()
	must(t, n.says(
		"<1>BUG: kernel NULL pointer dereference, address: 0000000000000018",
		"<1>#PF: supervisor read access in kernel mode",
		"<1>#PF: error_code(0x0000) - not-present page",
		"<6>PGD 0 P4D 0 ",
		"<4>Oops: 0000 [#1] PREEMPT SMP PTI",
		"<4>CPU: 1 PID: 4242 Comm: runc Not tainted 6.1.0-50-cloud-amd64 #1  Debian 6.1.170-1",
	))
	oops := n.labels("KernelOops", "critical", "event=oops")
	s.pagers.wants(t, page{
		"pager", oops, "The kernel hit a bug in itself and runs on in an undefined state.",
		"The kernel of " + n.name + " of cluster blue reported oops within the last 30 minutes.",
	})
	n.restart(t)
	s.pagers.resolves(t, oops)
}

// slabGrows: where warning and critical begin at the same time, the critical
// alert is the faster one, and the warning never arrives.
func slabGrows(t *testing.T, s *stack, n *node) {
	t.Helper()
	n.edit(t, "proc/meminfo", `SUnreclaim: .*`, "SUnreclaim:       240022 kB")
	warning := n.labels("KernelSlabUnreclaimableHigh", "warning")
	critical := n.labels("KernelSlabUnreclaimableHigh", "critical")
	s.pagers.wants(t, page{
		"pager", critical, "The kernel holds so much of the memory in slab that it cannot take back that little is left for pods.",
		"Unreclaimable slab is 50% of the memory of " + n.name + " of cluster blue, more than 40%.",
	})
	s.muted(t, warning)
	holds(t, "the warning is muted", groupInterval, func() string { return s.alertmanager.notMuted(t, warning) })
	n.edit(t, "proc/meminfo", `SUnreclaim: .*`, "SUnreclaim:         8336 kB")
	s.pagers.resolves(t, critical)
	s.never(t, warning)
}

// unreadableLog: the log is no longer one, and comes back.
func unreadableLog(t *testing.T, s *stack, n *node) {
	t.Helper()
	kmsg := filepath.Join(n.root, "dev/kmsg")
	must(t, os.Remove(kmsg))
	must(t, os.Mkdir(kmsg, 0o700))
	n.restart(t) // an open FIFO stays readable
	unreadable := n.labels("KernelLogUnreadable", "warning")
	s.pagers.wants(t, page{
		"tickets", unreadable, "kernel_exporter cannot read a node's kernel log.",
		"The kernel log of " + n.name + " of cluster blue could not be read for most of the last 30 minutes: alerts that rest on it are silent.",
	})
	n.makeLog(t)
	s.pagers.resolves(t, unreadable)
}

// oneKilled: one of twelve is a ticket and no fleet.
func oneKilled(t *testing.T, s *stack, n *node) {
	t.Helper()
	n.kill()
	s.pagers.wants(t, exporterDown(n))
	n.start(t)
	s.pagers.resolves(t, exporterDown(n).labels)
}

func exporterDown(n *node) page {
	where := n.name
	if n.cluster != "" {
		where += " of cluster " + n.cluster
	}
	return page{
		"tickets", n.labels("KernelExporterDown", "warning"), "A node's kernel_exporter does not answer.",
		"Prometheus could not scrape kernel_exporter on " + where + " for more than half of the last 30 minutes, so little or nothing is known of its kernel.",
	}
}

func fleetDown(cluster string) page {
	where := ""
	if cluster != "" {
		where = " of cluster " + cluster
	}
	return page{
		"pager", clusterLabels(cluster, "KernelExporterFleetDown", "critical", "reason=down"), "A large part of a cluster's kernel_exporters does not answer.",
		"{value}% of the kernel_exporters" + where + " have been down for 15 minutes: kernel alerts of those nodes are silent.",
	}
}

// floodAndRestart: what raises nothing. The kernel writes far more than a FIFO
// or a ring holds, and a user forges an oops; meanwhile the exporter is
// restarted and counts from 0. Then records are lost, once.
func floodAndRestart(t *testing.T, s *stack, n *node) {
	t.Helper()
	const batches, lines = 200, 500
	half, flooded := make(chan struct{}), make(chan error, 1)
	go func() {
		flood := []string{
			"<12>BUG: kernel NULL pointer dereference, address: 0000000000000018",
			"<12>Oops: 0000 [#1] PREEMPT SMP PTI",
		}
		for len(flood) < lines {
			flood = append(flood, "<6>audit: type=1400 "+strings.Repeat("x", 60))
		}
		for i := range batches {
			if i == batches/2 {
				close(half)
			}
			if err := n.says(flood...); err != nil {
				flooded <- err
				return
			}
		}
		flooded <- nil
	}()
	<-half
	n.restart(t)
	must(t, <-flooded)
	eventually(t, "the flood is read to its end", func() string {
		seen, err := s.prometheus.query(t, fmt.Sprintf(`sum(kernel_log_records_total{instance=%q}) + sum(kernel_log_untrusted_records_total{instance=%q}) + sum(kernel_log_lost_records_total{instance=%q})`, n.name, n.name, n.name))
		if err != nil || len(seen) != 1 || seen[0].value != float64(n.seq) {
			return fmt.Sprintf("%v of %d records seen or lost (%v)", seen, n.seq, err)
		}
		return ""
	})

	n.loses(1000)
	must(t, n.says("<6>br0: port 1(veth1) entered disabled state"))
	eventually(t, "the loss is noticed", func() string {
		pending, err := s.prometheus.query(t, fmt.Sprintf(`ALERTS{instance=%q, alertname="KernelLogLosingRecords", alertstate="pending"}`, n.name))
		if err != nil || len(pending) != 1 {
			return fmt.Sprintf("%v (%v)", pending, err)
		}
		return ""
	})
	// The longest that any of it could wait for is a quarter of a minute.
	holds(t, "nothing fires", 20*time.Second, func() string {
		firing, err := s.prometheus.query(t, fmt.Sprintf(`ALERTS{instance=%q, alertstate="firing"}`, n.name))
		if err != nil || len(firing) > 0 {
			return fmt.Sprintf("%v (%v)", firing, err)
		}
		return ""
	})
}

// slabAllocation: a ticket for a node of no cluster.
func slabAllocation(t *testing.T, s *stack, n *node) {
	t.Helper()
	must(t, n.says("<4>SLUB: Unable to allocate memory on node -1, gfp=0xa20(GFP_ATOMIC)", "<4>  cache: skbuff_head_cache, object size: 232, buffer size: 256, default order: 1, min order: 0"))
	failing := n.labels("KernelSlabAllocationFailing", "warning", "event=slub_alloc_failure")
	s.pagers.wants(t, page{
		"tickets", failing, "The kernel could not allocate memory for its own objects.",
		"The kernel of " + n.name + " logged slub_alloc_failure within the last 15 minutes.",
	})
	s.pagers.resolves(t, failing)
}

// manyDown returns the labels of the alert on several exporters of a cluster.
func manyDown(cluster string) map[string]string {
	return clusterLabels(cluster, "KernelExporterDown", "warning", "reason=many")
}

// clusterKilled: a page for the fleet, and none of its tickets.
func clusterKilled(t *testing.T, s *stack, nodes []*node) {
	t.Helper()
	together(nodes, (*node).kill)
	s.pagers.wants(t, fleetDown("green"))
	s.muted(t, manyDown("green"))
	holds(t, "the ticket is muted", groupInterval, func() string { return s.alertmanager.notMuted(t, manyDown("green")) })
	s.never(t, manyDown("green"))
}

// bothKilledOneBack: two of two are no fleet, but a ticket each.
func bothKilledOneBack(t *testing.T, s *stack, back, gone *node) {
	t.Helper()
	together([]*node{back, gone}, (*node).kill)
	s.pagers.wants(t, exporterDown(back))
	s.pagers.wants(t, exporterDown(gone))
	back.start(t)
	s.pagers.resolves(t, exporterDown(back).labels)
	gone.start(t)
	s.pagers.resolves(t, exporterDown(gone).labels)
}

// upgraded: an exporter that is replaced in the middle of a wait for a device neither
// ends its page nor begins it anew, and a node that is well raises nothing by it.
func upgraded(t *testing.T, s *stack, n *node) {
	t.Helper()
	for range 3 {
		n.restart(t)
		<-time.After(2 * time.Second)
	}
	silent(t, s, n, 20*time.Second)
}

// rebooted: a node that was sick reboots in eight minutes, and is well.
func rebooted(t *testing.T, s *stack, n *node) {
	t.Helper()
	must(t, n.says("<4>neighbour: arp_cache: neighbor table overflow!"))
	overflow := n.labels("KernelNeighbourTableOverflow", "warning", "event=neighbour_overflow")
	s.pagers.wants(t, page{
		"tickets", overflow, "The neighbour (ARP or NDISC) table was full, so peers could not be reached.",
		"The neighbour table of " + n.name + " of cluster blue overflowed within the last 15 minutes.",
	})
	n.reboots(t, 8*time.Second)
	s.pagers.resolves(t, overflow)
	silent(t, s, n, 15*time.Second)
}

// rollingReboot: three nodes of twelve reboot one after the other, eight minutes each.
func rollingReboot(t *testing.T, s *stack, nodes []*node) {
	t.Helper()
	for _, n := range nodes {
		n.reboots(t, 8*time.Second)
	}
	for _, n := range nodes {
		silent(t, s, n, 5*time.Second)
	}
}

// silent fails the test if anything fires for a node within a span.
func silent(t *testing.T, s *stack, n *node, span time.Duration) {
	t.Helper()
	holds(t, "nothing fires for "+n.name, span, func() string {
		firing, err := s.prometheus.query(t, fmt.Sprintf(`ALERTS{instance=%q, alertstate="firing"}`, n.name))
		if err != nil || len(firing) > 0 {
			return fmt.Sprintf("%v (%v)", firing, err)
		}
		return ""
	})
}

// watched: the watchdog goes to its own receiver.
func watched(t *testing.T, s *stack) {
	t.Helper()
	s.pagers.wants(t, page{
		"watchdog", clusterLabels("", "KernelAlertsWatchdog", "info"), "The alerts of kernel_exporter are evaluated and have data.",
		"This alert always fires. If it stops, no kernel alert can be relied on.",
	})
}

// allKilled: blue has one page and no tickets, and the two nodes without a cluster a
// ticket each. That of green goes on.
func allKilled(t *testing.T, s *stack) {
	t.Helper()
	together(s.nodes, (*node).kill)
	s.pagers.wants(t, fleetDown("blue"))
	s.muted(t, manyDown("blue"))
	for _, n := range s.nodes[15:] {
		s.pagers.wants(t, exporterDown(n))
	}
}

// allTargetsGone: nobody asks the exporters any more. A cluster with a name has vanished.
func allTargetsGone(t *testing.T, s *stack) {
	t.Helper()
	s.forget(t)
	s.pagers.wants(t, page{
		"tickets", clusterLabels("", "KernelExporterAbsent", "warning"), "Prometheus knows of no kernel_exporter at all.",
		"There is no target with job kernel_exporter: no kernel alert can fire.",
	})
	for _, cluster := range []string{"blue", "green"} {
		s.pagers.wants(t, page{
			"tickets", clusterLabels(cluster, "KernelExporterFleetDown", "warning", "reason=vanished"), "All kernel_exporters of a cluster have vanished from Prometheus.",
			"Prometheus has no target any more with job kernel_exporter of cluster " + cluster + ", and had some {value} ago.",
		})
	}
}
