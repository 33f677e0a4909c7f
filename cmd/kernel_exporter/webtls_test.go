package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"kernel_exporter/collector/testkit"
)

// An authority signs certificates.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  []byte
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t}
	a.cert = &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	a.key, a.pem = a.sign(a.cert, a.cert, nil)
	return a
}

// sign returns a new key, and a certificate of it; the authority's own has no signer.
func (a *authority) sign(certificate, by *x509.Certificate, signer *ecdsa.PrivateKey) (*ecdsa.PrivateKey, []byte) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	if signer == nil {
		signer = key
	}
	der, err := x509.CreateCertificate(rand.Reader, certificate, by, key.Public(), signer)
	if err != nil {
		a.t.Fatal(err)
	}
	return key, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// issue writes a certificate for 127.0.0.1 and its key to files of a directory.
func (a *authority) issue(dir, name string, change func(*x509.Certificate)) tls.Certificate {
	a.t.Helper()
	certificate := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if change != nil {
		change(certificate)
	}
	key, cert := a.sign(certificate, a.cert, a.key)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	private := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	writeFiles(a.t, dir, map[string]string{name + ".crt": string(cert), name + ".key": string(private)})
	pair, err := tls.X509KeyPair(cert, private)
	if err != nil {
		a.t.Fatal(err)
	}
	return pair
}

func writeFiles(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// client trusts the authority, and shows a certificate if there is one.
func (a *authority) client(certificates ...tls.Certificate) *http.Client {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(a.pem)
	return &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, Certificates: certificates}}}
}

func expired(c *x509.Certificate) {
	c.NotBefore, c.NotAfter = time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour)
}

