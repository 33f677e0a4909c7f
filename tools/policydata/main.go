// Command policydata makes the policy's data (collector/policy/bugs*.yaml and
// lifecycle.yaml) from what `collect` gathered of the named upstream records, and
// says whether the data that is there is young enough for a release. It is no part
// of the exporter. See the target data of the Makefile.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

func main() {
	if err := run(os.Args[1:], os.Stdout, time.Now()); err != nil {
		fmt.Fprintln(os.Stderr, "policydata:", err)
		os.Exit(1)
	}
}

func run(args []string, stdout io.Writer, now time.Time) error {
	flags := flag.NewFlagSet("policydata", flag.ContinueOnError)
	from := flags.String("from", "", "folder that collect filled; make the data from it")
	tools := flags.String("tools", "tools/policydata", "folder of bugs.txt and of the lock file")
	policy := flags.String("policy", "collector/policy", "folder of the policy's data")
	alerts := flags.String("alerts", "alerts", "folder of the alerts' data")
	maxAge := flags.Int("max-age", 45, "days after which -check refuses the data")
	check := flags.Bool("check", false, "make nothing; fail if the data is older than -max-age")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch {
	case *check:
		return checkAge(*policy, time.Duration(*maxAge)*24*time.Hour, now, stdout)
	case *from == "":
		return fmt.Errorf("-from is missing: the folder that tools/policydata/collect filled")
	}
	return makeData(*from, *tools, *policy, *alerts)
}

// makeData writes every generated file, and the lock file that names their sources.
func makeData(from, tools, policy, alerts string) error {
	sources, err := readSources(from)
	if err != nil {
		return err
	}
	wanted, err := readWanted(filepath.Join(tools, "bugs.txt"))
	if err != nil {
		return err
	}
	ranges, err := findRanges(from, wanted)
	if err != nil {
		return err
	}
	builds, err := findBuilds(from, ranges)
	if err != nil {
		return err
	}
	abis, err := debianABIs(from)
	if err != nil {
		return err
	}
	lifecycle, err := makeLifecycle(from, sources)
	if err != nil {
		return err
	}
	runtimes, err := makeRuntimes(from, sources)
	if err != nil {
		return err
	}
	files := map[string]string{
		filepath.Join(alerts, "runtimes.yaml"):    runtimes,
		filepath.Join(policy, "bugs.yaml"):        writeRanges(ranges, sources),
		filepath.Join(policy, "bugs-builds.yaml"): writeBuilds(builds, abis),
		filepath.Join(policy, "lifecycle.yaml"):   lifecycle,
		filepath.Join(tools, "lock.tsv"):          sources.lock(),
	}
	for name, content := range files {
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			return err
		}
	}
	return nil
}
