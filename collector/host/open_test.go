package host_test

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/host"
	"kernel_exporter/collector/testkit"
)

// ways are the two in which files are found below a root.
func ways() map[string]func(*host.FS) {
	return map[string]func(*host.FS){
		"openat2":             func(*host.FS) {},
		"a kernel before 5.6": (*host.FS).Walk,
	}
}

// Links are followed as if the root were /.
func TestLinksStayBelowTheRoot(t *testing.T) {
	t.Parallel()
	files := tree{
		"a/b/file": "inside", "abs@": "/a/b/file", "rel@": "a/b/../b/file", "up@": "../../../a", "a/up@": "../../a/./b",
		"dir@": "/a//b/", "self@": "self", "ping@": "pong", "pong@": "/ping", "host@": "/proc/self/root/etc", "deep/link@": "../abs", "empty@": "/",
		"passwd@": "/etc/passwd", "far@": strings.Repeat("../", 40) + "etc/passwd",
	}
	for way, use := range ways() {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			f := rootOf(t, files)
			use(f)
			for _, rel := range []string{
				"a/b/file", "/a/b/file", "a//b/./file", "../../a/b/file", "abs", "rel", "up/b/file", "a/up/file", "dir/file", "deep/link", "empty/a/b/file",
			} {
				if got, err := f.Read(rel); err != nil || got != "inside" {
					t.Errorf("%q: %q, %v", rel, got, err)
				}
				if there, err := f.Exists(rel); err != nil || !there {
					t.Errorf("%q: there %v, %v", rel, there, err)
				}
			}
			for rel, want := range map[string]error{
				"none": fs.ErrNotExist, "a/none/file": fs.ErrNotExist, "host": fs.ErrNotExist, "host/passwd": fs.ErrNotExist,
				"passwd": fs.ErrNotExist, "far": fs.ErrNotExist, "etc/passwd": fs.ErrNotExist,
				"self": unix.ELOOP, "ping": unix.ELOOP, "a/b/file/x": unix.ENOTDIR, "a/b/file/": unix.ENOTDIR,
			} {
				if got, err := f.Read(rel); !errors.Is(err, want) || got != "" {
					t.Errorf("%q: %q, %v; want %v", rel, got, err, want)
				}
			}
		})
	}
}

// A root that is itself a link is followed like any directory.
func TestRootIsALink(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "real/etc"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("real", filepath.Join(dir, "root")); err != nil {
		t.Fatal(err)
	}
	f, err := host.New(filepath.Join(dir, "root"))
	if err != nil {
		t.Fatal(err)
	}
	for _, rel := range []string{"etc", "etc/../etc", "./etc"} {
		if there, err := f.Exists(rel); err != nil || !there {
			t.Errorf("%q: %v, %v", rel, there, err)
		}
	}
}

