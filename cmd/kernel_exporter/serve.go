package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/exporter-toolkit/web"
	"github.com/prometheus/exporter-toolkit/web/kingpinflag"
	sloggokit "github.com/tjhop/slog-gokit"

	"kernel_exporter/collector"
	"kernel_exporter/collector/exposition"
)

const (
	// settleTime is how long the listener waits for the first answers of what
	// runs between the scrapes, above all for the replay of the kernel log. A
	// ring of 128 KiB takes milliseconds.
	settleTime = time.Second
	// stopTime is how long requests may take to end when the program stops.
	stopTime = 5 * time.Second
	// leaveTime is how long after that the work between the scrapes may take. It
	// ends at once unless a read hangs, and such a read ends with the process.
	leaveTime = time.Second
)

// serveCommand serves the metrics over HTTP.
type serveCommand struct {
	name       string
	root       *rootFlags
	collectors *collectorFlags
	log        *logFlags

	web                    *web.FlagConfig
	telemetryPath          string
	maxRequests            int
	disableExporterMetrics bool
	stateFile              string
}

func addServeCommand(app *kingpin.Application) *serveCommand {
	c := app.Command("serve", "Serve the metrics over HTTP. This is the default command.").Default()
	s := &serveCommand{name: c.FullCommand(), web: kingpinflag.AddFlags(c, ":10044")}
	c.Flag("web.telemetry-path", "Path under which the metrics are served.").
		Default("/metrics").StringVar(&s.telemetryPath)
	c.Flag("web.max-requests", "Maximum number of concurrent scrapes; 0 disables the limit.").
		Default("40").IntVar(&s.maxRequests)
	c.Flag("web.disable-exporter-metrics", "Leave out the metrics of the exporter itself (go_*, process_*, promhttp_*).").
		BoolVar(&s.disableExporterMetrics)
	s.root = addRootFlags(c)
	c.Flag("state.file", "File in which the position in the kernel log and its counts are kept across restarts; empty for none. Its directory must be writable, and no other process may use it.").
		StringVar(&s.stateFile)
	s.collectors = addCollectorFlags(c)
	s.log = addLogFlags(c)
	return s
}

func (s *serveCommand) run(ctx context.Context, p program) error {
	plain, err := s.log.logger(p.stderr)
	if err != nil {
		return usageError("%w", err)
	}
	logger := log.With(plain, "ts", log.DefaultTimestampUTC, "caller", log.DefaultCaller)
	built, err := s.inTime(ctx, logger, p.now)
	if err != nil || built == nil {
		return err
	}
	exporter := built.exporter
	handler, err := s.handler(built, p, logger)
	if err != nil {
		return err
	}
	_ = level.Info(logger).Log("msg", "starting", "build", versionText())

	running, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		exporter.Run(running)
	}()
	go built.slab.run(running, exporter, built.clock, func(j collector.Judgement) {
		if running.Err() == nil && (j.Facts == nil || j.Facts.Kernel.Cause() != "") {
			_ = level.Warn(logger).Log("msg", "no kernel is known below --path.rootfs, so nothing can be judged; is the host's /proc there?", "path.rootfs", s.root.rootfs)
		}
	})
	if s.root.policy.path != "" {
		watch := policyWatch{dir: s.root.policy, exporter: exporter, logger: logger, seen: built.policy}
		go watch.run(running)
	}
	defer func() {
		cancel()
		select {
		case <-ended:
		case <-time.After(leaveTime):
			_ = level.Warn(logger).Log("msg", "leaving a read that hangs")
		}
	}()

	select {
	case <-exporter.Ready():
	case <-time.After(settleTime):
		_ = level.Info(logger).Log("msg", "serving before the kernel log has been read to its end")
	case <-ctx.Done():
		return nil
	}
	returnMemory()
	// The toolkit's logger adds time and caller itself.
	toolkit := slog.New(sloggokit.NewGoKitHandler(plain, slog.LevelInfo))
	return s.listen(ctx, newServer(handler, s.collectors.timeout, logger), logger, toolkit)
}

// served is what is served.
type served struct {
	exporter *collector.Exporter
	slab     history
	node     string            // its name; empty if it is not known
	clock    func() time.Time  // of the node
	policy   map[string][]byte // the user's own files that it is judged by
}

// inTime builds what is served. It is nil without an error where ctx is done
// before a file has answered.
func (s *serveCommand) inTime(ctx context.Context, logger log.Logger, now func() time.Time) (*served, error) {
	type result struct {
		built *served
		err   error
	}
	done := make(chan result, 1)
	go func() {
		built, err := s.build(logger, now)
		done <- result{built, err}
	}()
	select {
	case r := <-done:
		return r.built, r.err
	case <-ctx.Done():
		return nil, nil
	}
}

func (s *serveCommand) build(logger log.Logger, now func() time.Time) (*served, error) {
	if err := s.checkWeb(); err != nil {
		return nil, err
	}
	root, err := s.root.root()
	if err != nil {
		return nil, err
	}
	enabled, err := s.collectors.enabled()
	if err != nil {
		return nil, err
	}
	stores, err := s.root.storePaths()
	if err != nil {
		return nil, err
	}
	rules, files, err := s.root.policy.load()
	if err != nil {
		return nil, err
	}
	if s.stateFile != "" {
		_, err := within(fileTime, s.stateFile, func() (none struct{}, err error) { return none, collector.CheckStateFile(s.stateFile) })
		if err != nil {
			return nil, usageError("--state.file: %w", err)
		}
	}
	return &served{node: nameOf(root), policy: files, clock: clockOf(root, now), exporter: collector.NewExporter(collector.Options{
		Host: root, Policy: rules, Logger: logger, Now: now, Collectors: enabled,
		Timeout: s.collectors.timeout, SlabTop: s.collectors.slabTop, Stores: stores, KmsgSource: s.root.kmsgSource, StateFile: s.stateFile,
	})}, nil
}

