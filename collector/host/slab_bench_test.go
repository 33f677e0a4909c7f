package host_test

import (
	"errors"
	"io"
	"os"
	"testing"

	"github.com/prometheus/procfs"

	"kernel_exporter/collector/host"
)

// BenchmarkSlabInfo compares in one run what the kernel alone takes, what we
// take, with and without the selection, and what procfs takes.
func BenchmarkSlabInfo(b *testing.B) {
	liveSlab(b)
	b.Run("kernel", func(b *testing.B) {
		b.ReportAllocs()
		buf := make([]byte, 64<<10)
		for b.Loop() {
			file, err := os.Open("/proc/slabinfo")
			if err != nil {
				b.Fatal(err)
			}
			for err == nil {
				_, err = file.Read(buf)
			}
			if !errors.Is(err, io.EOF) {
				b.Fatal(err)
			}
			if err := file.Close(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("read", func(b *testing.B) {
		b.ReportAllocs()
		r := liveSlab(b)
		for b.Loop() {
			if _, err := r.Read(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("read+top", func(b *testing.B) {
		b.ReportAllocs()
		r, top := liveSlab(b), host.NewSlabTop(5)
		for b.Loop() {
			caches, err := r.Read()
			if err != nil {
				b.Fatal(err)
			}
			top.Update(caches)
		}
	})
	b.Run("procfs", func(b *testing.B) {
		b.ReportAllocs()
		proc, err := procfs.NewDefaultFS()
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if _, err := proc.SlabInfo(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkSlabParse is what is ours of it, on this machine's file in memory.
func BenchmarkSlabParse(b *testing.B) {
	content, err := os.ReadFile("/proc/slabinfo")
	if err != nil {
		b.Skip(err)
	}
	caches, err := host.ParseSlabInfo(content, 4096)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("parse", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(content)))
		for b.Loop() {
			if caches, err = host.ParseSlabInfoInto(content, 4096, caches[:0]); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("top", func(b *testing.B) {
		b.ReportAllocs()
		top := host.NewSlabTop(5)
		for b.Loop() {
			top.Update(caches)
		}
	})
}
