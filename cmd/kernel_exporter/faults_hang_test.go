package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/testkit"
)

// hangingDir mounts a file system that answers nothing, as that of a disk or a
// server that has gone: whoever looks at it waits until the test ends. It is FUSE
// (include/uapi/linux/fuse.h): a daemon that answers FUSE_INIT alone.
func hangingDir(t *testing.T, dir string) {
	t.Helper()
	needRoot(t)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	daemon, err := unix.Open("/dev/fuse", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		testkit.Missing(t, "needs FUSE: %v", err)
	}
	t.Cleanup(func() { _ = unix.Close(daemon) }) // which ends every wait
	options := fmt.Sprintf("fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", daemon)
	if err := unix.Mount("hanging", dir, "fuse", unix.MS_NOSUID|unix.MS_NODEV, options); err != nil {
		testkit.Missing(t, "needs FUSE: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Errorf("unmount %s: %v", dir, err)
		}
	})
	request := make([]byte, 16<<10)
	if n, err := unix.Read(daemon, request); err != nil || n < 16 {
		t.Fatalf("no FUSE_INIT: %d bytes, %v", n, err)
	}
	answer := make([]byte, 16+64)                              // fuse_out_header, fuse_init_out
	binary.NativeEndian.PutUint32(answer, uint32(len(answer))) //nolint:gosec // 80
	copy(answer[8:16], request[8:16])                          // unique
	binary.NativeEndian.PutUint32(answer[16:], 7)              // major
	binary.NativeEndian.PutUint32(answer[20:], 31)             // minor
	binary.NativeEndian.PutUint32(answer[16+20:], 4096)        // max_write
	if _, err := unix.Write(daemon, answer); err != nil {
		t.Fatal(err)
	}
}

// copyRoot returns a root of its own.
func copyRoot(t *testing.T, node string) string {
	t.Helper()
	root := t.TempDir()
	if err := os.CopyFS(root, os.DirFS(testroot(t, node))); err != nil {
		t.Fatal(err)
	}
	return root
}

// ends runs the program and returns what it wrote to stderr, its exit code and
// how long it took. It gets SIGTERM after a time, if that is not 0.
func ends(t *testing.T, term time.Duration, args ...string) (stderr string, code int, took time.Duration) {
	t.Helper()
	path, err := executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	var log testkit.Output
	cmd.Stderr = &log
	cmd.WaitDelay = time.Second
	began := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = cmd.Wait() // the exit code is looked at
	}()
	if term > 0 {
		time.AfterFunc(term, func() { _ = cmd.Process.Signal(unix.SIGTERM) })
	}
	select {
	case <-done:
	case <-time.After(15 * time.Second):
		_ = cmd.Process.Kill()
		<-done
		t.Fatalf("%v is still there after 15 s:\n%s", args, &log)
	}
	return log.String(), cmd.ProcessState.ExitCode(), time.Since(began)
}

// TestDiskHangs holds that a disk that does not answer costs what is on it, and
// neither the scrapes, nor the page, nor SIGTERM, nor check.
func TestDiskHangs(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{"boot", "etc", "usr/lib", "proc/1", "dev", "sys/module"} {
		t.Run(dir, func(t *testing.T) {
			t.Parallel()
			root := copyRoot(t, "debian-12-6.1")
			if err := os.RemoveAll(filepath.Join(root, dir)); err != nil {
				t.Fatal(err)
			}
			hangingDir(t, filepath.Join(root, dir))
			c := start(t, launch{}, "--path.rootfs="+root, "--collector.timeout=1s")
			url := c.address()
			client := &http.Client{Timeout: 5 * time.Second}
			for _, path := range []string{"/metrics", "/", "/metrics", "/", "/-/healthy"} {
				began := time.Now()
				response, err := client.Get(url + path)
				if err != nil {
					t.Fatalf("%s: %v", path, err)
				}
				body, err := io.ReadAll(response.Body)
				response.Body.Close()
				if err != nil || path == "/metrics" && !strings.Contains(string(body), "\nkernel_memory_total_bytes ") {
					t.Errorf("%s: %s, %v", path, response.Status, err)
				}
				t.Logf("%s: %s in %s", path, response.Status, time.Since(began).Round(time.Millisecond))
			}
			began := time.Now()
			c.stop()
			if took := time.Since(began); took > 7*time.Second {
				t.Errorf("it took %s to end after SIGTERM", took)
			}
			stderr, code, took := ends(t, 0, "check", "--path.rootfs="+root)
			if took > 10*time.Second || code < 0 || strings.Count(stderr, "\n") > 1 {
				t.Errorf("check ends with %d after %s:\n%s", code, took, stderr)
			}
			if stderr, code, took = ends(t, 300*time.Millisecond, "check", "--path.rootfs="+root); took > 2*time.Second {
				t.Errorf("check ends with %d %s after it began and got SIGTERM after 0.3 s:\n%s", code, took, stderr)
			}
		})
	}
}