// A walk holds no more descriptors after it than before, and no more than its limit.
//
//nolint:paralleltest // it counts the descriptors of the process
func TestWalkGivesDescriptorsBack(t *testing.T) {
	files := tree{"x/y": "", "l0@": "l1", "deep/" + strings.Repeat("d/", 200) + "file": ""}
	f := rootOf(t, files)
	for i := 1; i < 37; i++ {
		if err := os.Symlink("l"+strings.Repeat("x", i+1), f.Path("l"+strings.Repeat("x", i))); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(strings.Repeat("x/../", 800)+"x/y", f.Path("l"+strings.Repeat("x", 37))); err != nil {
		t.Fatal(err)
	}
	f.Walk()
	open := func() int {
		entries, err := os.ReadDir("/proc/thread-self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	before := open()
	for range 50 {
		if there, err := f.Exists("lx"); err != nil || !there {
			t.Fatalf("by 37 links with 1,600 names: %v, %v", there, err)
		}
		if _, err := f.Read("deep/" + strings.Repeat("d/", 200) + "file"); !errors.Is(err, unix.ENAMETOOLONG) {
			t.Fatalf("200 directories deep: %v", err)
		}
		if _, err := f.Read("l0"); !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	if after := open(); after > before {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}

// put makes something at a path of a root that is no plain file.
func put(t *testing.T, f *host.FS, rel string, is func(path string) error) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(f.Path(rel)), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(f.Path(rel)); err != nil {
		t.Fatal(err)
	}
	if err := is(f.Path(rel)); err != nil {
		t.Fatal(err)
	}
}

// everyFile reads every file that this package reads, and returns the errors.
func everyFile(t *testing.T, f *host.FS) map[string]error {
	t.Helper()
	r, err := host.ParseRelease("6.8.0-60-generic")
	if err != nil {
		t.Fatal(err)
	}
	v1 := host.Mounts{HasCgroup1: true, Cgroup1Memory: host.CgroupMount{Path: memoryDir, Root: "/"}}
	v2 := host.Mounts{Cgroup2: host.CgroupMount{Path: "sys/fs/cgroup", Root: "/"}}
	errs := map[string]error{}
	_, errs["proc/sys/kernel/version"] = f.Kernel()
	_, errs["proc/sys/kernel/random/boot_id"] = f.BootID()
	_, errs["proc/1/mountinfo"] = f.Mounts()
	_, errs["proc/meminfo"] = f.Meminfo()
	_, errs["proc/stat"] = f.BootTime()
	_, errs["proc/uptime"] = f.Uptime()
	_, errs["proc/cmdline"] = f.CommandLine()
	_, errs["proc/filesystems"] = f.FileSystems()
	_, errs["proc/sys/kernel/tainted"] = f.Tainted()
	_, errs["proc/sys/kernel/hung_task_detect_count"] = f.HungTasks()
	_, errs["sys/kernel/oops_count"] = f.Oopses()
	_, errs["sys/module/overlay/taint"] = f.OverlayModuleTaint()
	_, errs["boot/config-6.8.0-60-generic"] = f.Config(r)
	_, errs["etc/os-release"] = f.OS()
	_, errs["proc/slabinfo"] = f.NewSlabReader().Read()
	_, errs["proc/cgroups"] = f.MemoryCgroups(v1)
	_, errs[memoryDir+"/memory.kmem.usage_in_bytes"] = f.Kmem(v1)
	_, errs["sys/fs/cgroup/cgroup.stat"] = f.MemoryCgroups(v2)
	_, errs["sys/fs/cgroup/cgroup.controllers"] = f.Kmem(v2)
	return errs
}

// A root that is not this machine's may hold anything in the place of any file:
// what is no regular file, or is too large, is an error, at once.
func TestHostileFiles(t *testing.T) {
	t.Parallel()
	kinds := map[string]func(path string) error{
		"FIFO":      func(path string) error { return unix.Mkfifo(path, 0o644) },
		"directory": func(path string) error { return os.Mkdir(path, 0o755) },
		"socket": func(path string) error {
			short := filepath.Join(t.TempDir(), "s") // an address has 108 bytes
			var config net.ListenConfig
			l, err := config.Listen(t.Context(), "unix", short)
			if err != nil {
				return err
			}
			t.Cleanup(func() { _ = l.Close() })
			return os.Rename(short, path)
		},
		"device":    func(path string) error { return unix.Mknod(path, unix.S_IFCHR|0o644, int(unix.Mkdev(1, 5))) },
		"too large": func(path string) error { _, err := os.Create(path); return errors.Join(err, os.Truncate(path, 10<<30)) },
		"link out": func(path string) error {
			secret := filepath.Join(t.TempDir(), "secret")
			return errors.Join(os.WriteFile(secret, []byte("TOPSECRET"), 0o600), os.Symlink(secret, path))
		},
		"link to an endless file": func(path string) error { return os.Symlink("/dev/zero", path) },
	}
	for kind, is := range kinds {
		for way, use := range ways() {
			t.Run(kind+", "+way, func(t *testing.T) {
				t.Parallel()
				if kind == "device" && os.Geteuid() != 0 {
					testkit.Missing(t, "only root makes a device")
				}
				f := rootOf(t, tree{"proc/sys/kernel/osrelease": "6.8.0-60-generic"})
				use(f)
				files := everyFile(t, f)
				for rel := range files {
					put(t, f, rel, is)
				}
				for rel, err := range everyFile(t, f) {
					linked := strings.HasPrefix(kind, "link")
					if !linked && (err == nil || !strings.Contains(err.Error(), f.Path(rel))) {
						t.Errorf("%s: %v, want an error that names it", rel, err)
					}
					if err != nil && strings.Contains(err.Error(), "TOPSECRET") {
						t.Errorf("%s was read outside of the root: %v", rel, err)
					}
				}
			})
		}
	}
}

// The files of this machine cannot be read through links of an image.
func TestHostileLinks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, []byte("CONFIG_TOPSECRET=y\nID=TOPSECRET\nTOPSECRET 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "modules/6.6.6"), 0o755); err != nil {
		t.Fatal(err)
	}
	for way, use := range ways() {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			f := rootOf(t, tree{
				"proc/sys/kernel/osrelease": "6.8.0-60-generic\n",
				"proc/sys/kernel/version@":  secret, "proc/sys/kernel/arch@": secret, "proc/version@": secret,
				"proc/version_signature@": secret, "proc/cmdline@": secret, "etc/os-release@": secret,
				"lib/modules/6.8.0-60-generic/build@": dir, "boot@": dir,
				"proc/cgroups@": secret, "proc/meminfo@": "/proc/meminfo", "proc/sys/kernel/tainted@": "/proc/sys/kernel/tainted",
			})
			use(f)
			if k, err := f.Kernel(); err != nil || k.Version != "" || k.Machine != "" {
				t.Errorf("kernel %+v, %v", k, err)
			}
			if got, err := f.OS(); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("system %+v, %v", got, err)
			}
			if got, err := f.CommandLine(); err == nil {
				t.Errorf("command line %q", got)
			}
			if got, err := f.Meminfo(); err == nil || got.Total != nil {
				t.Errorf("memory of this machine: %+v, %v", got, err)
			}
			if got, err := f.Tainted(); err == nil {
				t.Errorf("taints of this machine: %d", got)
			}
			r, err := host.ParseRelease("6.8.0-60-generic")
			if err != nil {
				t.Fatal(err)
			}
			if c, err := f.Config(r); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("configuration %+v, %v", c, err)
			}
			image := rootOf(t, tree{"lib/modules@": filepath.Join(dir, "modules")})
			use(image)
			if k, err := image.InstalledKernel(""); err == nil {
				t.Errorf("installed kernel %+v", k)
			}
		})
	}
}

