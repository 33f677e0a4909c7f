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
	warning := n.labels("KernelNetdevLeak", "warning", "event=netdev_leak")
	critical := n.labels("KernelNetdevLeak", "critical")
	s.pagers.wants(t, page{
		"tickets", warning, "The kernel waits for network devices that it cannot remove.",
		"The kernel of " + n.name + " of cluster blue said {value} times within 20 minutes that it waits for a network device to become free.",
	})
	s.pagers.wants(t, page{
		"pager", critical, "The kernel has been waiting for a network device for 10 minutes and will not get it back.",
		"The kernel of " + n.name + " of cluster blue has been waiting for a network device to become free for {value}. Pods may no longer start or stop there.",
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
		"pager", critical, "The kernel holds more than two fifths of the memory in slab that it cannot take back.",
		"Unreclaimable slab is 50% of the memory of " + n.name + " of cluster blue.",
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
		"The kernel log of " + n.name + " of cluster blue has not been readable for 15 minutes: alerts that rest on it are silent.",
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
		"Prometheus has not been able to scrape kernel_exporter on " + where + " for 15 minutes, so nothing is known of its kernel.",
	}
}

func fleetDown(cluster string) page {
	where := ""
	if cluster != "" {
		where = " of cluster " + cluster
	}
	return page{
		"pager", clusterLabels(cluster, "KernelExporterFleetDown", "critical", "reason=down"), "More than a tenth of a cluster's kernel_exporters do not answer.",
		"{value}% of the kernel_exporters" + where + " are down: kernel alerts of those nodes are silent.",
	}
}

// floodAndRestart: what raises nothing. The kernel writes far more than a FIFO
// or a ring holds, and a user forges an oops; meanwhile the exporter is
// restarted and counts from 0. Then records are lost, once, and each of two
// devices is waited for once.
func floodAndRestart(t *testing.T, s *stack, n *node) {
	t.Helper()
	const batches, lines = 200, 500
	half, flooded := make(chan struct{}), make(chan error, 1)
	go func() {
		flood := []string{
			"<12>BUG: kernel NULL pointer dereference, address: 0000000000000018",
			"<12>Oops: 0000 [#1] PREEMPT SMP PTI",
			"<0>unregister_netdevice: waiting for eth1 to become free. Usage count = 1",
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
			flood[2] = flood[3]
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
	must(t, n.says("<0>unregister_netdevice: waiting for eth2 to become free. Usage count = 1"))
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

// clusterKilled: a page for the fleet, and none of its tickets.
func clusterKilled(t *testing.T, s *stack, nodes []*node) {
	t.Helper()
	together(nodes, (*node).kill)
	s.pagers.wants(t, fleetDown("green"))
	for _, n := range nodes {
		s.muted(t, exporterDown(n).labels)
	}
	holds(t, "the tickets are muted", groupInterval, func() string {
		for _, n := range nodes {
			if p := s.alertmanager.notMuted(t, exporterDown(n).labels); p != "" {
				return n.name + ": " + p
			}
		}
		return ""
	})
	for _, n := range nodes {
		s.never(t, exporterDown(n).labels)
	}
}

// bothKilledOneBack: one that is back ends the fleet's page, and then the ticket
// for the other, which it had muted, arrives.
func bothKilledOneBack(t *testing.T, s *stack, back, gone *node) {
	t.Helper()
	together([]*node{back, gone}, (*node).kill)
	s.pagers.wants(t, fleetDown(""))
	s.muted(t, exporterDown(back).labels)
	s.muted(t, exporterDown(gone).labels)
	s.never(t, exporterDown(gone).labels)
	back.start(t)
	s.pagers.resolves(t, fleetDown("").labels)
	s.pagers.wants(t, exporterDown(gone))
	s.never(t, exporterDown(back).labels)
	gone.start(t)
	s.pagers.resolves(t, exporterDown(gone).labels)
}

// allKilled: each cluster has one page and no tickets. That of green goes on.
func allKilled(t *testing.T, s *stack) {
	t.Helper()
	together(s.nodes, (*node).kill)
	s.pagers.wants(t, fleetDown("blue"))
	s.pagers.wants(t, fleetDown("")) // once more
	for _, n := range s.nodes {
		s.muted(t, n.labels("KernelExporterDown", "warning"))
	}
}

// allTargetsGone: nobody asks the exporters any more.
func allTargetsGone(t *testing.T, s *stack) {
	t.Helper()
	s.forget(t)
	s.pagers.wants(t, page{
		"pager", clusterLabels("", "KernelExporterFleetDown", "critical", "reason=absent"), "Prometheus knows of no kernel_exporter at all.",
		"There is no target with job kernel_exporter: no kernel alert can fire.",
	})
	for _, cluster := range []string{"blue", "green", ""} {
		where := ""
		if cluster != "" {
			where = " of cluster " + cluster
		}
		s.pagers.wants(t, page{
			"pager", clusterLabels(cluster, "KernelExporterFleetDown", "critical", "reason=fewer"), "A tenth of a cluster's kernel_exporters or more have vanished from Prometheus within an hour.",
			"Prometheus scrapes 100% fewer kernel_exporters" + where + " than an hour ago.",
		})
	}
}
