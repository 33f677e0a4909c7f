package main

import (
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"kernel_exporter/collector/testkit"
)

// TestBasicAuth holds that the toolkit's web configuration guards every page.
func TestBasicAuth(t *testing.T) {
	t.Parallel()
	config := filepath.Join(t.TempDir(), "web.yml")
	// The password is "wonderland".
	users := "basic_auth_users:\n  alice: $2b$05$4BF.j4sFk6I8XoyxdpCF7.Bc.DZkRoX03K0Wq0VvedLI6T7m5kOee\n"
	if err := os.WriteFile(config, []byte(users), 0o600); err != nil {
		t.Fatal(err)
	}
	url := serve(t, "--path.rootfs="+testdata+"/debian-12-6.1", "--web.config.file="+config)
	for _, path := range []string{"/", "/metrics", "/-/healthy"} {
		if status, _, _ := fetch(t, url+path); status != http.StatusUnauthorized {
			t.Errorf("GET %s without a password: status %d, want 401", path, status)
		}
	}
}

// TestSocketActivation hands the program a socket as systemd does
// (sd_listen_fds(3)): the first free descriptor, and the environment of the
// process that will use it.
func TestSocketActivation(t *testing.T) {
	t.Parallel()
	path, err := executable()
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	socket, err := listener.File()
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()

	var stderr testkit.Output
	cmd := exec.CommandContext(t.Context(), "sh", "-c", `LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" --web.systemd-socket --path.rootfs="$1"`,
		path, testdata+"/debian-12-6.1")
	cmd.Stderr = &stderr
	cmd.ExtraFiles = []*os.File{socket}
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	socket.Close()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // killed when the test ends
	}()
	if got := waitForAddress(t, &stderr, ended); got != "http://"+address {
		t.Errorf("the program listens on %s, not on the socket it was given, %s", got, address)
	}
	get(t, "http://"+address+"/-/healthy")
}
