package alerts_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"kernel_exporter/alerts"
	"kernel_exporter/collector/collectortest"
	"kernel_exporter/collector/testkit"
)

// The languages of fenced blocks in a runbook, after the three backticks.
const (
	inLooks   = "sh"         // commands for root on the node that change nothing
	inChanges = "sh change"  // commands that change the node
	inCluster = "sh cluster" // commands that ask the cluster or the container runtime
	inPromQL  = "promql"     // one query
	inText    = "text"       // what someone prints
	inYAML    = "yaml"       // what goes into a file
)

// A fenced is a fenced block of a runbook.
type fenced struct {
	language string
	line     int // of its first line in the page, from 1
	content  string
}

// A page is a runbook, taken apart.
type page struct {
	name     string
	headings []string       // each as it stands: "## Impact"
	below    map[string]int // how many lines of text stand below each
	fenced   []fenced
}

// pages returns all runbooks.
func pages(t *testing.T) []page {
	t.Helper()
	var all []page
	for _, name := range alerts.Names() {
		content, err := fs.ReadFile(alerts.Runbooks(), name+".md")
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, takeApart(t, name, string(content)))
	}
	return all
}

// takeApart finds headings and fenced blocks. A fence begins at the line's
// begin, and none stands in another.
func takeApart(t *testing.T, name, content string) page {
	t.Helper()
	p := page{name: name, below: map[string]int{}}
	var heading string
	var open *fenced
	for i, line := range strings.Split(content, "\n") {
		language, isFence := strings.CutPrefix(line, "```")
		switch {
		case isFence && open == nil:
			open = &fenced{language: language, line: i + 2}
		case isFence:
			p.fenced = append(p.fenced, *open)
			open = nil
		case open != nil:
			open.content += line + "\n"
		case strings.Contains(line, "```"):
			t.Errorf("%s.md:%d: a fence that does not stand at the line's begin", name, i+1)
		case strings.HasPrefix(line, "#"):
			heading = line
			p.headings = append(p.headings, heading)
		case line != "":
			p.below[heading]++
		}
	}
	if open != nil {
		t.Errorf("%s.md:%d: a block that has no end", name, open.line-1)
	}
	return p
}

func TestRunbooksHaveTheFourSections(t *testing.T) {
	t.Parallel()
	for _, p := range pages(t) {
		want := []string{"# " + p.name, "## Meaning", "## Impact", "## Diagnosis", "## Mitigation"}
		if !slices.Equal(p.headings, want) {
			t.Errorf("%s: headings %q, want %q", p.name, p.headings, want)
		}
		for _, h := range want[1:] {
			if p.below[h] == 0 {
				t.Errorf("%s: nothing below %q", p.name, h)
			}
		}
	}
}

// TestRunbooksCanBeActedOn: each has a query that shows the fleet, and commands
// of a kind that is known.
func TestRunbooksCanBeActedOn(t *testing.T) {
	t.Parallel()
	known := []string{inLooks, inChanges, inCluster, inPromQL, inText, inYAML}
	for _, p := range pages(t) {
		has := map[string]bool{}
		for _, f := range p.fenced {
			if !slices.Contains(known, f.language) {
				t.Errorf("%s.md:%d: a block of %q is not one of %q", p.name, f.line, f.language, known)
			}
			if strings.TrimSpace(f.content) == "" {
				t.Errorf("%s.md:%d: an empty block", p.name, f.line)
			}
			has[f.language] = true
		}
		if !has[inPromQL] {
			t.Errorf("%s: no query", p.name)
		}
		if !has[inLooks] && !has[inCluster] {
			t.Errorf("%s: no command that looks", p.name)
		}
	}
}

// TestCommandsOfRunbooksRun runs what a runbook has one paste into a shell to
// look at a node. At 3 am a command must not fail for what this node lacks.
func TestCommandsOfRunbooksRun(t *testing.T) {
	t.Parallel()
	bash := testkit.Tool(t, "bash")
	if os.Geteuid() != 0 {
		testkit.Missing(t, "the commands of runbooks are root's")
	}
	for _, p := range pages(t) {
		for _, f := range p.fenced {
			if f.language != inLooks {
				continue
			}
			t.Run(fmt.Sprintf("%s:%d", p.name, f.line), func(t *testing.T) {
				t.Parallel()
				checkRuns(t, bash, f.content)
			})
		}
	}
}

// checkRuns runs commands, strictly, in an empty directory that must stay so.
// It returns what they print.
func checkRuns(t *testing.T, bash, commands string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	dir := t.TempDir()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, bash, "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", commands)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &stdout, &stderr
	cmd.Env = append(cmd.Environ(), "HOME="+dir, "TMPDIR="+dir, "LC_ALL=C")
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		t.Fatalf("not done after 20 s:\n%s", commands)
	}
	if err != nil {
		t.Errorf("%v\n%s\nstdout: %.2000s\nstderr: %.2000s", err, commands, stdout.String(), stderr.String())
	}
	if strings.Contains(stderr.String(), "command not found") {
		t.Errorf("not on every machine: %.2000s\n%s", stderr.String(), commands)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v\n%s", left, err, commands)
	}
	return stdout.String()
}

