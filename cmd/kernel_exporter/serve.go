package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/exporter-toolkit/web"
	"github.com/prometheus/exporter-toolkit/web/kingpinflag"
	sloggokit "github.com/tjhop/slog-gokit"

	"kernel_exporter/collector"
)

const (
	// settleTime is how long the listener waits for the first answers of what
	// runs between the scrapes, above all for the replay of the kernel log. A
	// ring of 128 KiB takes milliseconds.
	settleTime = time.Second
	// stopTime is how long requests may take to end when the program stops.
	stopTime = 5 * time.Second
)

// serveCommand serves the metrics over HTTP.
type serveCommand struct {
	name   string
	shared *sharedFlags

	web                    *web.FlagConfig
	telemetryPath          string
	maxRequests            int
	disableExporterMetrics bool
	stateFile              string
}

func addServeCommand(app *kingpin.Application, shared *sharedFlags) *serveCommand {
	c := app.Command("serve", "Serve the metrics over HTTP.").Default()
	s := &serveCommand{name: c.FullCommand(), shared: shared, web: kingpinflag.AddFlags(c, ":10044")}
	c.Flag("web.telemetry-path", "Path under which the metrics are served.").
		Default("/metrics").StringVar(&s.telemetryPath)
	c.Flag("web.max-requests", "Most scrapes served at the same time; 0 for no limit.").
		Default("40").IntVar(&s.maxRequests)
	c.Flag("web.disable-exporter-metrics", "Leave out the metrics of the exporter itself (go_*, process_*, promhttp_*).").
		BoolVar(&s.disableExporterMetrics)
	c.Flag("state.file", "File in which the position in the kernel log and the counts of it are kept across restarts; empty for none. Its directory must be writable, and no other process may use it.").
		StringVar(&s.stateFile)
	return s
}

func (s *serveCommand) run(ctx context.Context, plain log.Logger, now func() time.Time) error {
	logger := log.With(plain, "ts", log.DefaultTimestampUTC, "caller", log.DefaultCaller)
	root, err := s.shared.root()
	if err != nil {
		return err
	}
	o, err := s.shared.options(root, logger, now)
	if err != nil {
		return err
	}
	o.StateFile = s.stateFile
	if o.StateFile != "" {
		if err := collector.CheckStateFile(o.StateFile); err != nil {
			return usageError("--state.file: %w", err)
		}
	}
	if err := web.Validate(*s.web.WebConfigFile); err != nil {
		return usageError("--web.config.file: %w", err)
	}
	exporter := collector.NewExporter(o)
	handler, err := s.handler(exporter, now, logger)
	if err != nil {
		return err
	}
	_ = level.Info(logger).Log("msg", "starting", "build", versionText())

	ctx, cancel := context.WithCancel(ctx)
	var background sync.WaitGroup
	background.Go(func() { exporter.Run(ctx) })
	defer background.Wait()
	defer cancel()

	select {
	case <-exporter.Ready():
	case <-time.After(settleTime):
		_ = level.Info(logger).Log("msg", "serving before the kernel log has been read to its end")
	case <-ctx.Done():
		return nil
	}
	// The toolkit's logger adds time and caller itself.
	toolkit := slog.New(sloggokit.NewGoKitHandler(plain, slog.LevelInfo))
	return s.listen(ctx, handler, logger, toolkit)
}

// listen serves HTTP until ctx is done, and then lets requests end.
func (s *serveCommand) listen(ctx context.Context, handler http.Handler, logger log.Logger, toolkit *slog.Logger) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 5 * time.Minute}
	ended := make(chan error, 1)
	go func() {
		ended <- web.ListenAndServe(server, s.web, toolkit)
	}()
	select {
	case err := <-ended:
		return fmt.Errorf("web server: %w", err)
	case <-ctx.Done():
	}
	_ = level.Info(logger).Log("msg", "stopping")
	stopping, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	if err := server.Shutdown(stopping); err != nil {
		_ = level.Warn(logger).Log("msg", "requests cut off", "err", err)
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("web server: %w", err)
	}
	return nil
}

// handler returns all that is served.
func (s *serveCommand) handler(exporter *collector.Exporter, now func() time.Time, logger log.Logger) (http.Handler, error) {
	if s.telemetryPath == "" || s.telemetryPath[0] != '/' || s.telemetryPath == "/" {
		return nil, usageError("--web.telemetry-path: %q is not a path below /, such as /metrics", s.telemetryPath)
	}
	for _, taken := range []string{"/runbooks", "/-"} {
		if s.telemetryPath == taken || strings.HasPrefix(s.telemetryPath, taken+"/") {
			return nil, usageError("--web.telemetry-path: %q is another page's: choose one that is not below %s", s.telemetryPath, taken)
		}
	}
	if s.maxRequests < 0 {
		return nil, usageError("--web.max-requests: %d is below 0", s.maxRequests)
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(exporter, newBuildInfo())
	opts := promhttp.HandlerOpts{
		ErrorLog:            errorLog{logger},
		ErrorHandling:       promhttp.ContinueOnError,
		MaxRequestsInFlight: s.maxRequests,
		EnableOpenMetrics:   true,
	}
	metrics := promhttp.HandlerFor(registry, opts)
	if !s.disableExporterMetrics {
		registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
		opts.Registry = registry
		metrics = promhttp.InstrumentMetricHandler(registry, promhttp.HandlerFor(registry, opts))
	}

	pages, err := newPages(logger)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", pages.landing(exporter, s.telemetryPath, now))
	pages.runbooks(mux)
	mux.Handle("GET /-/healthy", plainText("Healthy.\n"))
	mux.Handle("GET /-/ready", plainText("Ready.\n"))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == s.telemetryPath { // any path the user likes, so not a pattern of the mux
			metrics.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	}), nil
}

// plainText answers with a fixed line.
func plainText(line string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte(line))
	})
}

// errorLog hands the errors of gathering to our logger, on one line.
type errorLog struct{ logger log.Logger }

func (e errorLog) Println(v ...any) {
	_ = level.Error(e.logger).Log("msg", "cannot serve all metrics", "err", oneLine(fmt.Errorf("%s", fmt.Sprint(v...))))
}
