package host_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kernel_exporter/collector/host"
)

const someConfig = `#
# Automatically generated file; DO NOT EDIT.
# Linux/x86 6.1.176 Kernel Configuration
#
CONFIG_NAMESPACES=y
CONFIG_VETH=m
CONFIG_LOCALVERSION="-y"
CONFIG_HZ=250
CONFIG_DUMB=n
# CONFIG_AUFS_FS is not set
# CONFIG_NET_NS=y was here
`

func compressed(t testing.TB, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestParseConfig(t *testing.T) {
	t.Parallel()
	for name, data := range map[string][]byte{"plain": []byte(someConfig), "gzip": compressed(t, someConfig)} {
		c, err := host.ParseConfig(data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for option, want := range map[string]bool{
			"NAMESPACES": true, "VETH": true,
			"LOCALVERSION": false, "HZ": false, "DUMB": false, "AUFS_FS": false, "NET_NS": false, "": false,
		} {
			if c.Enabled(option) != want {
				t.Errorf("%s: %s is %v, want %v", name, option, !want, want)
			}
		}
		if c.Len() != 2 {
			t.Errorf("%s: %d options", name, c.Len())
		}
	}
}

func TestParseConfigRefuses(t *testing.T) {
	t.Parallel()
	whole := compressed(t, someConfig)
	for name, data := range map[string][]byte{
		"empty":                 nil,
		"no option":             []byte("# a file\nhello\n"),
		"binary":                {0x7f, 'E', 'L', 'F', 0, 1, 2},
		"cut in a line":         []byte("CONFIG_NET_NS=y\nCONFIG_NAMESPA"),
		"gzip cut":              whole[:len(whole)-9],
		"gzip header only":      whole[:10],
		"gzip of something":     compressed(t, "hello\n"),
		"gzip that grows":       compressed(t, "CONFIG_A=y\n"+strings.Repeat("#\n", 3<<20)),
		"gzip with a wrong sum": append(append([]byte{}, whole[:len(whole)-8]...), 1, 2, 3, 4, 5, 6, 7, 8),
	} {
		if c, err := host.ParseConfig(data); err == nil {
			t.Errorf("%s: no error, %d options", name, c.Len())
		}
	}
}

func TestConfigOrder(t *testing.T) {
	t.Parallel()
	const release = "6.1.0-50-amd64"
	// Each file names itself by an option; the order is that of the search.
	files := []string{
		"proc/config.gz",
		"boot/config-" + release,
		"usr/src/linux-" + release + "/.config",
		"usr/lib/modules/" + release + "/config",
		"usr/lib/ostree-boot/config-" + release,
		"usr/lib/kernel/config-" + release,
		"usr/src/linux-headers-" + release + "/.config",
		"lib/modules/" + release + "/config",
		"lib/modules/" + release + "/build/.config",
	}
	root := t.TempDir()
	f, err := host.New(root)
	if err != nil {
		t.Fatal(err)
	}
	r, err := host.ParseRelease(release)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Config(r); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v of a root without a configuration, want one that wraps fs.ErrNotExist", err)
	}
	for _, rel := range slices.Backward(files) {
		data := []byte(someConfig)
		if strings.HasSuffix(rel, ".gz") {
			data = compressed(t, someConfig)
		}
		path := filepath.Join(root, rel)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := f.Config(r)
		if err != nil || c.Source != rel || !c.Enabled("NAMESPACES") {
			t.Errorf("%s: read %q, error %v", rel, c.Source, err)
		}
	}
	// A file that cannot be parsed does not hide the next, and is told where there
	// is no other.
	for _, rel := range files[:2] {
		if err := os.WriteFile(filepath.Join(root, rel), []byte("garbage"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if c, err := f.Config(r); err != nil || c.Source != files[2] {
		t.Errorf("read %q, error %v; want %s", c.Source, err, files[2])
	}
	for _, rel := range files[2:] {
		if err := os.Remove(filepath.Join(root, rel)); err != nil {
			t.Fatal(err)
		}
	}
	_, err = f.Config(r)
	if err == nil || errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), files[0]) || !strings.Contains(err.Error(), files[1]) {
		t.Errorf("error %v, want one that names %s and %s", err, files[0], files[1])
	}
}

func TestConfigOfNoRelease(t *testing.T) {
	t.Parallel()
	f, err := host.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, raw := range []string{"", "6.1.0/../../etc"} {
		if _, err := f.Config(host.Release{Raw: raw}); err == nil || errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: error %v", raw, err)
		}
	}
}

// The configuration of the kernel that runs this test, where it shows one.
func TestConfigOfThisMachine(t *testing.T) {
	t.Parallel()
	f, err := host.New("/")
	if err != nil {
		t.Fatal(err)
	}
	k, err := f.Kernel()
	if err != nil {
		t.Fatal(err)
	}
	c, err := f.Config(k.Release)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("this machine shows no configuration of kernel %s", k.Release.Raw)
	}
	if err != nil {
		t.Fatal(err)
	}
	if !c.Enabled("PROC_FS") || c.Enabled("NO_SUCH_OPTION") {
		t.Errorf("%s: of %d options PROC_FS is %v", c.Source, c.Len(), c.Enabled("PROC_FS"))
	}
}

func FuzzParseConfig(f *testing.F) {
	f.Add([]byte(someConfig))
	f.Add(compressed(f, someConfig))
	f.Add([]byte("# CONFIG_ is not set\nCONFIG_\nCONFIG_=y\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := host.ParseConfig(data)
		if (err != nil) && c.Len() != 0 {
			t.Errorf("%d options beside error %v", c.Len(), err)
		}
		if c.Enabled("CONFIG_NAMESPACES") && !bytes.Contains(data, []byte("CONFIG_CONFIG_")) && !bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
			t.Error("an option keeps its prefix")
		}
	})
}
