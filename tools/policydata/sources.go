package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// source is one upstream of the data, as collect noted it.
type source struct {
	name    string // its folder below the gathered ones
	version string // a commit or a package's version
	date    string // of that version, as 2026-08-21
	url     string
	sum     string // SHA-256 over its files' names and contents
}

type sources []source

// readSources reads sources.tsv and sums up each source's files.
func readSources(from string) (sources, error) {
	var out sources
	err := eachLine(filepath.Join(from, "sources.tsv"), func(line string) error {
		f := strings.Split(line, "\t")
		if len(f) != 4 {
			return fmt.Errorf("%q has not four fields", line)
		}
		if _, err := time.Parse(time.DateOnly, f[2]); err != nil {
			return err
		}
		sum, err := sumOf(filepath.Join(from, f[0]))
		out = append(out, source{name: f[0], version: f[1], date: f[2], url: f[3], sum: sum})
		return err
	})
	return out, err
}

func sumOf(folder string) (string, error) {
	sum := sha256.New()
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		content, err := os.ReadFile(path)
		io.WriteString(sum, fmt.Sprintf("%s %d\n", name, len(content)))
		sum.Write(content)
		return err
	})
	return hex.EncodeToString(sum.Sum(nil)), err
}

// of returns a source by its name.
func (s sources) of(name string) source {
	for _, one := range s {
		if one.name == name {
			return one
		}
	}
	return source{}
}

// lock is the content of the lock file.
func (s sources) lock() string {
	var b strings.Builder
	b.WriteString("# What the policy's data was made from. Written by make data.\n# source\tversion\tdate\tsha256\taddress\n")
	for _, one := range s {
		fmt.Fprintf(&b, "%s\t%s\t%s\t%s\t%s\n", one.name, one.version, one.date, one.sum, one.url)
	}
	return b.String()
}

// eachLine calls do for every line of a file that is neither empty nor a comment.
func eachLine(name string, do func(line string) error) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if line := lines.Text(); line != "" && !strings.HasPrefix(line, "#") {
			if err := do(line); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return lines.Err()
}

// checkAge fails if a data set is older than a release may ship.
func checkAge(policy string, maxAge time.Duration, now time.Time, stdout io.Writer) error {
	updated := regexp.MustCompile(`(?m)^updated: (\d{4}-\d\d-\d\d)$`)
	var old []string
	for _, name := range []string{"bugs.yaml", "lifecycle.yaml"} {
		content, err := os.ReadFile(filepath.Join(policy, name))
		if err != nil {
			return err
		}
		m := updated.FindSubmatch(content)
		if m == nil {
			return fmt.Errorf("%s has no line \"updated: 2026-01-31\"", name)
		}
		gathered, err := time.Parse(time.DateOnly, string(m[1]))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if _, err := fmt.Fprintf(stdout, "%s is of %s, %d days old\n", name, m[1], now.Sub(gathered)/day); err != nil {
			return err
		}
		if now.Sub(gathered) > maxAge {
			old = append(old, name)
		}
	}
	if old != nil {
		return fmt.Errorf("%s: older than %d days, which no release may ship; run make data with newer sources",
			strings.Join(old, ", "), maxAge/day)
	}
	return nil
}