// TestFileOfAFlagHangs holds that what a flag names and cannot be read, or not in
// time, or without end, is an error of one line that names the flag, and that
// SIGTERM is heeded meanwhile.
func TestFileOfAFlagHangs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"policy/kernel-4.yaml", "fifo"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		makeFIFO(t, filepath.Join(dir, name))
	}
	if err := os.Mkdir(filepath.Join(dir, "endless"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/zero", filepath.Join(dir, "endless/bugs.yaml")); err != nil {
		t.Fatal(err)
	}
	hang := filepath.Join(dir, "hang")
	hangingDir(t, hang)
	unnamed := copyRoot(t, "debian-12-6.1")
	if err := os.RemoveAll(filepath.Join(unnamed, "proc/sys/kernel")); err != nil {
		t.Fatal(err)
	}
	hangingDir(t, filepath.Join(unnamed, "proc/sys/kernel"))
	for name, flag := range map[string]string{
		"policy FIFO":         "--policy.dir=" + dir + "/policy",
		"policy without end":  "--policy.dir=" + dir + "/endless",
		"policy hangs":        "--policy.dir=" + hang,
		"web config FIFO":     "--web.config.file=" + dir + "/fifo",
		"web config hangs":    "--web.config.file=" + hang + "/web.yml",
		"web config is /dev":  "--web.config.file=/dev/zero",
		"root hangs":          "--path.rootfs=" + hang,
		"root's kernel hangs": "--path.rootfs=" + unnamed,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stderr, code, took := ends(t, 0, "serve", flag, "--web.listen-address=127.0.0.1:0")
			if want, _, _ := strings.Cut(flag, "="); code != exitUsage || !strings.Contains(stderr, want+":") || strings.Count(stderr, "\n") != 1 || took > 10*time.Second {
				t.Errorf("exit code %d after %s, want %d and one line that names %s:\n%s", code, took, exitUsage, want, stderr)
			}
			if strings.Contains(name, "hangs") {
				if _, _, took := ends(t, 300*time.Millisecond, "serve", flag, "--web.listen-address=127.0.0.1:0"); took > 2*time.Second {
					t.Errorf("SIGTERM after 0.3 s is heeded after %s", took)
				}
			}
		})
	}
}

// A state file that cannot be had costs the state and one line of the log.
func TestStateFileHangs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	hangingDir(t, filepath.Join(dir, "hang"))
	for name, file := range map[string]string{"hangs": dir + "/hang/state", "device": "/dev/zero", "directory": dir} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := start(t, launch{}, "--path.rootfs="+testroot(t, "debian-12-6.1"), "--state.file="+file)
			wantScrape(t, http.DefaultClient, c.address(), 5*time.Second)
			c.within("a word on the state file", func(metrics) bool { return strings.Contains(c.logged.String(), "level=warn") })
			c.stop()
			if n := strings.Count(c.logged.String(), "level=warn"); n != 1 {
				t.Errorf("%d warnings, want 1 on the state file:\n%s", n, c.logged)
			}
		})
	}
}

// TestStdoutStalls holds that check and print end though nobody takes what they
// print, and say so by their exit code.
func TestStdoutStalls(t *testing.T) {
	t.Parallel()
	path, err := executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		stdout string // a shell's redirection
		args   string
	}{
		"check, full disk":   {">/dev/full", "check --path.rootfs=" + testroot(t, "debian-12-6.1")},
		"print, full disk":   {">/dev/full", "print alerts"},
		"check, reader gone": {"| true", "check --format=json --path.rootfs=" + testroot(t, "debian-12-6.1")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// The exit code of the first command of a pipe.
			script := `{ "$0" ` + test.args + ` ; echo $? >&3; } 3>&2 ` + test.stdout
			if !strings.HasPrefix(test.stdout, "|") {
				script = `"$0" ` + test.args + ` ` + test.stdout + `; echo $? >&2`
			}
			cmd := exec.Command("sh", "-c", script, path)
			var log testkit.Output
			cmd.Stderr = &log
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			go func() { _ = cmd.Wait() }() // its log is looked at
			late := time.After(12 * time.Second)
			for {
				lines := strings.Fields(log.String())
				if n := len(lines); n > 0 && lines[n-1] == fmt.Sprint(exitWrite) {
					break
				}
				select {
				case <-late:
					t.Fatalf("no exit code %d within 12 s:\n%s", exitWrite, &log)
				case <-time.After(10 * time.Millisecond):
				}
			}
			_ = cmd.Process.Kill()
		})
	}
}

// SIGTERM is heeded while nobody takes what is printed.
func TestStdoutStallsAndSIGTERM(t *testing.T) {
	t.Parallel()
	path, err := executable()
	if err != nil {
		t.Fatal(err)
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	cmd := exec.Command(path, "print", "runbooks") // more than a pipe holds
	cmd.Stdout = writer
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	writer.Close()
	time.AfterFunc(500*time.Millisecond, func() { _ = cmd.Process.Signal(unix.SIGTERM) })
	late := time.AfterFunc(10*time.Second, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	_ = cmd.Wait() // the exit code is looked at
	if code := cmd.ProcessState.ExitCode(); code != exitWrite {
		t.Errorf("exit code %d, want %d", code, exitWrite)
	}
}

// TestContainerStoreHangs holds that of a store that does not answer nobody claims to
// know anything, and that nothing else waits for it.
func TestContainerStoreHangs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	hangingDir(t, dir)
	store := "--collector.dtype-paths=" + dir
	c := start(t, launch{}, store, "--collector.timeout=1s")
	for range 2 {
		m := c.scrape()
		unknown := 0.0
		for series, value := range m {
			if strings.HasPrefix(series, `kernel_policy_rule_unknown{`) && strings.Contains(series, `rule="overlayfs_d_type"`) {
				unknown = value
			}
		}
		if unknown != 1 || m.has(`kernel_policy_rule_violated{rule="overlayfs_d_type",severity="critical"}`) {
			t.Error("a store hangs, and overlayfs_d_type is not unknown")
		}
		if !m.has("kernel_memory_total_bytes") {
			t.Error("a store hangs, and there are no other metrics")
		}
	}
	began := time.Now()
	c.stop()
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("it took %s to end after SIGTERM", took)
	}
	if stderr, code, took := ends(t, 0, "check", store); code < 0 || took > 10*time.Second {
		t.Errorf("check ends with %d after %s:\n%s", code, took, stderr)
	}
}
