package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"kernel_exporter/tools/kernels/wire"
)

// A scenario has the kernel report trouble.
type scenario struct {
	name    string
	event   string
	how     string
	pattern string // of the records that open a report, written without the exporter's table
	run     func(*guest) error
	again   int // how many reports are to come at least; 0 is 1
	wait    time.Duration
}

// settle is how long the kernel may go on reporting.
const settle = 1500 * time.Millisecond

// reports runs the scenarios and sends what came of each.
func (g *guest) reports(only []string) error {
	e, err := startExporter(10044, "--state.file=/run/state")
	if err != nil {
		return err
	}
	g.exporter = e
	// What the network prints is limited to ten lines in so many seconds, whoever prints them.
	if _, err := sysctl("net.core.message_cost", "1"); err != nil {
		return err
	}
	for _, s := range scenarios() {
		if !slices.Contains(only, s.name) {
			continue
		}
		g.say("%s", s.name)
		r, err := g.report(s)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		if err := g.send(wire.Message{Result: &r}); err != nil {
			return err
		}
	}
	metrics, err := e.scrape()
	if err != nil {
		return err
	}
	if err := g.sendFile("metrics", []byte(metrics)); err != nil {
		return err
	}
	if err := g.sendLog(); err != nil {
		return err
	}
	if err := g.sendVerdict(); err != nil {
		return err
	}
	return g.sendRoot()
}

func (g *guest) report(s scenario) (wire.Result, error) {
	r := wire.Result{Event: s.event, How: s.how, Others: map[string]int{}}
	pattern, err := regexp.Compile(`^(?:` + s.pattern + `)`)
	if err != nil {
		return r, err
	}
	before, err := g.exporter.events()
	if err != nil {
		return r, err
	}
	if _, ok := before[s.event]; !ok {
		return r, fmt.Errorf("the exporter has no event %s", s.event)
	}
	from := g.log.length()
	err = s.run(g)
	wait := s.wait
	if wait == 0 {
		wait = 20 * time.Second
	}
	if err != nil {
		wait = time.Second
	}
	found := g.log.await(from, pattern, wait)
	for end := time.Now().Add(wait); found && len(g.log.matching(from, pattern)) < s.again && time.Now().Before(end); {
		pause(100 * time.Millisecond)
	}
	pause(settle)
	if !found {
		r.Skipped = "the kernel did not report it"
		if err != nil {
			r.Skipped = err.Error()
		}
		return r, nil
	}
	return r, g.compare(&r, pattern, from, before)
}

// compare waits until the exporter has counted what the log holds.
func (g *guest) compare(r *wire.Result, pattern *regexp.Regexp, from int, before map[string]int) error {
	var after map[string]int
	for end := time.Now().Add(time.Minute); ; pause(300 * time.Millisecond) {
		r.Lines, r.Records = g.log.matching(from, pattern), nil
		for _, own := range g.log.since(from) {
			r.Records = append(r.Records, strings.TrimSuffix(own.raw, "\n"))
		}
		var err error
		if after, err = g.exporter.events(); err != nil {
			return err
		}
		r.Counted = after[r.Event] - before[r.Event]
		if r.Counted == len(r.Lines) || time.Now().After(end) {
			break
		}
	}
	for event, n := range after {
		if n > before[event] && event != r.Event {
			r.Others[event] = n - before[event]
		}
	}
	found, known, err := symptoms()
	if err != nil {
		return err
	}
	switch {
	case !known:
		r.Sick = "not known"
	case r.Event == "netdev_leak":
		r.Sick = found["netdev_wait"]
	default:
		r.Sick = found[r.Event]
	}
	return nil
}

// set writes a setting and returns what puts it back.
func set(path, value string) (func(), error) {
	old, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(path, []byte(value), 0); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return func() { _ = os.WriteFile(path, old, 0) }, nil // the guest ends soon anyway
}

func sysctl(name, value string) (func(), error) {
	return set(filepath.Join("/proc/sys", strings.ReplaceAll(name, ".", "/")), value)
}
