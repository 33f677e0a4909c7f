package exposition

import (
	"bytes"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	dto "github.com/prometheus/client_model/go"
	"golang.org/x/sys/unix"
)

// self has client_golang's metrics of the Go runtime and of the process, with the same
// names, help and meaning. The library makes them anew at each scrape, with 200 kB of
// garbage, which is more than the scrape itself; here only their values change. It must
// not be used concurrently.
type self struct {
	families []*dto.MetricFamily
	values   map[string]func() float64 // by the metric's name

	runtime []metrics.Sample
	index   map[string]int // of a name in runtime
	gc      debug.GCStats
	stat    []string // of proc/self/stat, the fields after the name
	netstat [2]float64
	buf     []byte
}

func newSelf() (*self, error) {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	families, err := registry.Gather()
	if err != nil {
		return nil, err
	}
	s := &self{index: map[string]int{}, buf: make([]byte, 0, 8<<10)}
	s.gc.PauseQuantiles = make([]time.Duration, 5)
	s.values = s.sources()
	// What the library has and is not known here would never change.
	s.families = slices.DeleteFunc(families, func(f *dto.MetricFamily) bool {
		_, ok := s.values[f.GetName()]
		return !ok && f.GetName() != gcDurations && f.GetName() != "go_info" && f.GetName() != "process_start_time_seconds"
	})
	return s, nil
}

const gcDurations = "go_gc_duration_seconds"

// sources returns what each metric's value is made from, and fills in which of the
// runtime's own metrics are read for it.
func (s *self) sources() map[string]func() float64 {
	sum := func(names ...string) func() float64 {
		var at []int
		for _, name := range names {
			if _, ok := s.index[name]; !ok {
				s.index[name] = len(s.runtime)
				s.runtime = append(s.runtime, metrics.Sample{Name: name})
			}
			at = append(at, s.index[name])
		}
		return func() float64 {
			total := uint64(0)
			for _, i := range at {
				if v := s.runtime[i].Value; v.Kind() == metrics.KindUint64 {
					total += v.Uint64()
				}
			}
			return float64(total)
		}
	}
	const memory = "/memory/classes/"
	all := map[string]func() float64{
		"go_gc_gogc_percent":                   sum("/gc/gogc:percent"),
		"go_gc_gomemlimit_bytes":               sum("/gc/gomemlimit:bytes"),
		"go_goroutines":                        func() float64 { return float64(runtime.NumGoroutine()) },
		"go_sched_gomaxprocs_threads":          sum("/sched/gomaxprocs:threads"),
		"go_threads":                           func() float64 { n, _ := runtime.ThreadCreateProfile(nil); return float64(n) },
		"go_memstats_last_gc_time_seconds":     func() float64 { return float64(s.gc.LastGC.UnixNano()) / 1e9 },
		"go_memstats_alloc_bytes":              sum(memory + "heap/objects:bytes"),
		"go_memstats_alloc_bytes_total":        sum("/gc/heap/allocs:bytes"),
		"go_memstats_sys_bytes":                sum(memory + "total:bytes"),
		"go_memstats_mallocs_total":            sum("/gc/heap/allocs:objects", "/gc/heap/tiny/allocs:objects"),
		"go_memstats_frees_total":              sum("/gc/heap/frees:objects", "/gc/heap/tiny/allocs:objects"),
		"go_memstats_heap_alloc_bytes":         sum(memory + "heap/objects:bytes"),
		"go_memstats_heap_sys_bytes":           sum(memory+"heap/objects:bytes", memory+"heap/unused:bytes", memory+"heap/released:bytes", memory+"heap/free:bytes"),
		"go_memstats_heap_idle_bytes":          sum(memory+"heap/released:bytes", memory+"heap/free:bytes"),
		"go_memstats_heap_inuse_bytes":         sum(memory+"heap/objects:bytes", memory+"heap/unused:bytes"),
		"go_memstats_heap_released_bytes":      sum(memory + "heap/released:bytes"),
		"go_memstats_heap_objects":             sum("/gc/heap/objects:objects"),
		"go_memstats_stack_inuse_bytes":        sum(memory + "heap/stacks:bytes"),
		"go_memstats_stack_sys_bytes":          sum(memory+"heap/stacks:bytes", memory+"os-stacks:bytes"),
		"go_memstats_mspan_inuse_bytes":        sum(memory + "metadata/mspan/inuse:bytes"),
		"go_memstats_mspan_sys_bytes":          sum(memory+"metadata/mspan/inuse:bytes", memory+"metadata/mspan/free:bytes"),
		"go_memstats_mcache_inuse_bytes":       sum(memory + "metadata/mcache/inuse:bytes"),
		"go_memstats_mcache_sys_bytes":         sum(memory+"metadata/mcache/inuse:bytes", memory+"metadata/mcache/free:bytes"),
		"go_memstats_buck_hash_sys_bytes":      sum(memory + "profiling/buckets:bytes"),
		"go_memstats_gc_sys_bytes":             sum(memory + "metadata/other:bytes"),
		"go_memstats_other_sys_bytes":          sum(memory + "other:bytes"),
		"go_memstats_next_gc_bytes":            sum("/gc/heap/goal:bytes"),
		"process_cpu_seconds_total":            func() float64 { return (s.field(utime) + s.field(stime)) / userHZ },
		"process_virtual_memory_bytes":         func() float64 { return s.field(vsize) },
		"process_resident_memory_bytes":        func() float64 { return s.field(rss) * float64(unix.Getpagesize()) },
		"process_max_fds":                      func() float64 { return limit(unix.RLIMIT_NOFILE) },
		"process_virtual_memory_max_bytes":     func() float64 { return limit(unix.RLIMIT_AS) },
		"process_open_fds":                     s.openFiles,
		"process_network_receive_bytes_total":  func() float64 { return s.netstat[0] },
		"process_network_transmit_bytes_total": func() float64 { return s.netstat[1] },
	}
	return all
}

