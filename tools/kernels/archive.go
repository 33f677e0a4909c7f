package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// fresh is for how long the archive's lists are not read again.
const fresh = 24 * time.Hour

// An archive is Debian's, as apt sees it with a configuration of its own: nothing
// of the machine's apt is read but its keys, and nothing is installed.
type archive struct {
	dir    string
	mirror string
	suites []string
}

// A kernel is a release of which the archive has packages.
type kernel struct {
	Release string // as uname -r says
	Series  string // its first two numbers
	Suite   string // where the archive has it
	Version string // of the package

	packages []string // names
	reports  bool     // it is made to report trouble
}

func (a archive) path(parts ...string) string {
	return filepath.Join(append([]string{a.dir, "apt"}, parts...)...)
}

// apt runs a command of apt in a directory.
func (a archive) apt(ctx context.Context, dir, name string, args ...string) (string, error) {
	line := append([]string{
		"-o", "Dir::State::Lists=" + a.path("lists"), "-o", "Dir::Cache=" + a.path("cache"),
		"-o", "Dir::Etc::SourceList=" + a.path("sources.list"), "-o", "Dir::Etc::SourceParts=/dev/null",
		"-o", "APT::Architecture=amd64", "-o", "APT::Architectures=amd64", "-o", "APT::Sandbox::User=root",
		"-o", "Acquire::Languages=none", "-o", "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false",
		"-o", "Acquire::Retries=3", "-q",
	}, args...)
	return output(ctx, dir, name, line...)
}

// output runs a command and returns what it printed.
func output(ctx context.Context, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if ended, ok := errors.AsType[*exec.ExitError](err); ok {
		err = fmt.Errorf("%s: %w: %s", name, err, ended.Stderr)
	}
	return string(out), err
}

// update reads the lists of the suites, whose signatures apt checks by Debian's keys.
func (a archive) update(ctx context.Context) error {
	const keys = "/usr/share/keyrings/debian-archive-keyring.gpg"
	for _, dir := range []string{"lists/partial", "cache/archives/partial", "debs"} {
		if err := os.MkdirAll(a.path(dir), 0o755); err != nil {
			return err
		}
	}
	var sources strings.Builder
	for _, suite := range a.suites {
		mirror := a.mirror
		if strings.HasSuffix(suite, "-security") {
			mirror += "-security"
		}
		fmt.Fprintf(&sources, "deb [signed-by=%s] %s %s main\n", keys, mirror, suite)
	}
	old, _ := os.ReadFile(a.path("sources.list")) // it may not be there
	read, err := os.Stat(a.path("updated"))
	if err == nil && string(old) == sources.String() && time.Since(read.ModTime()) < fresh {
		return nil
	}
	if err := os.WriteFile(a.path("sources.list"), []byte(sources.String()), 0o644); err != nil {
		return err
	}
	if _, err := a.apt(ctx, a.dir, "apt-get", "update"); err != nil {
		return err
	}
	return os.WriteFile(a.path("updated"), nil, 0o644)
}

// kernels returns the newest release of each series in a flavour, amd64 or cloud-amd64, the
// oldest series first, and only the given series unless there are none.
func (a archive) kernels(ctx context.Context, flavor string, series []string) ([]kernel, error) {
	names, err := a.apt(ctx, a.dir, "apt-cache", "pkgnames", "linux-")
	if err != nil {
		return nil, err
	}
	packages := strings.Fields(names)
	// linux-image-7.3-amd64 is either a package that only names another one, or a
	// release candidate.
	pattern := regexp.MustCompile(`^linux-image-((\d+\.\d+)\.\d+[-+].*?)$`)
	newest := make(map[string]kernel)
	for _, name := range packages {
		m := pattern.FindStringSubmatch(name)
		if m == nil || !isFlavor(m[1], flavor) || len(series) > 0 && !slices.Contains(series, m[2]) {
			continue
		}
		if !complete(packagesOf(m[1], packages)) {
			continue
		}
		if old, ok := newest[m[2]]; !ok || compareNumbers(old.Release, m[1]) < 0 {
			newest[m[2]] = kernel{Release: m[1], Series: m[2], packages: packagesOf(m[1], packages)}
		}
	}
	found := slices.Collect(maps.Values(newest))
	slices.SortFunc(found, func(a, b kernel) int { return compareNumbers(a.Series, b.Series) })
	return found, a.origins(ctx, found)
}

