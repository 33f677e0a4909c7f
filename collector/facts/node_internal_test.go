package facts

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kernel_exporter/collector/host"
	"kernel_exporter/collector/testkit"
)

// countedRoot is a root with 3 live memory cgroups, of 5.
func countedRoot(t *testing.T, release string) *host.FS {
	t.Helper()
	f, err := host.New(testkit.Root(t, map[string]string{
		osReleaseFile:  release + "\n",
		mountTable:     "1 0 0:1 / / rw - ext4 /dev/x rw\n2 1 0:2 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n",
		"proc/cgroups": "memory\t1\t5\t1\n",
		"sys/fs/cgroup/memory/kubepods/pod1/memory.stat": "",
	}))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestDyingCgroups lets minutes pass in no time.
func TestDyingCgroups(t *testing.T) {
	t.Parallel()
	f := countedRoot(t, "4.4.0")
	put := func(cgroups string) {
		t.Helper()
		if err := os.WriteFile(f.Path("proc/cgroups"), []byte(cgroups), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		n := New(Options{Host: f, Want: DyingCgroups})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			n.Run(ctx)
		}()
		check := func(when string, dying uint64, known bool, bad string) {
			t.Helper()
			synctest.Wait()
			count := n.dying.get()
			if got, ok := count.Get(); ok != known || got.Dying != dying {
				t.Errorf("%s: %+v, %v, want %v with %d dying", when, got, ok, known, dying)
			}
			if err := count.Err(); (err != nil) != (bad != "") || err != nil && !strings.Contains(err.Error(), bad) {
				t.Errorf("%s: error %v, want %q", when, err, bad)
			}
		}
		<-n.Ready()
		check("at start", 2, true, "")

		put("memory\t1\t9\t1\n")
		time.Sleep(59 * time.Second)
		check("before a minute", 2, true, "")
		time.Sleep(2 * time.Second)
		check("after a minute", 6, true, "")

		put("memory\n")
		time.Sleep(time.Minute)
		check("a failure", 6, true, "proc/cgroups: ")
		time.Sleep(time.Minute)
		check("two minutes old", 6, true, "proc/cgroups: ")
		time.Sleep(time.Minute)
		check("older", 0, false, "proc/cgroups: ")

		put("memory\t1\t3\t1\n")
		time.Sleep(time.Minute)
		check("after the failure", 0, true, "")
		cancel()
		<-ended
	})
}

// TestDyingCgroupsOfOldKernels: the number of 3.10 does not include them.
func TestDyingCgroupsOfOldKernels(t *testing.T) {
	t.Parallel()
	for release, want := range map[string]bool{"3.10.0-1160.el7.x86_64": false, "4.3.6": false, "4.4.0": true, "6.18.1": true, "garbage": false} {
		t.Run(release, func(t *testing.T) {
			t.Parallel()
			n := New(Options{Host: countedRoot(t, release), Want: DyingCgroups})
			go n.kernel.run(t.Context())
			go n.mounts.run(t.Context())
			if f := n.countDying(t.Context(), Fact[host.CgroupCount]{}); f.known != want {
				t.Errorf("%+v, want known %v", f, want)
			}
		})
	}
}

// TestRunDoesNotWaitForAHungRead holds that the program ends, whatever hangs.
func TestRunDoesNotWaitForAHungRead(t *testing.T) {
	t.Parallel()
	f := countedRoot(t, "6.1.0")
	synctest.Test(t, func(t *testing.T) {
		n := New(Options{Host: f, Want: Judged})
		release := make(chan struct{})
		n.config.read = func(context.Context, Fact[host.Config]) Fact[host.Config] {
			<-release
			return Fact[host.Config]{}
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			n.Run(ctx)
		}()
		synctest.Wait()
		select {
		case <-n.Ready():
			t.Error("ready, although a read hangs")
		default:
		}
		s := n.Gather(ctx, Judged)
		if s.Config.Cause() != TimedOut {
			t.Errorf("the configuration is %q, want timeout", s.Config.Cause())
		}
		if k, ok := s.Kernel.Get(); !ok || k.Release.Raw != "6.1.0" {
			t.Errorf("the kernel is %v, %v", k, ok)
		}
		cancel()
		<-ended
		close(release)
	})
}

