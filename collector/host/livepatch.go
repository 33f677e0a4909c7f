package host

import (
	"errors"
	"io/fs"
	"slices"

	"kernel_exporter/collector/printable"
)

const (
	livepatchDir = "sys/kernel/livepatch"
	// maxLivepatches is far above the few that are ever loaded.
	maxLivepatches = 256
)

// LivePatches returns the names of the live patches that are in force, in order
// (Documentation/ABI/testing/sysfs-kernel-livepatch). One that has been disabled is
// none. A kernel without live patching has none. Where sys cannot be seen, the error
// wraps [fs.ErrNotExist].
func (f *FS) LivePatches() ([]string, error) {
	entries, err := f.readDir(livepatchDir, maxLivepatches)
	if errors.Is(err, fs.ErrNotExist) {
		if there, errSys := f.exists("sys/kernel"); errSys != nil || there {
			return nil, errSys
		}
		return nil, err
	}
	if err != nil {
		return nil, err
	}
	var patches []string
	for _, e := range entries {
		enabled, err := f.optionalUint(livepatchDir + "/" + e.Name() + "/enabled")
		if err == nil && enabled != nil && *enabled == 0 || !e.IsDir() {
			continue
		}
		patches = append(patches, printable.String(e.Name()))
	}
	slices.Sort(patches)
	return patches, nil
}