// The configuration is often found by an absolute link, which stays in the image.
func TestConfigByAbsoluteLink(t *testing.T) {
	t.Parallel()
	for way, use := range ways() {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			f := rootOf(t, tree{
				"lib/modules/6.8.0-60-generic/build@":           "/usr/src/headers",
				"usr/src/headers/.config":                       "CONFIG_VETH=m\n",
				"usr/src/other/.config":                         "CONFIG_NOT=y\n",
				"proc/sys/kernel/osrelease":                     "6.8.0-60-generic",
				"lib/modules/6.8.0-60-generic/kernel/net/x.ko@": "/x",
			})
			use(f)
			r, err := host.ParseRelease("6.8.0-60-generic")
			if err != nil {
				t.Fatal(err)
			}
			if c, err := f.Config(r); err != nil || !c.Enabled("VETH") {
				t.Errorf("%+v, %v", c, err)
			}
		})
	}
}

// What a kernel says of itself is one short line, and safe to show.
func TestKernelSaysOneLine(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ version, want, wantErr string }{
		"plain":                  {"#1 SMP Debian 6.1.176-1 (2026-07-02)\n", "#1 SMP Debian 6.1.176-1 (2026-07-02)", ""},
		"as long as may be":      {strings.Repeat("x", 128) + "\n", strings.Repeat("x", 128), ""},
		"too long":               {strings.Repeat("x", 129) + "\n", "", "not one line of at most 128 bytes"},
		"16 MB":                  {strings.Repeat("x", 16<<20), "", "larger than"},
		"two lines":              {"#1 SMP\nroot:x:0:0\n", "", "not one line"},
		"a carriage return":      {"#1 SMP\rroot", "", "not one line"},
		"a NUL":                  {"#1\x00", "", "not one line"},
		"an escape sequence":     {"#1 \x1b[31mSMP\u009b", `#1 \x1b[31mSMP\u009b`, ""},
		"marks of direction":     {"#1 \u202eSMP", `#1 \u202eSMP`, ""},
		"bytes that are no text": {"#1 \xff", `#1 \xff`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k, err := rootOf(t, tree{"proc/sys/kernel/osrelease": "6.18.1\n", "proc/sys/kernel/version": tt.version}).Kernel()
			testkit.CheckError(t, err, tt.wantErr)
			if k.Version != tt.want || k.Release.Raw != "6.18.1" {
				t.Errorf("%q, want %q", k.Version, tt.want)
			}
			k, err = rootOf(t, tree{"proc/sys/kernel/osrelease": "6.18.1\n", "proc/sys/kernel/arch": tt.version}).Kernel()
			testkit.CheckError(t, err, tt.wantErr)
			if k.Machine != tt.want {
				t.Errorf("machine %q, want %q", k.Machine, tt.want)
			}
		})
	}
}

// A mount table without end is not read to its end.
func TestMountTableIsBounded(t *testing.T) {
	t.Parallel()
	f := liveRootOf(t, tree{"proc/1/x": ""})
	put(t, f, "proc/1/mountinfo", func(path string) error { return unix.Mknod(path, unix.S_IFREG|0o644, 0) })
	if err := os.Truncate(f.Path("proc/1/mountinfo"), 1<<40); err != nil {
		t.Skip(err)
	}
	if _, err := f.Mounts(); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("%v", err)
	}
}

// Open is for the kernel log: it waits for nothing, and opens no device of an image.
func TestOpen(t *testing.T) {
	t.Parallel()
	f := rootOf(t, tree{"dev/kmsg": "x", "dev/out@": "/etc/passwd"})
	put(t, f, "dev/fifo", func(path string) error { return unix.Mkfifo(path, 0o644) })
	for _, rel := range []string{"dev/kmsg", "dev/fifo"} {
		file, err := f.Open(rel)
		if err != nil {
			t.Fatalf("%s: %v", rel, err)
		}
		if file.Name() != f.Path(rel) {
			t.Errorf("%s is called %s", rel, file.Name())
		}
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	}
	if file, err := f.Open("dev/out"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a link out of the root: %v, %v", file, err)
	}
	if os.Geteuid() != 0 {
		testkit.Missing(t, "only root makes a device")
	}
	put(t, f, "dev/null", func(path string) error { return unix.Mknod(path, unix.S_IFCHR|0o644, int(unix.Mkdev(1, 3))) })
	if file, err := f.Open("dev/null"); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a device: %v, %v", file, err)
	}
}
