package main

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/testkit"
)

// smallMemory returns how to start the program in a memory cgroup of 64 MB, which
// the kernel enforces by killing it.
func smallMemory(t *testing.T) launch {
	t.Helper()
	needRoot(t)
	const limit = "67108864"
	parent, file := "", ""
	if dir, err := hierarchy(t, "memory"); err == nil {
		parent, file = dir, "memory.limit_in_bytes"
	} else if dir := mountedAt(t, "cgroup2", "rw"); dir != "" {
		parent, file = dir, "memory.max"
	}
	dir, err := os.MkdirTemp(parent, "kernel_exporter-test-") //nolint:usetesting // a cgroup
	if err != nil || parent == "" {
		testkit.Missing(t, "needs a memory cgroup: %v", err)
	}
	t.Cleanup(func() {
		if err := os.Remove(dir); err != nil {
			t.Error(err)
		}
	})
	set(t, filepath.Join(dir, file), limit)
	procs := filepath.Join(dir, "cgroup.procs")
	return launch{under: []string{"/bin/sh", "-c", `echo $$ >"$0" && exec "$@"`, procs}}
}

// dial opens a connection that takes in next to nothing unless it is read.
func dial(t *testing.T, url string) net.Conn {
	t.Helper()
	d := net.Dialer{Timeout: 10 * time.Second, Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) { _ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, 2048) })
	}}
	conn, err := d.DialContext(t.Context(), "tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// send sends without waiting for a reader that has stalled.
func send(t *testing.T, conn net.Conn, request string) {
	t.Helper()
	if err := conn.SetWriteDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(conn, request) // the program may have closed the connection
}

// wantScrape fails the test unless an honest scrape is answered within a time.
func wantScrape(t *testing.T, client *http.Client, url string, limit time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK || !strings.Contains(string(body), "\nkernel_version_major ") {
		t.Fatalf("an honest scrape is answered with %s, %v", response.Status, err)
	}
}

// Clients that ask and never read hold none of the places that scrapes have.
func TestClientsThatReadNothing(t *testing.T) {
	t.Parallel()
	c := start(t, launch{}, "--path.rootfs="+testroot(t, "debian-12-6.1"), "--web.max-requests=10")
	url := c.address()
	for range 40 {
		send(t, dial(t, url), strings.Repeat("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", 500))
	}
	for range 3 {
		<-time.After(500 * time.Millisecond)
		wantScrape(t, http.DefaultClient, url, 5*time.Second)
	}
}

// Nor does an HTTP/2 client whose window is shut.
func TestHTTP2ClientWithoutWindow(t *testing.T) {
	t.Parallel()
	c := start(t, launch{}, "--path.rootfs="+testroot(t, "debian-12-6.1"), "--web.max-requests=10", "--web.config.file="+tlsConfig(t))
	address := strings.TrimPrefix(c.address(), "http://")
	conn, err := (&tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}}}).DialContext(t.Context(), "tcp", address) //nolint:gosec // our own certificate
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	frame := func(kind, flags byte, stream uint32, payload string) string {
		header := binary.BigEndian.AppendUint32(nil, uint32(len(payload)))
		return string(binary.BigEndian.AppendUint32(append(header[1:], kind, flags), stream)) + payload
	}
	// SETTINGS_INITIAL_WINDOW_SIZE 0, and GET /metrics forty times (RFC 9113, 7541).
	send(t, conn, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"+frame(4, 0, 0, "\x00\x04\x00\x00\x00\x00"))
	for i := range uint32(40) {
		send(t, conn, frame(1, 5, 1+2*i, "\x82\x04\x08/metrics\x87\x01\x01x"))
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} //nolint:gosec // likewise
	for range 3 {
		<-time.After(500 * time.Millisecond)
		wantScrape(t, client, "https://"+address, 5*time.Second)
	}
}

// tlsConfig returns a web configuration with a certificate of its own.
func tlsConfig(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	certificate := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, certificate, certificate, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, content := range map[string][]byte{
		"cert.pem": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		"key.pem":  pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}),
		"web.yml":  []byte("tls_server_config: {cert_file: cert.pem, key_file: key.pem}\n"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "web.yml")
}

