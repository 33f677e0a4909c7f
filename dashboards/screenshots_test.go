package dashboards_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"kernel_exporter/collector/testkit"
)

// setting returns what make screenshots hands down, or a default.
func setting(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

// TestScreenshots takes the pictures of README.md and docs: the dashboards in a
// real Grafana, as whole pages, of a fleet that has lived for a while. It looks for
// what no picture may show, too.
func TestScreenshots(t *testing.T) {
	t.Parallel()
	nodes := setting("SCREENSHOTS", "")
	if nodes == "" {
		t.Skip("make screenshots takes them")
	}
	wait, err := time.ParseDuration(setting("WAIT", "6m"))
	if err != nil {
		t.Fatal(err)
	}
	p := startFleet(t, 15*time.Second, "--nodes="+nodes, "--speed="+setting("SPEED", "60"))
	grafana := startGrafana(t, p)
	t.Logf("Grafana is at %s; pictures will be taken in %s", grafana, wait)
	select {
	case <-time.After(wait):
	case <-t.Context().Done():
	}
	worst := p.eventually(t, `topk(1, sum by (instance) (instance_severity:kernel_node_sick:bool{severity="critical"} * 100 or kernel_policy_rule_violated{severity="critical"}))`)[0].Metric["instance"]
	unknown := p.eventually(t, `topk(1, count by (instance) (kernel_policy_rule_unknown{cause="unreadable"}))`)[0].Metric["instance"]

	b := startBrowser(t)
	for _, shot := range []struct {
		name, path string
		width      int
	}{
		{"fleet", "kernel-exporter-fleet?var-back=15m", 1400},
		{"node", "kernel-exporter-node?var-instance=" + worst, 1400},
		{"fleet-narrow", "kernel-exporter-fleet?var-back=15m", 800},
		{"node-narrow", "kernel-exporter-node?var-instance=" + worst, 800},
		{"node-unknown", "kernel-exporter-node?var-instance=" + unknown, 1400},
		{"matching", "kernel-exporter-fleet?viewPanel=100&var-rule=kubernetes_1_34&var-rule=cgroup_v2", 1400},
	} {
		for _, theme := range []string{"light", "dark"} {
			url := fmt.Sprintf("%s/d/%s&kiosk&from=now-%ds&to=now&theme=%s", grafana, shot.path, int(wait.Seconds()), theme)
			content := takePicture(t, b, url, shot.width)
			file := filepath.Join(setting("ALL", t.TempDir()), shot.name+"-"+theme+".png") // to look at, not to keep
			if (shot.name == "fleet" || shot.name == "node") && theme == "light" {
				file = filepath.Join("..", "docs", "pictures", shot.name+".png")
				if len(content) > 300_000 {
					t.Errorf("%s has %d bytes: it would swell the repository", file, len(content))
				}
			}
			if err := os.WriteFile(file, content, 0o644); err != nil { //nolint:gosec // a file of the repository
				t.Fatal(err)
			}
		}
	}
}

// takePicture opens a dashboard, waits until every panel has its answer, and
// takes a picture of all of it.
func takePicture(t *testing.T, b *browser, url string, width int) []byte {
	t.Helper()
	const tall = 6000 // panels that cannot be seen ask for nothing
	b.open(t, url, width, tall)
	b.settled(t, `(() => {
		const panels = document.querySelectorAll('.react-grid-item').length;
		const loading = document.querySelectorAll('[aria-label="Panel loading bar"]').length;
		const asked = performance.getEntriesByType('resource').filter(r => r.name.includes('/api/ds/query')).length;
		return panels && asked && !loading ? [panels, asked, document.body.innerText.length] : null;
	})()`)
	var page struct {
		Text   string
		Bottom float64
		Slow   float64
	}
	b.evaluate(t, `({
		text: document.body.innerText,
		bottom: Math.max(...[...document.querySelectorAll('.react-grid-item')].map(i => i.getBoundingClientRect().bottom)),
		slow: Math.max(...performance.getEntriesByType('resource').filter(r => r.name.includes('/api/ds/query')).map(r => r.duration)),
	})`, &page)
	t.Logf("%s, %d wide: the slowest query took %.0f ms", url, width, page.Slow)
	for _, bad := range []string{"No data", "NaN", "undefined", "Panel plugin not found", "An unexpected error"} {
		if strings.Contains(page.Text, bad) {
			t.Errorf("%s, %d wide: says %q", url, width, bad)
		}
	}
	picture, err := png.Decode(bytes.NewReader(b.picture(t, width, max(int(page.Bottom)+8, 400))))
	if err != nil {
		t.Fatal(err)
	}
	return encode(t, picture)
}

// encode writes a PNG as small as can be: with the 256 commonest colours, after
// shades that no eye tells apart have become one.
func encode(t *testing.T, picture image.Image) []byte {
	t.Helper()
	b := picture.Bounds()
	coarse := func(x, y int) color.RGBA {
		shade := func(c uint32) uint8 { return uint8((c >> 11) * 255 / 31) } //nolint:gosec // 16 bits become 5, and they 8
		red, green, blue, _ := picture.At(x, y).RGBA()
		return color.RGBA{shade(red), shade(green), shade(blue), 255}
	}
	count := map[color.RGBA]int{}
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			count[coarse(x, y)]++
		}
	}
	commonest := slices.SortedFunc(maps.Keys(count), func(a, b color.RGBA) int { return count[b] - count[a] })
	var palette color.Palette
	for _, c := range commonest[:min(len(commonest), 256)] {
		palette = append(palette, c)
	}
	nearest := map[color.RGBA]uint8{}
	for c := range count {
		nearest[c] = uint8(palette.Index(c)) //nolint:gosec // at most 256
	}
	reduced := image.NewPaletted(b, palette)
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			reduced.SetColorIndex(x, y, nearest[coarse(x, y)])
		}
	}
	var buffer bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&buffer, reduced); err != nil {
		t.Fatal(err)
	}
	return buffer.Bytes()
}

