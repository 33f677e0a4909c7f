package kmsg_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

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
// lines first.
func BenchmarkDevice(b *testing.B) {
	size, err := unix.Klogctl(10, nil) // SYSLOG_ACTION_SIZE_BUFFER
	if err != nil {
		b.Skip(err)
	}
	buf := make([]byte, 8192)
	lines := benign(b)
	for n, i := 0, 0; n < size; i++ {
		line := printable(lines[i%len(lines)])
		writeLines(b, 1, func(int) string { return "<12>" + line })
		n += len(line)
	}

	b.Run("read", func(b *testing.B) {
		fd, err := unix.Open(device, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
		if err != nil {
			b.Skip(err)
		}
		defer unix.Close(fd)
		b.ReportAllocs()
		for b.Loop() {
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
	})
	b.Run("follow", func(b *testing.B) {
		p, err := kmsg.NewReplay(b.Context(), device)
		if err != nil {
			b.Skip(err)
		}
		defer p.Close()
		b.ReportAllocs()
		for b.Loop() {
			if err := p.Next(); err != nil {
				b.Fatal(err)
			}
		}
	})
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
