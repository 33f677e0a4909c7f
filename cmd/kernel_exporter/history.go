package main

import (
	"context"
	"fmt"
	"html/template"
	"strings"
	"sync"
	"time"

	"kernel_exporter/collector"
	"kernel_exporter/collector/kmsg"
)

const (
	// historyStep is how often slab memory is looked at for the landing page.
	historyStep = 5 * time.Minute
	// historyStart is when it is looked at first, at the latest.
	historyStart = 10 * time.Second
	// historyPoints bounds what is kept: when it is full, every second point goes.
	historyPoints = 96
)

// history is the slab memory that nobody but its users can free, over the
// exporter's life. The zero value is empty. It is safe for concurrent use.
type history struct {
	mu     sync.Mutex
	points []point
	step   time.Duration // between two points
}

type point struct {
	at    time.Time
	bytes uint64
}

// run looks at slab memory until ctx is done, from when the exporter has its first
// answers, and has the first judgement looked at on the way.
func (h *history) run(ctx context.Context, exporter *collector.Exporter, now func() time.Time, first func(collector.Judgement)) {
	select {
	case <-exporter.Ready():
	case <-time.After(historyStart):
	case <-ctx.Done():
		return
	}
	tick := time.NewTicker(historyStep)
	defer tick.Stop()
	for looks := 0; ; looks++ {
		j := exporter.Judge(ctx)
		if looks == 0 {
			first(j)
		}
		if j.Facts != nil {
			if m, ok := j.Facts.Memory.Get(); ok && m.SlabUnreclaimable != nil {
				h.add(point{now(), *m.SlabUnreclaimable})
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (h *history) add(p point) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.step = max(h.step, historyStep)
	if n := len(h.points); n > 0 && p.at.Sub(h.points[n-1].at) < h.step-historyStep/2 {
		return
	}
	h.points = append(h.points, p)
	if len(h.points) < historyPoints {
		return
	}
	kept := h.points[:0]
	for i := 0; i < len(h.points); i += 2 {
		kept = append(kept, h.points[i])
	}
	h.points, h.step = kept, 2*h.step
}

// The size of a drawing, in the units of its own.
const (
	drawWidth  = 480
	drawHeight = 96
)

// draw returns the history as SVG, or nothing while there is no line to draw.
func (h *history) draw() template.HTML {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.points) < 2 {
		return ""
	}
	first, last := h.points[0], h.points[len(h.points)-1]
	most := uint64(1)
	for _, p := range h.points {
		most = max(most, p.bytes)
	}
	span := max(last.at.Sub(first.at).Seconds(), 1)
	var line strings.Builder
	for _, p := range h.points {
		fmt.Fprintf(&line, "%.1f,%.1f ", p.at.Sub(first.at).Seconds()/span*drawWidth, drawHeight-float64(p.bytes)/float64(most)*(drawHeight-8))
	}
	label := fmt.Sprintf("Unreclaimable slab memory, from %s at %s to %s at %s; the most was %s",
		size(first.bytes), first.at.UTC().Format("01-02 15:04"), size(last.bytes), last.at.UTC().Format("01-02 15:04 UTC"), size(most))
	return drawing(label, `<polyline fill="none" stroke="currentColor" stroke-width="2" points="`+strings.TrimSpace(line.String())+`"/>`,
		first.at.UTC().Format("01-02 15:04"), "at most "+size(most), last.at.UTC().Format("01-02 15:04 UTC"))
}

// drawHours returns the events of the last day by the hour as SVG, or nothing
// where there were none.
func drawHours(log kmsg.Snapshot, now time.Time) template.HTML {
	counts := log.Hours.Until(now)
	var most, all uint32
	for _, n := range counts {
		most, all = max(most, n), all+n
	}
	if all == 0 {
		return ""
	}
	const width = float64(drawWidth) / kmsg.NumHours
	var bars strings.Builder
	for i, n := range counts {
		if n == 0 {
			continue
		}
		height := max(float64(n)/float64(most)*(drawHeight-8), 2)
		fmt.Fprintf(&bars, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="currentColor"><title>%s: %s</title></rect>`,
			float64(i)*width+1, drawHeight-height, width-2, height,
			now.Add(-time.Duration(kmsg.NumHours-1-i)*time.Hour).UTC().Format("15:00"), count(int(n), "event"))
	}
	label := fmt.Sprintf("Events of the kernel log in the last %d hours, %d in all, at most %d an hour", kmsg.NumHours, all, most)
	return drawing(label, bars.String(), "a day ago", fmt.Sprintf("at most %d an hour", most), "now")
}

// drawing returns a figure with a drawing and a legend below it. All text is our
// own.
func drawing(label, shapes, left, middle, right string) template.HTML {
	return template.HTML(fmt.Sprintf( //nolint:gosec // numbers and times
		`<figure><svg viewBox="0 0 %[1]d %[2]d" preserveAspectRatio="none" role="img" aria-label="%[3]s">`+
			`<line x1="0" x2="%[1]d" y1="%[2]d" y2="%[2]d" stroke="currentColor" opacity=".4"/>%[4]s</svg>`+
			`<figcaption><span>%[5]s</span> <span>%[6]s</span> <span>%[7]s</span></figcaption></figure>`,
		drawWidth, drawHeight, label, shapes, left, middle, right))
}