// userHZ is how many ticks a second has in proc/self/stat, whatever the kernel's own
// are (USER_HZ, include/asm-generic/param.h).
const userHZ = 100

// The fields of proc/self/stat, counted from the one after the name
// (proc_pid_stat(5)).
const (
	utime = 11
	stime = 12
	vsize = 20
	rss   = 21
)

// update reads all values.
func (s *self) update() []*dto.MetricFamily {
	metrics.Read(s.runtime)
	debug.ReadGCStats(&s.gc)
	s.readStat()
	s.readNetstat()
	for _, f := range s.families {
		m := f.GetMetric()[0]
		if f.GetName() == gcDurations {
			s.setPauses(m.GetSummary())
			continue
		}
		value, ok := s.values[f.GetName()]
		switch {
		case !ok: // it is constant
		case m.Counter != nil:
			*m.Counter.Value = value()
		case m.Gauge != nil:
			*m.Gauge.Value = value()
		}
	}
	return s.families
}

func (s *self) setPauses(to *dto.Summary) {
	*to.SampleCount = uint64(s.gc.NumGC) //nolint:gosec // it counts up from 0
	*to.SampleSum = s.gc.PauseTotal.Seconds()
	for i, q := range to.GetQuantile() { // 0, 0.25, 0.5, 0.75 and 1
		*q.Value = s.gc.PauseQuantiles[i].Seconds()
	}
}

// read returns a file of the process itself; it is valid until the next call.
func (s *self) read(path string) []byte {
	s.buf = s.buf[:0]
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	defer unix.Close(fd) //nolint:errcheck // nothing was written
	for {
		if len(s.buf) == cap(s.buf) {
			s.buf = append(s.buf, 0)[:len(s.buf)]
		}
		n, err := unix.Read(fd, s.buf[len(s.buf):cap(s.buf)])
		switch {
		case err == unix.EINTR:
		case n <= 0 || err != nil:
			return s.buf
		default:
			s.buf = s.buf[:len(s.buf)+n]
		}
	}
}

func (s *self) readStat() {
	text := s.read("/proc/self/stat")
	_, fields, _ := bytes.Cut(text, []byte(") ")) // our own name has no parenthesis
	s.stat = s.stat[:0]
	for field := range strings.FieldsSeq(string(fields)) {
		s.stat = append(s.stat, field)
	}
}

func (s *self) field(i int) float64 {
	if i >= len(s.stat) {
		return 0
	}
	v, err := strconv.ParseFloat(s.stat[i], 64)
	if err != nil {
		return 0
	}
	return v
}

// readNetstat reads the octets of the network namespace: a line of names, and one of
// numbers in the same order.
func (s *self) readNetstat() {
	text := s.read("/proc/self/net/netstat")
	_, rest, _ := bytes.Cut(text, []byte("\nIpExt: "))
	names, numbers, _ := bytes.Cut(rest, []byte("\nIpExt: "))
	for len(names) > 0 && len(numbers) > 0 {
		var name, number []byte
		name, names, _ = bytes.Cut(names, []byte(" "))
		number, numbers, _ = bytes.Cut(numbers, []byte(" "))
		i := slices.Index([]string{"InOctets", "OutOctets"}, string(name))
		if i < 0 {
			continue
		}
		if v, err := strconv.ParseFloat(string(bytes.TrimSpace(number)), 64); err == nil {
			s.netstat[i] = v
		}
	}
}

func limit(resource int) float64 {
	var l unix.Rlimit
	if err := unix.Getrlimit(resource, &l); err != nil {
		return 0
	}
	return float64(l.Cur)
}

// openFiles counts descriptors. From 6.2 on their number is the size of the directory
// (f1f1f2569901, "proc: report open files as size in stat() for /proc/pid/fd").
func (s *self) openFiles() float64 {
	var st unix.Stat_t
	if err := unix.Stat("/proc/self/fd", &st); err == nil && st.Size > 0 {
		return float64(st.Size)
	}
	fd, err := unix.Open("/proc/self/fd", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0
	}
	defer unix.Close(fd) //nolint:errcheck // nothing was written
	n := 0
	buf := s.buf[:cap(s.buf)]
	for {
		read, err := unix.Getdents(fd, buf)
		if err != nil || read <= 0 {
			return float64(max(n-1, 0)) // without the directory itself
		}
		_, count, _ := unix.ParseDirent(buf[:read], -1, nil)
		n += count
	}
}
