package kmsg

import (
	"context"
	"time"

	"kernel_exporter/collector/kmsg/record"
	"kernel_exporter/collector/kmsg/source"
	"kernel_exporter/collector/kmsg/source/sourcetest"
)

// reader returns a log that reads the ring.
func reader(g *sourcetest.Ring, by string) *Log {
	l := newLog(Config{Source: by, Kernel: Kernel{
		Running: true, BootID: "boot",
		BootTime:   func() (time.Time, error) { return time.Unix(0, 0), nil },
		Uptime:     func() (time.Duration, error) { return time.Hour, nil },
		LeakPeriod: func() (time.Duration, bool) { return period, true },
	}}, sharedMatcher())
	l.openRecords = func(ctx context.Context) (source.Source, error) { return numbered(g.Open(ctx.Done())) }
	l.openLines = func(ctx context.Context, after record.Fingerprint) (source.Source, error) {
		return source.OpenSyslog(ctx, source.Syslog{Matcher: sharedMatcher(), After: after, Call: g.Call})
	}
	return l
}
