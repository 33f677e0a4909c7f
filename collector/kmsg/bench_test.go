package kmsg_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/kmsg"
)

// benign returns the corpus lines that open no report.
func benign(b *testing.B) (lines []string) {
	b.Helper()
	rows, err := os.ReadFile(filepath.Join("event", "testdata", "corpus", "kmsg.tsv"))
	if err != nil {
		b.Fatal(err)
	}
	for row := range strings.Lines(string(rows)) {
		if c := strings.Split(strings.TrimSuffix(row, "\n"), "\t"); c[0] == "none" {
			lines = append(lines, c[4])
		}
	}
	return lines
}

// BenchmarkDevice compares reading this machine's log alone with all that is
// done with its records, taken for the kernel's. The ring is filled with benign
// lines first. Both take turns, and what counts is the time of the processor, so
// that what else the machine does disturbs little: the ratio is the median of the
// turns'.
func BenchmarkDevice(b *testing.B) {
	fillRing(b)
	fd, err := unix.Open(device, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		b.Skip(err)
	}
	defer unix.Close(fd)
	p, err := kmsg.NewReplay(b.Context(), device)
	if err != nil {
		b.Skip(err)
	}
	defer p.Close()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	const turn = 1000
	buf := make([]byte, 8192)
	var read, follow, ratios []float64
	b.ReportAllocs()
	for b.Loop() {
		start := cpuTime(b)
		for range turn {
			readAgain(b, fd, buf)
		}
		middle := cpuTime(b)
		for range turn {
			if err := p.Next(); err != nil {
				b.Fatal(err)
			}
		}
		end := cpuTime(b)
		read = append(read, float64(middle-start)/turn)
		follow = append(follow, float64(end-middle)/turn)
		ratios = append(ratios, float64(end-middle)/float64(middle-start))
	}
	b.ReportMetric(median(read), "read-ns")
	b.ReportMetric(median(follow), "follow-ns")
	b.ReportMetric(median(ratios), "ratio")
	b.ReportMetric(slices.Min(read), "min-read")
	b.ReportMetric(slices.Min(follow), "min-follow")
}

// fillRing fills the ring with benign lines.
func fillRing(b *testing.B) {
	b.Helper()
	requireLog(b)
	size, err := unix.Klogctl(10, nil) // SYSLOG_ACTION_SIZE_BUFFER
	if err != nil {
		b.Skip(err)
	}
	lines := benign(b)
	for n, i := 0, 0; n < size; i++ {
		line := printable(lines[i%len(lines)])
		writeLines(b, 1, func(int) string { return "<12>" + line })
		n += len(line)
	}
}

// readAgain reads a record, the first after the last.
func readAgain(b *testing.B, fd int, buf []byte) {
	b.Helper()
	_, err := unix.Read(fd, buf)
	for errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EPIPE) {
		if _, err = unix.Seek(fd, 0, unix.SEEK_SET); err == nil {
			_, err = unix.Read(fd, buf)
		}
	}
	if err != nil {
		b.Fatal(err)
	}
}

// cpuTime returns for how long the calling thread has run.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		b.Fatal(err)
	}
	return time.Duration(t.Nano())
}

func median(x []float64) float64 {
	slices.Sort(x)
	return x[len(x)/2]
}

// printable leaves out what would end a line that is written to the log.
func printable(text string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' {
			return '.'
		}
		return c
	}, text)
}
