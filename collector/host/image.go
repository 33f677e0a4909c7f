package host

import (
	"fmt"
	"slices"
	"strings"
)

// InstalledKernel returns the kernel that an unpacked image would run: that of the
// release given, or else that of the only directory in lib/modules. It knows no
// more than the release says: what proc below the root says, if there is one, is
// of another kernel.
func (f *FS) InstalledKernel(release string) (Kernel, error) {
	if release == "" {
		var err error
		if release, err = f.onlyModules(); err != nil {
			return Kernel{}, err
		}
	}
	r, err := ParseRelease(release)
	if err != nil {
		return Kernel{}, fmt.Errorf("kernel release below %s: %w", f.root, err)
	}
	osID, errOS := f.osIDFor(r)
	k, err := Uname{Release: release, OSID: osID}.Kernel()
	if err != nil {
		return Kernel{}, fmt.Errorf("kernel release below %s: %w", f.root, err)
	}
	return k, errOS
}

// modulesDir has a directory for each kernel that is installed.
const modulesDir = "lib/modules"

// maxModules is far above what package managers keep.
const maxModules = 1024

// InstalledReleases returns the names of the directories below lib/modules that
// are releases of kernels; none where there is no lib/modules.
func (f *FS) InstalledReleases() ([]string, error) {
	entries, err := f.readDir(modulesDir, maxModules)
	if err != nil {
		return nil, optionalErr(err)
	}
	var releases []string
	for _, e := range entries {
		if _, err := ParseRelease(e.Name()); err == nil && e.IsDir() {
			releases = append(releases, e.Name())
		}
	}
	slices.Sort(releases)
	return releases, nil
}

// onlyModules returns the only one of InstalledReleases.
func (f *FS) onlyModules() (string, error) {
	releases, err := f.InstalledReleases()
	switch {
	case err != nil:
		return "", err
	case len(releases) == 0:
		return "", fmt.Errorf("%s has no kernel", f.Path(modulesDir))
	case len(releases) > 1:
		return "", fmt.Errorf("%s has %d kernels, not one: %s", f.Path(modulesDir), len(releases), strings.Join(releases, ", "))
	}
	return releases[0], nil
}