// TestCertificates has clients with and without a certificate ask for metrics, and with a
// password.
func TestCertificates(t *testing.T) {
	t.Parallel()
	ours, others := newAuthority(t), newAuthority(t)
	dir := t.TempDir()
	ours.issue(dir, "server", nil)
	good := ours.issue(dir, "good", nil)
	late := ours.issue(dir, "late", expired)
	foreign := others.issue(dir, "foreign", nil)
	writeFiles(t, dir, map[string]string{
		"ca.crt": string(ours.pem),
		// The password is "wonderland".
		"web.yml": `tls_server_config: {cert_file: server.crt, key_file: server.key, client_ca_file: ca.crt, client_auth_type: RequireAndVerifyClientCert}
basic_auth_users: {alice: $2b$05$4BF.j4sFk6I8XoyxdpCF7.Bc.DZkRoX03K0Wq0VvedLI6T7m5kOee}
`,
	})
	c := start(t, launch{}, "--path.rootfs="+testroot(t, "debian-12-6.1"), "--web.config.file="+filepath.Join(dir, "web.yml"))
	url := "https://" + strings.TrimPrefix(c.address(), "http://") + "/metrics"
	for name, test := range map[string]struct {
		client   *http.Client
		password string
		status   int // 0: no answer
	}{
		"good":                          {ours.client(good), "wonderland", http.StatusOK},
		"a wrong password":              {ours.client(good), "looking-glass", http.StatusUnauthorized},
		"no password":                   {ours.client(good), "", http.StatusUnauthorized},
		"no client certificate":         {ours.client(), "wonderland", 0},
		"an expired client certificate": {ours.client(late), "wonderland", 0},
		"another authority's":           {ours.client(foreign), "wonderland", 0},
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		if test.password != "" {
			request.SetBasicAuth("alice", test.password)
		}
		response, err := test.client.Do(request)
		if test.status == 0 {
			if err == nil {
				t.Errorf("%s: %s", name, response.Status)
				response.Body.Close()
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		response.Body.Close()
		if response.StatusCode != test.status {
			t.Errorf("%s: %s, want %d", name, response.Status, test.status)
		}
	}
	c.stop()
	if log := c.logged.String(); strings.Count(log, "\n") > 10 || strings.Contains(log, "wonderland") || strings.Contains(log, "looking-glass") {
		t.Errorf("the log has\n%s", log)
	}
}

// A client that checks the server refuses what is expired or of another name; a
// certificate that is replaced is used without a restart.
func TestServerCertificateIsReadAgain(t *testing.T) {
	t.Parallel()
	a, dir := newAuthority(t), t.TempDir()
	a.issue(dir, "server", expired)
	writeFiles(t, dir, map[string]string{"web.yml": "tls_server_config: {cert_file: server.crt, key_file: server.key}\n"})
	c := start(t, launch{}, "--path.rootfs="+testroot(t, "debian-12-6.1"), "--web.config.file="+filepath.Join(dir, "web.yml"))
	url := "https://" + strings.TrimPrefix(c.address(), "http://") + "/metrics"
	ask := func() error {
		response, err := a.client().Get(url)
		if err == nil {
			response.Body.Close()
		}
		return err
	}
	if err := ask(); err == nil || !strings.Contains(err.Error(), "expired") {
		t.Errorf("an expired certificate: %v", err)
	}
	a.issue(dir, "server", func(c *x509.Certificate) { c.IPAddresses, c.DNSNames = nil, []string{"elsewhere.example"} })
	if err := ask(); err == nil || !strings.Contains(err.Error(), "127.0.0.1") {
		t.Errorf("a certificate of another name: %v", err)
	}
	a.issue(dir, "server", nil)
	if err := ask(); err != nil {
		t.Errorf("a good certificate: %v", err)
	}
}

// TestThousandScrapes holds that too many scrapes at once are refused, by 503 or a closed
// connection, and that the next one is answered.
func TestThousandScrapes(t *testing.T) {
	t.Parallel()
	c := start(t, launch{}, "--path.rootfs="+testroot(t, "debian-12-6.1"))
	url := c.address()
	before := c.resources()
	client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}
	statuses, ready := make(chan int, 1000), make(chan struct{})
	var asked sync.WaitGroup
	for range cap(statuses) {
		asked.Go(func() {
			<-ready
			response, err := client.Get(url + "/metrics")
			if err != nil {
				statuses <- 0
				return
			}
			defer response.Body.Close()
			if _, err := io.Copy(io.Discard, response.Body); err != nil {
				statuses <- 0
				return
			}
			statuses <- response.StatusCode
		})
	}
	close(ready)
	asked.Wait()
	close(statuses)
	count := map[int]int{}
	for status := range statuses {
		count[status]++
	}
	if count[http.StatusOK] == 0 || count[http.StatusOK]+count[http.StatusServiceUnavailable]+count[0] != cap(statuses) {
		t.Errorf("answers by status: %v", count)
	}
	wantScrape(t, http.DefaultClient, url, 10*time.Second)
	testkit.Eventually(t, time.Minute, testkit.Unless("the end of what the clients began", func() bool {
		return c.scrape()["go_goroutines"] <= before.goroutines+mayGrowByCount
	}))
	c.resources().notAbove(t, before)
	if log := c.logged.String(); strings.Count(log, "\n") > 20 {
		t.Errorf("the log has %d lines:\n%.2000s", strings.Count(log, "\n"), log)
	}
	t.Logf("answers by status: %v", count)
}

// Error pages are read by whoever can reach the port: they say nothing of the node.
func TestErrorPagesSayNothingOfTheNode(t *testing.T) {
	t.Parallel()
	root := testroot(t, "debian-12-6.1")
	url := serve(t, "--path.rootfs="+root)
	name, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []struct{ method, path string }{
		{http.MethodGet, "/nothing"},
		{http.MethodGet, "/runbooks/Nothing"},
		{http.MethodGet, "/metrics?collect[]=nothing"},
		{http.MethodPost, "/metrics"},
		{http.MethodGet, "/-/nothing"},
		{http.MethodGet, "/runbooks/../../etc/passwd"},
		{http.MethodDelete, "/"},
		{http.MethodGet, "/debug/pprof/"},
	} {
		request, err := http.NewRequestWithContext(t.Context(), r.method, url+r.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || response.StatusCode < 400 {
			t.Errorf("%s %s: %s, %v", r.method, r.path, response.Status, err)
		}
		for _, secret := range []string{root, "6.1.", "Debian", "debian", name + "\n", "go1.", ".go:", "goroutine"} {
			if strings.Contains(string(body), secret) {
				t.Errorf("%s %s says %q:\n%s", r.method, r.path, secret, body)
			}
		}
		if len(body) > 2000 {
			t.Errorf("%s %s: a page of %d bytes", r.method, r.path, len(body))
		}
	}
}