// TestCommandsOfRunbooksSayWhatTheyDo: one who pastes commands that look must
// be able to trust that they change nothing, and need no cluster.
func TestCommandsOfRunbooksSayWhatTheyDo(t *testing.T) {
	t.Parallel()
	var (
		forCluster = regexp.MustCompile(`(?m)^\s*(kubectl|crictl|ctr|helm)\s`)
		forChange  = regexp.MustCompile(`\bsysctl (-w|--system|-p)|\b(systemctl|service) (re)?(start|load|boot|stop|set-property)|` +
			`\b(rm|rmdir|mkdir|mv|tee|mktemp|modprobe|rmmod|mount|umount|kill|pkill|reboot|dd)\s+[-/"$]|` +
			`\bip (link|neigh|addr|route) (set|add|del|flush)|>+ */(proc|sys|etc|var|boot|usr|tmp)/`)
	)
	for _, p := range pages(t) {
		for _, f := range p.fenced {
			if f.language != inLooks {
				continue
			}
			if m := forCluster.FindString(f.content); m != "" {
				t.Errorf("%s.md:%d: %q is for a block of %q", p.name, f.line, m, inCluster)
			}
			if m := forChange.FindString(f.content); m != "" {
				t.Errorf("%s.md:%d: %q is for a block of %q", p.name, f.line, m, inChanges)
			}
		}
	}
}

// TestOtherCommandsOfRunbooksAreBash: those that cannot be run in a test.
func TestOtherCommandsOfRunbooksAreBash(t *testing.T) {
	t.Parallel()
	bash := testkit.Tool(t, "bash")
	for _, p := range pages(t) {
		for _, f := range p.fenced {
			if f.language != inChanges && f.language != inCluster {
				continue
			}
			cmd := exec.CommandContext(t.Context(), bash, "-n", "-c", f.content)
			if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
				t.Errorf("%s.md:%d: %v\n%s", p.name, f.line, err, out)
			}
		}
	}
}

// TestQueriesOfRunbooksAreQueries by promtool, which checks them as recording
// rules, and that they are about this exporter.
func TestQueriesOfRunbooksAreQueries(t *testing.T) {
	t.Parallel()
	var rules strings.Builder
	rules.WriteString("groups:\n")
	for _, p := range pages(t) {
		for _, f := range p.fenced {
			if f.language != inPromQL {
				continue
			}
			where := fmt.Sprintf("%s_%d", p.name, f.line)
			fmt.Fprintf(&rules, "  - name: %s\n    rules:\n      - record: %s\n        expr: |\n", where, where)
			for line := range strings.Lines(f.content) {
				fmt.Fprintf(&rules, "          %s", line)
			}
			checkAsksForTheJob(t, where, f.content)
		}
	}
	file := filepath.Join(t.TempDir(), "runbooks.yaml")
	if err := os.WriteFile(file, []byte(rules.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	promtool(t, "check", "rules", file)
}

// checkAsksForTheJob checks that each selector of a query does.
func checkAsksForTheJob(t *testing.T, where, promql string) {
	t.Helper()
	e := collectortest.ParsePromQL(promql)
	if len(e.Selectors) == 0 {
		t.Errorf("%s: no selector", where)
	}
	for _, s := range e.Selectors {
		if !slices.Contains(s.Matchers, collectortest.Matcher{Label: "job", Operator: "=", Value: "kernel_exporter"}) {
			t.Errorf("%s: %s without job", where, s.Metric)
		}
	}
	for _, n := range e.Bare {
		t.Errorf("%s: %s is no selector with job", where, n)
	}
}

// TestRunbooksLinkToEachOther: who reads one on a forge, or on an exporter, gets to
// the next by a relative link. The first mention of another alert is one.
func TestRunbooksLinkToEachOther(t *testing.T) {
	t.Parallel()
	name := regexp.MustCompile(`\[([^\]]*)\]\(([^)]*)\)|` + "`[^` ]*[^`a-zA-Z][^`]*`" + `|\b(` + strings.Join(alerts.Names(), "|") + `)\b`)
	for _, page := range alerts.Names() {
		content, err := fs.ReadFile(alerts.Runbooks(), page+".md")
		if err != nil {
			t.Fatal(err)
		}
		text := regexp.MustCompile("(?ms)^ *```.*?^ *```$|^#.*?$").ReplaceAllString(string(content), "")
		linked := map[string]bool{page: true}
		for _, m := range name.FindAllStringSubmatch(text, -1) {
			to, isPage := strings.CutSuffix(m[2], ".md")
			switch {
			case isPage && !strings.Contains(to, "/"):
				if !slices.Contains(alerts.Names(), to) {
					t.Errorf("%s: there is no runbook %s", page, m[2])
				}
				linked[to] = true
			case m[3] != "" && !linked[m[3]]:
				t.Errorf("%s: %s is mentioned without a link", page, m[3])
			}
		}
	}
}