// TestGatherReadsNothingThatIsNotWanted: whoever leaves a collector out may have no
// permission for its files.
func TestGatherReadsNothingThatIsNotWanted(t *testing.T) {
	t.Parallel()
	root := testkit.Root(t, map[string]string{"proc/meminfo": "MemTotal: 1 kB\n"})
	f, err := host.New(root)
	if err != nil {
		t.Fatal(err)
	}
	n := New(Options{Host: f, Want: Memory})
	for name, tt := range map[string]struct {
		want Set
		err  bool
	}{"wanted": {Memory, true}, "not wanted": {Tainted, false}} {
		if err := os.Remove(filepath.Join(root, "proc/meminfo")); err == nil {
			if err := os.Mkdir(filepath.Join(root, "proc/meminfo"), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		s := n.Gather(t.Context(), tt.want)
		if (s.Memory.Err() != nil) != tt.err {
			t.Errorf("%s: %v", name, s.Memory.Err())
		}
	}
}

func TestNoKmemNeedsTheCommandLine(t *testing.T) {
	t.Parallel()
	v2 := host.Kmem{Controller: host.Yes, V2: true}
	kernel, err := host.ParseRelease("6.1.0")
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		words Fact[[]string]
		known bool
		cause Cause
	}{
		"read":     {Known([]string{"quiet"}), true, ""},
		"missing":  {NotRead[[]string]("proc/cmdline"), false, Unknowable},
		"no file":  {NotRead[[]string]("proc/cmdline").With(os.ErrNotExist), false, Unknowable},
		"a fault":  {NotRead[[]string]("proc/cmdline").With(os.ErrPermission), false, Unreadable},
		"too late": {NotInTime[[]string]("proc/cmdline"), false, TimedOut},
	} {
		s := &Snapshot{CommandLine: tt.words, Kmem: Known(v2), Facts: Facts{Kernel: Known(host.Kernel{Release: kernel})}}
		f := s.kmemAccounting()
		if f.known != tt.known || f.Cause() != tt.cause {
			t.Errorf("%s: %v, %q; want %v, %q", name, f.known, f.Cause(), tt.known, tt.cause)
		}
	}
}

func TestMemoryController(t *testing.T) {
	t.Parallel()
	words := func(line string) Fact[[]string] { return Known(strings.Fields(line)) }
	for name, tt := range map[string]struct {
		files   Fact[host.Kmem]
		enabled Fact[host.Answer]
		words   Fact[[]string]
		want    Fact[bool]
	}{
		"its files are there":         {files: Known(host.Kmem{Controller: host.Yes}), words: words("cgroup_disable=memory"), want: Known(true)},
		"its files are not":           {files: Known(host.Kmem{Controller: host.No}), enabled: Known(host.Yes), want: Known(false)},
		"listed as off":               {enabled: Known(host.No), want: Known(false)},
		"listed as on":                {enabled: Known(host.Yes), want: Known(true)},
		"not listed, left out":        {enabled: Known(host.Unknown), words: words("quiet cgroup_disable=memory"), want: Known(false)},
		"left out beside others":      {words: words("cgroup_disable=cpuset,memory"), want: Known(false)},
		"another left out":            {words: words("cgroup_disable=pids"), want: NotKnowable[bool]("")},
		"left out and taken in again": {words: words("cgroup_disable=memory console=tty1 cgroup_enable=memory"), want: NotKnowable[bool]("")},
		"nothing known":               {words: NotInTime[[]string]("proc/cmdline"), want: NotInTime[bool]("")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &Snapshot{CommandLine: tt.words, ControllerEnabled: tt.enabled, Kmem: tt.files}
			got := s.memoryController()
			if got.known != tt.want.known || got.value != tt.want.value || !got.known && got.Cause() != tt.want.Cause() {
				t.Errorf("%+v, want %+v", got, tt.want)
			}
		})
	}
}
