// Command policydata makes the policy's data (collector/policy/bugs*.yaml and
// lifecycle.yaml) from what `collect` gathered of the named upstream records, and
// says whether the data that is there is young enough for a release. It is no part
// of the exporter. See the target data of the Makefile.
package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/alecthomas/kingpin/v2"
)

func main() {
	if err := run(os.Args[1:], os.Stdout, time.Now()); err != nil {
		fmt.Fprintln(os.Stderr, "policydata:", err)
		os.Exit(1)
	}
}

const day = 24 * time.Hour

func run(args []string, stdout io.Writer, now time.Time) error {
	app := kingpin.New("policydata", "Makes the policy's data from upstream records.")
	app.Writer(stdout)
	var to folders
	all := app.Command("make", "Make the data.")
	from := all.Flag("from", "Folder that collect filled.").Required().ExistingDir()
	check := app.Command("check", "Fail if the data is too old for a release.")
	maxAge := check.Flag("max-age", "Days after which the data is too old.").Default("45").Int()
	app.Flag("tools", "Folder of bugs.txt, runtimes.yaml and the lock file.").Default("tools/policydata").StringVar(&to.tools)
	app.Flag("policy", "Folder of the policy's data.").Default("collector/policy").StringVar(&to.policy)
	app.Flag("alerts", "Folder of the alerts' data.").Default("alerts").StringVar(&to.alerts)
	command, err := app.Parse(args)
	switch {
	case err != nil:
		return err
	case command == check.FullCommand():
		return checkAge(to.policy, time.Duration(*maxAge)*day, now, stdout)
	}
	return makeData(*from, to)
}

// folders are where the data goes.
type folders struct{ tools, policy, alerts string }

// makeData writes every generated file, and the lock file that names their sources.
func makeData(from string, to folders) error {
	sources, err := readSources(from)
	if err != nil {
		return err
	}
	wanted, err := readWanted(filepath.Join(to.tools, "bugs.txt"))
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
	runtimes, err := makeRuntimes(from, to.tools, sources)
	if err != nil {
		return err
	}
	files := map[string]string{
		filepath.Join(to.alerts, "runtimes.yaml"):    runtimes,
		filepath.Join(to.policy, "bugs.yaml"):        writeRanges(ranges, sources),
		filepath.Join(to.policy, "bugs-builds.yaml"): writeBuilds(builds, abis),
		filepath.Join(to.policy, "lifecycle.yaml"):   lifecycle,
		filepath.Join(to.tools, "lock.tsv"):          sources.lock(),
	}
	for name, content := range files {
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			return err
		}
	}
	return nil
}
