package host

import (
	"fmt"
	"os"
	"slices"
)

// InstalledKernel tells which kernel an unpacked image would run: that of the
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

// onlyModules returns the name of the only directory below lib/modules.
func (f *FS) onlyModules() (string, error) {
	modules, err := f.resolve("lib/modules")
	if err != nil {
		return "", err
	}
	entries, err := os.ReadDir(modules)
	if err != nil {
		return "", err
	}
	entries = slices.DeleteFunc(entries, func(e os.DirEntry) bool { return !e.IsDir() })
	if len(entries) != 1 {
		return "", fmt.Errorf("%s: %d kernels, not one", modules, len(entries))
	}
	return entries[0].Name(), nil
}