// checkWeb holds the flags of the web server to what can be known before it
// listens.
func (s *serveCommand) checkWeb() error {
	if s.telemetryPath == "" || s.telemetryPath[0] != '/' || s.telemetryPath == "/" {
		return usageError("--web.telemetry-path: %q is not a path below /, such as /metrics", s.telemetryPath)
	}
	for _, taken := range []string{"/runbooks", "/-"} {
		if s.telemetryPath == taken || strings.HasPrefix(s.telemetryPath, taken+"/") {
			return usageError("--web.telemetry-path: %q conflicts with a built-in page: choose one that is not below %s", s.telemetryPath, taken)
		}
	}
	if s.maxRequests < 0 {
		return usageError("--web.max-requests: %d is below 0", s.maxRequests)
	}
	if !*s.web.WebSystemdSocket {
		for _, address := range *s.web.WebListenAddresses {
			if err := checkAddress(address); err != nil {
				return usageError("--web.listen-address: %q: %w; write it as :10044, 127.0.0.1:10044 or [::1]:10044", address, err)
			}
		}
	}
	return checkWebConfig(*s.web.WebConfigFile)
}

// checkWebConfig holds the toolkit's configuration, and the files that it names, to
// being readable and right.
func checkWebConfig(file string) error {
	if file == "" {
		return nil
	}
	_, err := within(fileTime, file, func() (none struct{}, err error) {
		if _, err := readUserFile(file); err != nil {
			return none, err
		}
		if err := web.Validate(file); err != nil {
			return none, fmt.Errorf("%s: %w", file, err)
		}
		return none, nil
	})
	if err != nil {
		return usageError("--web.config.file: %w", webConfigHint(err))
	}
	return nil
}

// checkAddress says what is wrong with an address to listen on. Whether the
// machine has it, and nobody else uses it, shows when it is listened on.
func checkAddress(address string) error {
	if strings.HasPrefix(address, "vsock://") {
		return nil // the toolkit's to parse
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		if wrong, ok := errors.AsType[*net.AddrError](err); ok {
			return errors.New(wrong.Err)
		}
		return err
	}
	digits := strings.Trim(port, "0123456789") == "" // else it may be a service's name
	if n, err := strconv.ParseUint(port, 10, 16); digits && (err != nil || n == 0 && port != "0") {
		return fmt.Errorf("%q is no port", port)
	}
	return nil
}

// webConfigHint adds what to do to what the toolkit says of a password.
func webConfigHint(err error) error {
	if strings.Contains(err.Error(), "crypto/bcrypt") {
		return fmt.Errorf("a password under basic_auth_users is not a bcrypt hash, as htpasswd -nB USER makes one: %w", err)
	}
	return err
}

// listen serves HTTP until ctx is done, and then lets requests end.
func (s *serveCommand) listen(ctx context.Context, server *http.Server, logger log.Logger, toolkit *slog.Logger) error {
	ended := make(chan error, 1)
	go func() {
		ended <- web.ListenAndServe(server, s.web, toolkit)
	}()
	select {
	case err := <-ended:
		return listenError(err)
	case <-ctx.Done():
	}
	_ = level.Info(logger).Log("msg", "stopping")
	stopping, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	if err := server.Shutdown(stopping); err != nil {
		_ = level.Warn(logger).Log("msg", "requests cut off", "err", err)
		_ = server.Close() // what it says is of connections
	}
	select {
	case err := <-ended:
		if !errors.Is(err, http.ErrServerClosed) {
			return listenError(err)
		}
	case <-stopping.Done(): // the toolkit still reads its configuration
	}
	return nil
}

// listenError names the flag where the address cannot be listened on.
func listenError(err error) error {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "listen" {
		return usageError("--web.listen-address: %w; choose another, or stop what uses it", err)
	}
	return fmt.Errorf("web server: %w", err)
}

// handler returns all that is served.
func (s *serveCommand) handler(built *served, p program, logger log.Logger) (http.Handler, error) {
	own := []prometheus.Collector{newBuildInfo()}
	if !s.disableExporterMetrics && p.dropped != nil {
		own = append(own, newDroppedLines(p.dropped))
	}
	metrics, err := exposition.NewHandler(exposition.Options{
		Exporter: built.exporter, Own: own, Self: !s.disableExporterMetrics, Logger: logger,
	})
	if err != nil {
		return nil, err
	}
	metrics = slots(metrics, s.maxRequests)

	node := built.node
	if p.node != "" {
		node = p.node
	}
	pages := newPages(logger, node)
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", limited(pages.landing(built.exporter, &built.slab, s.telemetryPath, built.clock), maxPages, s.collectors.timeout, logger))
	pages.runbooks(mux)
	mux.Handle("GET /-/healthy", plainText("Healthy.\n"))
	mux.Handle("GET /-/ready", plainText("Ready.\n"))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != s.telemetryPath { // any path the user likes, so not a pattern of the mux
			mux.ServeHTTP(w, r)
			return
		}
		metrics.ServeHTTP(w, r)
	}), nil
}

// maxPages is how many landing pages are made at one time.
const maxPages = 16

// newDroppedLines returns the metric of the lines that nobody reads.
func newDroppedLines(dropped func() uint64) prometheus.Collector {
	return prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "kernel_exporter_log_lines_dropped_total",
		Help: "Lines of the exporter's own log that were lost because whoever reads stderr has stalled or gone.",
	}, func() float64 { return float64(dropped()) })
}

// plainText answers with a fixed line.
func plainText(line string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte(line))
	})
}
