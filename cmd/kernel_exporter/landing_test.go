package main

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"kernel_exporter/collector/testkit"
)

// browser returns the path of a Chromium.
func browser(t *testing.T) string {
	t.Helper()
	return testkit.Tool(t, "chromium", "chromium-browser", "google-chrome")
}

// visit lets a real browser open a page, in a window of a width and a scheme of
// colours, and returns what it makes of the document and how that looks.
func visit(t *testing.T, url string, width int, dark bool) (document string, picture image.Image) {
	t.Helper()
	chromium, dir := browser(t), t.TempDir()
	scheme := "1"
	if dark {
		scheme = "0"
	}
	options := []string{
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--hide-scrollbars", "--user-data-dir=" + filepath.Join(dir, "profile"),
		"--window-size=" + strconv.Itoa(width) + ",1200", "--blink-settings=preferredColorScheme=" + scheme,
	}
	dom := exec.CommandContext(t.Context(), chromium, append(options, "--dump-dom", url)...)
	out, err := dom.Output()
	if err != nil {
		t.Fatalf("%s: %v", chromium, err)
	}
	shot := filepath.Join(dir, "page.png")
	if out, err := exec.CommandContext(t.Context(), chromium, append(options, "--screenshot="+shot, url)...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", chromium, err, out)
	}
	b, err := os.ReadFile(shot)
	if err != nil {
		t.Fatal(err)
	}
	picture, err = png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return string(out), picture
}

// brightness is that of a pixel, from 0 to 255.
func brightness(p image.Image, x, y int) uint32 {
	r, g, b, _ := p.At(x, y).RGBA()
	return (r + g + b) / 3 >> 8
}

// TestPagesInARealBrowser opens pages on a phone, a tablet and a desk, by day and by
// night.
func TestPagesInARealBrowser(t *testing.T) {
	t.Parallel()
	browser(t)
	sick := serve(t, "--path.rootfs="+filepath.Join(testdata, "centos-7.6-3.10"))
	unknown := serve(t, "--path.rootfs="+t.TempDir())
	for name, test := range map[string]struct {
		url   string
		width int
		dark  bool
		want  []string
	}{
		"sick, on a small phone": {sick + "/", 320, false, []string{
			"unfit to run containers", "sick now", "kernel memory accounting is active", "xfs_<wbr>alloc_<wbr>deadlock", "<svg", `<a href="./runbooks/KernelNetdevLeak">`,
		}},
		"sick, on a phone at night": {sick + "/", 420, true, []string{"critical known bugs"}},
		"sick, on a desk":           {sick + "/", 1400, false, []string{"5.1 GB unreclaimable"}},
		"unknown":                   {unknown + "/", 800, true, []string{"cannot be judged", "not known to be sick or well"}},
		"runbook on a phone":        {sick + "/runbooks/KernelNetdevLeak", 320, false, []string{"<h2>Mitigation</h2>"}},
		"runbooks on a phone":       {sick + "/runbooks/", 320, true, []string{"At worst"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			document, picture := visit(t, test.url, test.width, test.dark)
			for _, want := range test.want {
				if !strings.Contains(document, want) {
					t.Errorf("the document lacks %q", want)
				}
			}
			for _, outside := range []string{"<script", "<link", "<img", "url("} {
				if strings.Contains(document, outside) {
					t.Errorf("the document has %q: it must stand alone", outside)
				}
			}
			if test.url == unknown+"/" && strings.Contains(document, `class="card good"`) {
				t.Error("something is green of a node that nothing is known of")
			}
			size := picture.Bounds().Size()
			if night := brightness(picture, 2, 2) < 64; night != test.dark {
				t.Errorf("the background's brightness is %d, want dark: %v", brightness(picture, 2, 2), test.dark)
			}
			// What is written shows, and nothing sticks out to the right.
			background, written, right := brightness(picture, 2, 2), 0, 0
			for y := range size.Y {
				for x := range size.X {
					if brightness(picture, x, y)/64 != background/64 {
						written++
						if x >= size.X-8 {
							right++
						}
					}
				}
			}
			if written < size.X*size.Y/100 || right > 0 {
				t.Errorf("%d of %d pixels are written, %d of them at the right edge", written, size.X*size.Y, right)
			}
		})
	}
}
