package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

const program = "/kernel_exporter"

// An exporter is the program under test as it runs in the guest.
type exporter struct {
	cmd *exec.Cmd
	url string
	log string // the path of what it said
}

// startExporter starts the program at a port and waits until it answers.
func startExporter(port int, args ...string) (*exporter, error) {
	e := &exporter{url: fmt.Sprintf("http://127.0.0.1:%d/metrics", port), log: fmt.Sprintf("/run/exporter-%d.log", port)}
	said, err := os.Create(e.log)
	if err != nil {
		return nil, err
	}
	defer said.Close()
	e.cmd = exec.Command(program, append([]string{fmt.Sprintf("--web.listen-address=127.0.0.1:%d", port)}, args...)...)
	e.cmd.Stdout, e.cmd.Stderr = said, said
	if err := e.cmd.Start(); err != nil {
		return nil, err
	}
	_ = os.WriteFile(fmt.Sprintf("/proc/%d/oom_score_adj", e.cmd.Process.Pid), []byte("-1000"), 0) // it is not what is to be killed
	for end := time.Now().Add(3 * time.Minute); time.Now().Before(end); pause(200 * time.Millisecond) {
		if _, err = e.scrape(); err == nil {
			return e, nil
		}
	}
	text, _ := os.ReadFile(e.log)
	return nil, fmt.Errorf("the exporter does not answer: %w\n%s", err, text)
}

func (e *exporter) stop() error {
	if err := e.cmd.Process.Kill(); err != nil {
		return err
	}
	_ = e.cmd.Wait() // it was killed
	return nil
}

// scrape returns the metrics as text.
func (e *exporter) scrape() (string, error) {
	client := http.Client{Timeout: 20 * time.Second}
	response, err := client.Get(e.url)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = errors.New(response.Status)
	}
	return string(body), err
}

// events returns kernel_log_events_total by event.
func (e *exporter) events() (map[string]int, error) {
	const before, after = `kernel_log_events_total{event="`, `"} `
	text, err := e.scrape()
	if err != nil {
		return nil, err
	}
	events := make(map[string]int)
	for line := range strings.SplitSeq(text, "\n") {
		rest, ok := strings.CutPrefix(line, before)
		name, value, ok2 := strings.Cut(rest, after)
		if !ok || !ok2 {
			continue
		}
		n, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return nil, err
		}
		events[name] = int(n)
	}
	if len(events) == 0 {
		return nil, errors.New("the exporter has no counts of the log")
	}
	return events, nil
}

// check runs the subcommand and returns its output, or what it said where it printed
// nothing, and its exit code. A check that was killed, by the kernel or because it took a
// minute, is an error.
func check(args ...string) (out []byte, code int, err error) {
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	out, err = exec.CommandContext(ctx, program, append([]string{"check"}, args...)...).Output()
	ended, ok := errors.AsType[*exec.ExitError](err)
	switch {
	case !ok:
		return out, 0, err
	case !ended.Exited():
		return nil, 0, fmt.Errorf("check was ended after it printed %d bytes: %w", len(out), errors.Join(err, ctx.Err()))
	case len(out) == 0:
		return ended.Stderr, ended.ExitCode(), nil
	}
	return out, ended.ExitCode(), nil
}

// inTime says whether all that was asked for answered in time. On an emulated processor
// that gets little time it may not, and the exporter then says so.
func inTime(said string) bool {
	return !strings.Contains(said, `"timeout"`) && !strings.Contains(said, "kernel_scrape_collector_success{collector=\"policy\"} 0")
}

// judged runs check, and runs it again where it could not judge in time.
func judged(args ...string) (out []byte, code int, err error) {
	const couldNotJudge = 3
	for range 6 {
		if out, code, err = check(args...); err == nil && code != couldNotJudge && inTime(string(out)) {
			break
		}
	}
	return out, code, err
}

// symptoms returns what check finds sick, by name, with the severity, and whether it
// knows.
func symptoms() (found map[string]string, known bool, err error) {
	var verdict struct {
		Sick struct {
			Health   string
			Symptoms []struct{ Name, Severity string }
		}
	}
	for range 6 {
		var out []byte
		if out, _, err = check("--format=json"); err != nil {
			continue
		}
		if err := json.Unmarshal(out, &verdict); err != nil {
			return nil, false, fmt.Errorf("check --format=json: %w: %.200q", err, out)
		}
		if known = verdict.Sick.Health == "sick" || verdict.Sick.Health == "well"; known {
			break
		}
	}
	found = make(map[string]string)
	for _, s := range verdict.Sick.Symptoms {
		found[s.Name] = s.Severity
	}
	return found, known, err
}