// complete says whether the archive still has the modules of a kernel whose image and
// modules are in packages of their own.
func complete(packages []string) bool {
	has := func(prefix string) bool {
		return slices.ContainsFunc(packages, func(name string) bool { return strings.HasPrefix(name, prefix) })
	}
	return has("linux-modules-") || !has("linux-binary-")
}

// packagesOf are the packages of a kernel. Until 6.19 one has all; after that it
// only names the others.
func packagesOf(release string, all []string) (names []string) {
	for _, name := range []string{"linux-image-", "linux-binary-", "linux-modules-", "linux-base-"} {
		if slices.Contains(all, name+release) {
			names = append(names, name+release)
		}
	}
	return names
}

func isFlavor(release, flavor string) bool {
	rest, ok := strings.CutSuffix(release, "-"+flavor)
	return ok && !strings.HasSuffix(rest, "-rt") && !strings.HasSuffix(rest, "-cloud")
}

// origins fills in which version of each kernel's package there is, and in which suite.
func (a archive) origins(ctx context.Context, kernels []kernel) error {
	args := []string{"madison"}
	for _, k := range kernels {
		args = append(args, "linux-image-"+k.Release)
	}
	text, err := a.apt(ctx, a.dir, "apt-cache", args...)
	if err != nil {
		return err
	}
	for line := range strings.Lines(text) {
		columns := strings.Split(line, "|")
		if len(columns) != 3 {
			return fmt.Errorf("apt-cache madison: not understood: %q", line)
		}
		release := strings.TrimPrefix(strings.TrimSpace(columns[0]), "linux-image-")
		i := slices.IndexFunc(kernels, func(k kernel) bool { return k.Release == release })
		where := strings.Fields(columns[2])
		if i < 0 || len(where) < 2 || kernels[i].Version != "" { // the first line has the newest
			continue
		}
		kernels[i].Version = strings.TrimSpace(columns[1])
		kernels[i].Suite, _, _ = strings.Cut(where[1], "/")
	}
	return nil
}

// compareNumbers compares texts by the numbers in them.
func compareNumbers(a, b string) int {
	digits := regexp.MustCompile(`\d+`)
	x, y := digits.FindAllString(a, -1), digits.FindAllString(b, -1)
	return cmp.Or(slices.CompareFunc(x, y, func(a, b string) int {
		m, _ := strconv.Atoi(a) // digits
		n, _ := strconv.Atoi(b)
		return cmp.Compare(m, n)
	}), cmp.Compare(a, b))
}

// unpack downloads the packages of a kernel and unpacks them, once, and returns
// the directory.
func (a archive) unpack(ctx context.Context, k kernel) (string, error) {
	dir := filepath.Join(a.dir, "kernels", k.Release)
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	debs, err := os.MkdirTemp(a.path("debs"), k.Series+"-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(debs)
	if _, err := a.apt(ctx, debs, "apt-get", append([]string{"download"}, k.packages...)...); err != nil {
		return "", err
	}
	files, err := filepath.Glob(filepath.Join(debs, "*.deb"))
	if err != nil {
		return "", err
	}
	part := dir + ".part"
	if err := errors.Join(os.RemoveAll(part), os.MkdirAll(part, 0o755)); err != nil {
		return "", err
	}
	for _, file := range files {
		if _, err := output(ctx, debs, "dpkg-deb", "-x", file, part); err != nil {
			return "", err
		}
	}
	return dir, os.Rename(part, dir)
}
