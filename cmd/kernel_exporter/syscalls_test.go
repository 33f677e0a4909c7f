package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"kernel_exporter/collector/testkit"
)

// watched are the system calls that start a program, open a connection, or change
// anything outside of the process. One that this machine does not have is passed over.
var watched = strings.Join([]string{
	"trace=execve", "?execveat", "?fork", "?vfork", "connect", "sendto", "sendmsg", "?sendmmsg",
	"?open", "openat", "?openat2", "?creat", "write", "pwrite64", "writev", "?pwritev", "?pwritev2", "?sendfile", "?sendfile64", "?splice", "?copy_file_range",
	"?rename", "?renameat", "?renameat2", "?unlink", "?unlinkat", "?mkdir", "?mkdirat", "?rmdir", "?link", "?linkat", "?symlink", "?symlinkat",
	"?chmod", "?fchmod", "?fchmodat", "?chown", "?fchown", "?lchown", "?fchownat", "?truncate", "?ftruncate", "?fallocate", "?mknod", "?mknodat",
	"?setxattr", "?fsetxattr", "?lsetxattr", "?utimensat", "mount", "?umount2", "ptrace", "?bpf", "?init_module", "?finit_module", "?setns", "?unshare",
}, ",")

// TestChangesNothing follows the whole life of the program by strace(1), as a unit and as
// a pod run it: it starts no program, opens no connection, and writes to nothing but its
// answers, its log and the state.
func TestChangesNothing(t *testing.T) {
	t.Parallel()
	strace := testkit.Tool(t, "strace")
	for name, args := range map[string][]string{
		"unit": {},
		"pod":  {"--path.rootfs=/", "--kmsg.source=syslog", "--collector.dtype-paths=/tmp"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			state, trace := t.TempDir(), filepath.Join(t.TempDir(), "trace")
			how := launch{under: []string{strace, "-D", "-f", "-y", "-q", "-s", "200", "-e", watched, "-o", trace}}
			c := start(t, how, append(args, "--state.file="+state+"/state")...)
			url := c.address()
			for _, path := range []string{"/metrics", "/", "/runbooks/", "/runbooks/KernelOops", "/-/ready", "/nothing", "/metrics?collect[]=nothing", "/metrics"} {
				fetch(t, url+path)
			}
			if c.within("an answer about the log", func(m metrics) bool { return m.has("kernel_log_up") })["kernel_log_up"] != 1 {
				t.Log("the kernel log cannot be read here")
			}
			c.stop()
			testkit.Eventually(t, time.Minute, testkit.Unless("the end in the trace", func() bool {
				content, err := os.ReadFile(trace)
				return err == nil && strings.Contains(string(content), "+++ exited with 0 +++")
			}))
			content, err := os.ReadFile(trace)
			if err != nil {
				t.Fatal(err)
			}
			seen := 0
			for line := range strings.Lines(string(content)) {
				seen++
				if wrong := changes(line, state); wrong != "" && (seen > 1 || wrong != "starts a program") {
					t.Errorf("%s: %s", wrong, line)
				}
			}
			if !strings.Contains(string(content), "execve(") || !strings.Contains(string(content), state+"/") {
				t.Errorf("neither its own start nor its state is in the trace of %d calls", seen)
			}
			t.Logf("%d calls", seen)
		})
	}
}

var (
	call       = regexp.MustCompile(`^\d+\s+(\w+)\((.*)`)
	descriptor = regexp.MustCompile(`^\d+<([^>]*)>`)
	quoted     = regexp.MustCompile(`"([^"]*)"`)
)

// changes returns the forbidden change that a line of strace shows, or nothing.
func changes(line, state string) string {
	m := call.FindStringSubmatch(line)
	if m == nil { // the end of a call, a signal or an exit
		return ""
	}
	name, args := m[1], m[2]
	below := func(path string) bool { return path == state || strings.HasPrefix(path, state+"/") }
	switch {
	case slices.Contains([]string{"execve", "execveat", "fork", "vfork"}, name):
		return "starts a program"
	case slices.Contains([]string{"connect", "sendto", "sendmsg", "sendmmsg"}, name):
		return "opens a connection"
	case strings.HasPrefix(name, "open"):
		if !regexp.MustCompile(`O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND`).MatchString(args) {
			return ""
		}
	case slices.Contains([]string{"write", "pwrite64", "writev", "pwritev", "pwritev2", "sendfile", "sendfile64", "splice", "ftruncate", "fallocate", "fchmod", "fchown"}, name):
		to := descriptor.FindStringSubmatch(args)
		if to == nil {
			return "writes to what strace does not name"
		}
		if below(to[1]) || regexp.MustCompile(`^(socket|pipe|anon_inode|TCP|TCPv6):`).MatchString(to[1]) {
			return ""
		}
		return "writes"
	}
	for _, path := range quoted.FindAllStringSubmatch(args, -1) {
		if !below(path[1]) {
			return "changes"
		}
	}
	return ""
}

func TestChangesIsNotBlind(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ want, line string }{
		{"starts a program", `7 execve("/bin/sh", ["sh"], 0x1 /* 9 vars */) = 0`},
		{"opens a connection", `7 connect(3<socket:[1]>, {sa_family=AF_INET, sin_port=htons(53)}, 16) = 0`},
		{"changes", `7 openat(AT_FDCWD</>, "/etc/passwd", O_WRONLY|O_CREAT|O_CLOEXEC, 0644) = 3</etc/passwd>`},
		{"", `7 openat2(5</>, "proc/slabinfo", {flags=O_RDONLY|O_CLOEXEC, resolve=RESOLVE_IN_ROOT}, 24) = 3`},
		{"changes", `7 openat2(5</>, "sys/x", {flags=O_RDWR, resolve=RESOLVE_IN_ROOT}, 24) = 3`},
		{"writes", `7 write(3</sys/fs/cgroup/memory/x>, "77", 2) = 2`},
		{"", `7 write(9<socket:[4]>, "HTTP/1.1 200 OK"..., 900 <unfinished ...>`},
		{"", `7 renameat(AT_FDCWD</>, "/state/state.tmp", AT_FDCWD</>, "/state/state") = 0`},
		{"changes", `7 renameat(AT_FDCWD</>, "/state/state.tmp", AT_FDCWD</>, "/etc/state") = 0`},
		{"changes", `7 unlink("/statement") = 0`},
		{"", `7 <... write resumed>) = 900`},
		{"", `7 +++ exited with 0 +++`},
	} {
		if got := changes(c.line, "/state"); got != c.want {
			t.Errorf("%s: %q, want %q", c.line, got, c.want)
		}
	}
}