// writeForAnyGrafana writes the dashboards with what Grafana 9 calls otherwise, too,
// since that can be built where no newer one is to be had: colours of cells.
func writeForAnyGrafana(t *testing.T, dir string) {
	t.Helper()
	cell := regexp.MustCompile(`\{"id":"custom.cellOptions","value":\{"type":"([a-z-]+)"[^}]*\}\}`)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range files() {
		content = cell.ReplaceAll(content, []byte(`$0,{"id":"custom.displayMode","value":"$1"}`))
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// startGrafana starts the Grafana of GRAFANA_HOME, or else the one on PATH, with
// the dashboards and a Prometheus, and returns its address.
func startGrafana(t *testing.T, p prometheus) string {
	t.Helper()
	home := setting("GRAFANA_HOME", "/usr/share/grafana")
	path := testkit.Tool(t, filepath.Join(home, "bin", "grafana"), "grafana")
	dir := t.TempDir()
	dashboards := filepath.Join(dir, "dashboards")
	writeForAnyGrafana(t, dashboards)
	for name, content := range map[string]string{
		"datasources/prometheus.yaml": fmt.Sprintf(`
apiVersion: 1
datasources: [{name: Prometheus, uid: prometheus, type: prometheus, access: proxy, url: "http://%s", isDefault: true, jsonData: {timeInterval: 15s, httpMethod: POST}}]
`, p.address),
		"dashboards/kernel.yaml": fmt.Sprintf(`
apiVersion: 1
providers: [{name: kernel, type: file, options: {path: %q}}]
`, dashboards),
	} {
		file := filepath.Join(dir, "provisioning", name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	listener.Close() // Grafana does not tell which port it took

	cmd := exec.CommandContext(t.Context(), path, "server", "--homepath", home)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(),
		"GF_PATHS_DATA="+filepath.Join(dir, "data"), "GF_PATHS_LOGS="+filepath.Join(dir, "logs"),
		"GF_PATHS_PLUGINS="+filepath.Join(dir, "plugins"), "GF_PATHS_PROVISIONING="+filepath.Join(dir, "provisioning"),
		"GF_SERVER_HTTP_ADDR=127.0.0.1", "GF_SERVER_HTTP_PORT="+port,
		"GF_AUTH_ANONYMOUS_ENABLED=true", "GF_AUTH_DISABLE_LOGIN_FORM=true",
		"GF_ANALYTICS_REPORTING_ENABLED=false", "GF_ANALYTICS_CHECK_FOR_UPDATES=false", "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES=false",
		"GF_NEWS_NEWS_FEED_ENABLED=false", "GF_LOG_MODE=file")
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 20 * time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Cancel()
		_ = cmd.Wait() // a signal ends it
	})
	address := "http://127.0.0.1:" + port
	eventually(t, "Grafana has the dashboards", func() bool {
		return ready(t.Context(), address+"/api/dashboards/uid/kernel-exporter-fleet") && ready(t.Context(), address+"/api/dashboards/uid/kernel-exporter-node")
	})
	return address
}
