package collector

import (
	"errors"
	"io/fs"
	"os"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"kernel_exporter/collector/facts"
	"kernel_exporter/collector/host"
	"kernel_exporter/collector/kmsg"
	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
)

type logCollector struct {
	metricSet
	all []event.Event

	events, lastSeen               *Metric
	records, untrusted             *Metric
	lost, suppressed               *Metric
	up, source, complete           *Metric
	netdevLeaks, netdevLeakLongest *Metric
}

func logDefinition() Definition {
	return Definition{
		Name:    "log",
		Verdict: true,
		Help:    "What the kernel logged: records by level, events such as netdevice leaks and slab allocation failures, and how far the log can be trusted",
		Needs:   "/dev/kmsg: CAP_SYSLOG where kernel.dmesg_restrict is 1, and a readable device (user 0, or CAP_DAC_READ_SEARCH where its mode asks for it). Where the device is missing or refused, syslog(2) needs only the former; it gives lines without numbers, so less is known of what was lost. Without either kernel_log_up is 0 and the counts are absent.",
		Facts:   facts.KernelLog,
		New:     newLogCollector,
	}
}

func newLogCollector() Collector {
	c := &logCollector{all: event.All()}
	c.events = c.counter("kernel_log_events_total", "Problem reports of the kernel in its log since boot, by kind; only records that the kernel itself wrote count", "event")
	c.lastSeen = c.gauge("kernel_log_event_last_seen_timestamp_seconds", "When an event was last seen, in seconds since the epoch: the wall clock for records read live, boot time plus record time for those replayed at start; absent until seen", "event")
	c.records = c.counter("kernel_log_records_total", "Records that the kernel wrote to its log since boot, by level", "level")
	c.untrusted = c.counter("kernel_log_untrusted_records_total", "Records in the kernel log that user space wrote; they count as nothing else")
	c.lost = c.counter("kernel_log_lost_records_total", "Records that were overwritten before they could be read: before_start, before the exporter first looked; overrun, later. With syslog(2) a gap counts as 1, however long it was", "reason")
	c.suppressed = c.counter("kernel_log_suppressed_total", "Messages that the kernel says it suppressed by rate limit; it says so late, and not of every message")
	c.up = c.gauge("kernel_log_up", "Whether the kernel log is being read now")
	c.source = c.gauge("kernel_log_source_info", "Where the kernel log is read from: kmsg (/dev/kmsg), syslog (the system call syslog(2)) or none; always 1", "source")
	c.complete = c.gauge("kernel_log_complete_since_boot", "Whether every record since boot has been seen: only then does a count of 0 mean that it never happened")
	c.netdevLeaks = c.gauge("kernel_netdev_leaks", "Network devices that the kernel is waiting for now, unable to remove them; devices of equal names in different namespaces count as one, so this is a lower bound")
	c.netdevLeakLongest = c.gauge("kernel_netdev_leak_longest_seconds", "How long the kernel has been waiting for the network device it has waited for longest; 0 if it waits for none")
	return c
}

func (c *logCollector) Update(s *Samples, node *Judgement) error {
	n, ok := node.Facts.Log.Get()
	if !ok {
		return node.Facts.Log.Err()
	}
	s.AddBool(c.up, n.Up)
	s.Add(c.source, 1, n.Source)
	if n.Drained {
		c.addCounts(s, &n)
	}
	if n.Err != nil && !errors.Is(n.Err, fs.ErrNotExist) {
		return n.Err
	}
	return malformed(&n, time.Now())
}

// malformedMatters is for how long a malformed record makes the collector fail:
// longer than the time between two scrapes, so that every Prometheus sees it, and
// a log of many costs no line each scrape.
const malformedMatters = 10 * time.Minute

var errMalformed = errors.New("the kernel log has malformed records")

func malformed(n *kmsg.Snapshot, now time.Time) error {
	if n.MalformedAt.IsZero() || now.Sub(n.MalformedAt) > malformedMatters {
		return nil
	}
	return errMalformed
}

func (c *logCollector) addCounts(s *Samples, n *kmsg.Snapshot) {
	for _, e := range c.all {
		name, count := string(e), n.Events[e]
		s.Add(c.events, float64(count.Count), name)
		if !count.LastSeen.IsZero() {
			s.Add(c.lastSeen, float64(count.LastSeen.UnixMilli())/1e3, name)
		}
	}
	for l, count := range n.Records {
		s.Add(c.records, float64(count), record.Level(l).String())
	}
	s.Add(c.untrusted, float64(n.Untrusted))
	s.Add(c.lost, float64(n.LostBeforeStart), "before_start")
	s.Add(c.lost, float64(n.LostOverrun), "overrun")
	s.Add(c.suppressed, float64(n.Suppressed))
	s.AddBool(c.complete, n.CompleteSinceBoot)
	if n.LeaksKnown {
		s.Add(c.netdevLeaks, float64(n.Leaks))
		s.Add(c.netdevLeakLongest, n.LongestLeak.Seconds())
	}
}

// newLog builds the reader of a node's kernel log.
func newLog(o Options, of facts.LogOf) *kmsg.Log {
	logger := log.With(o.Logger, "collector", "log")
	return kmsg.New(kmsg.Config{
		Open:      func() (*os.File, error) { return o.Host.Open("dev/kmsg") },
		Bell:      o.Host.Path("proc/kmsg"),
		Source:    o.KmsgSource,
		StateFile: o.StateFile,
		Kernel: kmsg.Kernel{
			BootID:     of.BootID,
			Running:    o.Host.Live(),
			HeadMarked: of.Kernel.Known() && of.Kernel.Release.Version.Compare(host.Version{Major: 4, Minor: 9}) < 0,
			BootTime:   of.BootTime,
			Uptime:     o.Host.Uptime,
			Suspended:  o.Host.Suspended,
			LeakPeriod: leakPeriod(o.Host, of.Kernel),
		},
		OnStatus: func(st kmsg.Status) {
			switch {
			case st.Up:
				_ = level.Info(logger).Log("msg", "reading the kernel log", "source", st.Source)
			case errors.Is(st.Err, fs.ErrPermission):
				_ = level.Warn(logger).Log("msg", "cannot read the kernel log: give the exporter CAP_SYSLOG", "err", st.Err)
			case st.Err != nil:
				_ = level.Warn(logger).Log("msg", "cannot read the kernel log", "err", st.Err)
			}
		},
		OnForget: func() {
			_ = level.Warn(logger).Log("msg", "the kernel log is another one than before: counts reset")
		},
		OnStateError: func(err error) {
			if err == nil {
				_ = level.Info(logger).Log("msg", "state of the kernel log is kept again")
				return
			}
			_ = level.Warn(logger).Log("msg", "trouble with the kernel log's state file", "err", err)
		},
	})
}

// CheckStateFile returns an error if the file at path, named for the state of the
// kernel log, holds something else: it is not for the exporter to rename or replace.
func CheckStateFile(path string) error { return kmsg.CheckStateFile(path) }

// leakPeriod returns a function that says how often the kernel repeats that it waits
// for a network device. Before 5.13 no one could set it (commit 5aa3afe107d9), so it is
// known without a file.
func leakPeriod(h *host.FS, k host.Kernel) func() (period time.Duration, known bool) {
	fixed := k.Known() && k.Release.Version.Compare(host.Version{Major: 5, Minor: 13}) < 0
	return func() (time.Duration, bool) {
		period, read := h.NetdevUnregisterTimeout()
		return period, read || fixed
	}
}
