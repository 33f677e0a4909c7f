package main

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// withPipe starts the program with a pipe in place of its stderr, and returns the
// pipe's reading end and the address at which it listens.
func withPipe(t *testing.T, root string) (c *child, reader *os.File) {
	t.Helper()
	path, err := executable()
	if err != nil {
		t.Fatal(err)
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { reader.Close() })
	port := freePort(t)
	cmd := exec.Command(path, "--path.rootfs="+root, "--web.listen-address=127.0.0.1:"+port)
	cmd.Stderr = writer
	c = newChild(t, cmd)
	c.url = "http://127.0.0.1:" + port
	late := time.After(10 * time.Second)
	for {
		if response, err := http.Get(c.url + "/-/healthy"); err == nil {
			response.Body.Close()
			break
		}
		select {
		case <-late:
			t.Fatal("the program does not listen")
		case <-time.After(10 * time.Millisecond):
		}
	}
	// Full, the pipe takes no line more.
	fd := int(writer.Fd())
	if err := unix.SetNonblock(fd, true); err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := unix.Write(fd, make([]byte, 1)); err != nil {
			break
		}
	}
	if err := unix.SetNonblock(fd, false); err != nil {
		t.Fatal(err)
	}
	writer.Close()
	return c, reader
}

// failing makes the program log: its meminfo becomes one that is none, or is well
// again.
func failing(t *testing.T, root string, i int) {
	t.Helper()
	content := "MemTotal: 1 kB\n"
	if i%2 == 0 {
		content = "MemTotal: many kB\n"
	}
	if err := os.WriteFile(filepath.Join(root, "proc/meminfo"), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func smallRoot(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for path, content := range map[string]string{"proc/sys/kernel/osrelease": "6.8.0\n", "etc/os-release": "ID=debian\n"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, path)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, path), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// Whoever stops reading the log loses lines, and nothing else happens.
func TestStderrStalls(t *testing.T) {
	t.Parallel()
	root := smallRoot(t)
	c, _ := withPipe(t, root)
	for i := range 3 {
		failing(t, root, i)
		wantScrape(t, http.DefaultClient, c.url, 5*time.Second)
	}
	began := time.Now()
	c.signal(unix.SIGTERM)
	select {
	case <-c.done:
	case <-time.After(5 * time.Second):
		t.Fatal("SIGTERM is not heeded while the log is not read")
	}
	if c.p.Err() != nil {
		t.Errorf("the program ended with %v", c.p.Err())
	}
	t.Logf("ended %s after SIGTERM", time.Since(began).Round(time.Millisecond))
}

// Whoever closes the log does not end the program; the lost lines are counted.
func TestStderrIsClosed(t *testing.T) {
	t.Parallel()
	root := smallRoot(t)
	c, reader := withPipe(t, root)
	reader.Close()
	for i := range 4 {
		failing(t, root, i)
		wantScrape(t, http.DefaultClient, c.url, 5*time.Second)
	}
	late := time.After(10 * time.Second)
	for {
		body, _ := get(t, c.url+"/metrics")
		if n := parseMetrics(t, body)["kernel_exporter_log_lines_dropped_total"]; n > 0 {
			t.Logf("%v lines lost", n)
			break
		}
		select {
		case <-late:
			t.Fatal("no lost line is counted")
		case <-time.After(10 * time.Millisecond):
		}
	}
	c.signal(unix.SIGTERM)
	<-c.done
	if c.p.Err() != nil {
		t.Errorf("the program ended with %v", c.p.Err())
	}
}

// freePort returns a port that nobody listens on.
func freePort(t *testing.T) string {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	name, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	address, ok := name.(*unix.SockaddrInet4)
	if !ok {
		t.Fatalf("%T is no address", name)
	}
	return strconv.Itoa(address.Port)
}

// A line queue drops what nobody takes, says how much, and loses nothing else.
func TestLineQueue(t *testing.T) {
	t.Parallel()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	q := newLineQueue(writer)
	line := strings.Repeat("x", 1023) + "\n"
	const lines = 3000
	for range lines {
		if n, err := q.Write([]byte(line)); n != len(line) || err != nil {
			t.Fatalf("Write returned %d, %v", n, err)
		}
	}
	got := make(chan int)
	go func() {
		n, b := 0, make([]byte, 4096)
		for {
			m, err := reader.Read(b)
			n += m
			if err != nil {
				got <- n
				return
			}
		}
	}()
	q.Flush(10 * time.Second)
	writer.Close()
	if n := <-got/len(line) + int(q.Dropped()); n != lines || q.Dropped() == 0 {
		t.Errorf("%d lines are read or dropped, %d dropped, of %d", n, q.Dropped(), lines)
	}
}
