package host_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kernel_exporter/collector/host"
)

func TestNew(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if f, err := host.New(file); err == nil || f != nil || !strings.Contains(err.Error(), file) {
		t.Errorf("a file: %v, %v", f, err)
	}
	if f, err := host.New(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) || f != nil {
		t.Errorf("nothing: %v, %v", f, err)
	}
	f, err := host.New(dir)
	if err != nil {
		t.Fatal(err)
	}
	if f.Path("") != dir || f.Path("proc/stat") != dir+"/proc/stat" {
		t.Errorf("root %q, path %q", f.Path(""), f.Path("proc/stat"))
	}
}

func TestLive(t *testing.T) {
	t.Parallel()
	const rel = "proc/sys/kernel/random/boot_id"
	if f := thisMachine(t); !f.Live() || f.PageSize() != uint64(os.Getpagesize()) { //nolint:gosec // a size
		t.Errorf("this machine: live %v, pages of %d bytes", f.Live(), f.PageSize())
	}
	for name, files := range map[string]tree{
		"no boot id":    {},
		"empty boot id": {rel: ""},
		"another boot":  {rel: "0b7c5f2e-1a3d-4e5f-8a9b-1c2d3e4f5a6b\n"},
	} {
		if f := rootOf(t, files); f.Live() || f.PageSize() != 4096 {
			t.Errorf("%s: live %v, pages of %d bytes", name, f.Live(), f.PageSize())
		}
	}
	id, err := thisMachine(t).BootID()
	if err != nil || id == "" {
		t.Fatalf("%q, %v", id, err)
	}
	// An image can know the boot id of the machine that it was built on.
	for name, files := range map[string]tree{
		"a file with this boot id":   {rel: id + "\n"},
		"a link to this boot id":     {rel + "@": "/" + rel},
		"a link to proc":             {"proc@": "/proc"},
		"a link up to proc":          {"proc@": strings.Repeat("../", 30) + "proc"},
		"a link to the whole system": {"x": "", "proc@": "/proc/1/root/proc"},
	} {
		if f := rootOf(t, files); f.Live() {
			t.Errorf("%s: live", name)
		}
	}
}