// TestConnectionsInLittleMemory holds that in a container of 64 MB no client gets
// the program killed, and that an honest scrape is answered meanwhile.
func TestConnectionsInLittleMemory(t *testing.T) {
	t.Parallel()
	header := strings.Repeat("X-Filler: "+strings.Repeat("a", 1000)+"\r\n", 980)
	for name, attack := range map[string]struct {
		connections int
		request     string
	}{
		"idle":        {2000, "GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n"},
		"half":        {2000, "GET /metrics HTTP/1.1\r\nHost: x\r\nX: "},
		"large":       {100, "GET /-/healthy HTTP/1.1\r\nHost: x\r\n" + header},
		"body":        {2000, "GET /-/healthy HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n"},
		"pages":       {500, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"},
		"many at all": {500, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := start(t, smallMemory(t), "--path.rootfs="+testroot(t, "centos-7.6-3.10"))
			url := c.address()
			for range attack.connections {
				send(t, dial(t, url), attack.request)
			}
			wantScrape(t, http.DefaultClient, url, 10*time.Second)
			c.stop()
		})
	}
}

// A header that is too large is refused before it is kept.
func TestHeaderIsBounded(t *testing.T) {
	t.Parallel()
	url := serve(t, "--path.rootfs="+testdata+"/debian-12-6.1")
	for size, want := range map[int]int{12 << 10: http.StatusOK, 21 << 10: http.StatusRequestHeaderFieldsTooLarge} {
		if status, _, _ := fetch(t, url+"/-/healthy", "X-Filler", strings.Repeat("a", size)); status != want {
			t.Errorf("a header of %d bytes: status %d, want %d", size, status, want)
		}
	}
}

// A client that hangs up is no error of the program's, and costs no line of the
// log unless somebody asks for them.
func TestHangingUpCostsNoLogLine(t *testing.T) {
	t.Parallel()
	for level, most := range map[string]int{"info": 0, "debug": 30} {
		t.Run(level, func(t *testing.T) {
			t.Parallel()
			c := start(t, launch{}, "--path.rootfs="+testroot(t, "debian-12-6.1"), "--log.level="+level)
			url := c.address()
			testkit.Eventually(t, promised, func() string {
				if !strings.Contains(c.logged.String(), "TLS is disabled") { // the last line of a start
					return "the program has not said how it listens"
				}
				return ""
			})
			before := strings.Count(c.logged.String(), "\n")
			for range 30 {
				conn := dial(t, url)
				if tcp, ok := conn.(*net.TCPConn); !ok || tcp.SetLinger(0) != nil {
					t.Fatalf("%T cannot hang up", conn)
				}
				send(t, conn, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
				conn.Close()
			}
			wantScrape(t, http.DefaultClient, url, 5*time.Second)
			if lines := strings.Count(c.logged.String(), "\n") - before; lines > most {
				t.Errorf("%d lines of 30 hang-ups, want at most %d:\n%s", lines, most, c.logged)
			}
			c.stop()
		})
	}
}

// What net/http has to say goes through the program's own log.
func TestHTTPErrorsAreLogged(t *testing.T) {
	t.Parallel()
	c := start(t, launch{}, "--path.rootfs="+testroot(t, "debian-12-6.1"), "--web.config.file="+tlsConfig(t), "--log.level=debug")
	conn := dial(t, c.address())
	send(t, conn, "GET / HTTP/1.1\r\n\r\n")
	_, _ = bufio.NewReader(conn).ReadString('\n') // until the program has answered
	c.stop()
	log := c.logged.String()
	if !strings.Contains(log, `msg="http server" err="http: TLS handshake error`) {
		t.Errorf("the log does not say that a client speaks no TLS:\n%s", log)
	}
	for line := range strings.Lines(log) {
		if !strings.HasPrefix(line, "ts=") && !strings.HasPrefix(line, "level=") && !strings.HasPrefix(line, "time=") {
			t.Errorf("not a line of our log: %s", line)
		}
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	url := serve(t, "--path.rootfs="+testdata+"/debian-12-6.1")
	for _, path := range []string{"/metrics", "/", "/-/healthy", "/runbooks/"} {
		for method, want := range map[string]int{
			http.MethodGet: 200, http.MethodHead: 200, http.MethodPut: 405, http.MethodDelete: 405, http.MethodPost: 405,
		} {
			request, err := http.NewRequestWithContext(t.Context(), method, url+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if response.StatusCode != want {
				t.Errorf("%s %s: %s, want %d", method, path, response.Status, want)
			}
			if allow := response.Header.Get("Allow"); want == 405 && !strings.Contains(allow, "GET") {
				t.Errorf("%s %s: Allow is %q", method, path, allow)
			}
		}
	}
}

// testroot returns the absolute path of a recorded root: a process that a test
// starts has / as its directory.
func testroot(t *testing.T, node string) string {
	t.Helper()
	root, err := filepath.Abs(filepath.Join(testdata, node))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(root); err != nil {
		t.Fatal(fmt.Errorf("no such node: %w", err))
	}
	return root
}
