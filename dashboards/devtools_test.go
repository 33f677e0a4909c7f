package dashboards_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"kernel_exporter/collector/testkit"
)

// browser is a Chromium without a window, driven by the DevTools protocol over
// a pipe: messages are JSON, each ended by a zero byte. Grafana is not done when
// its page is loaded, so a plain screenshot would be of an empty page.
type browser struct {
	to      *os.File
	from    *bufio.Reader
	last    int
	session string
}

func startBrowser(t *testing.T) *browser {
	t.Helper()
	path := testkit.Tool(t, "chromium", "chromium-browser", "google-chrome")
	theirIn, to, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	from, theirOut, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), path,
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--hide-scrollbars", "--remote-debugging-pipe",
		"--user-data-dir="+filepath.Join(t.TempDir(), "profile"))
	cmd.ExtraFiles = []*os.File{theirIn, theirOut} // Chromium's 3 and 4
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	theirIn.Close()
	theirOut.Close()
	b := &browser{to: to, from: bufio.NewReader(from)}
	t.Cleanup(func() {
		_, _ = fmt.Fprintf(to, `{"id":0,"method":"Browser.close"}%c`, 0)
		_ = cmd.Wait() // it says how it was closed
		to.Close()
		from.Close()
	})
	var target struct{ TargetID string }
	b.call(t, "Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	b.call(t, "Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
	b.call(t, "Page.enable", nil, nil)
	// By default a page remembers 250 requests, and Grafana makes more.
	b.call(t, "Page.addScriptToEvaluateOnNewDocument", map[string]any{"source": "performance.setResourceTimingBufferSize(10000)"}, nil)
	return b
}

// call calls a method and waits for its answer; what Chromium tells meanwhile is
// passed over.
func (b *browser) call(t *testing.T, method string, params map[string]any, result any) {
	t.Helper()
	b.last++
	request := map[string]any{"id": b.last, "method": method, "params": params}
	if b.session != "" {
		request["sessionId"] = b.session
	}
	if params == nil {
		delete(request, "params")
	}
	message, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.to.Write(append(message, 0)); err != nil {
		t.Fatal(err)
	}
	for {
		message, err := b.from.ReadBytes(0)
		if err != nil {
			t.Fatalf("%s: %v", method, err)
		}
		var answer struct {
			ID     int
			Result json.RawMessage
			Error  struct{ Message string }
		}
		if err := json.Unmarshal(message[:len(message)-1], &answer); err != nil {
			t.Fatalf("%s: %v", method, err)
		}
		switch {
		case answer.ID != b.last:
			continue
		case answer.Error.Message != "":
			t.Fatalf("%s: %s", method, answer.Error.Message)
		case result != nil:
			if err := json.Unmarshal(answer.Result, result); err != nil {
				t.Fatalf("%s: %v", method, err)
			}
		}
		return
	}
}

// open opens a page in a window of a size.
func (b *browser) open(t *testing.T, url string, width, height int) {
	t.Helper()
	b.call(t, "Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false}, nil)
	b.call(t, "Page.navigate", map[string]any{"url": url}, nil)
}

// evaluate runs a piece of JavaScript in the page and returns its value.
func (b *browser) evaluate(t *testing.T, script string, value any) {
	t.Helper()
	var answer struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct{ Text string }
	}
	b.call(t, "Runtime.evaluate", map[string]any{"expression": script, "returnByValue": true}, &answer)
	if answer.ExceptionDetails != nil {
		t.Fatalf("%s: %s", script, answer.ExceptionDetails.Text)
	}
	if err := json.Unmarshal(answer.Result.Value, value); err != nil {
		t.Fatalf("%s: %v", script, err)
	}
}

// picture returns the upper part of the page as a PNG.
func (b *browser) picture(t *testing.T, width, height int) []byte {
	t.Helper()
	var answer struct{ Data string }
	b.call(t, "Page.captureScreenshot", map[string]any{
		"format": "png", "clip": map[string]any{"x": 0, "y": 0, "width": width, "height": height, "scale": 1},
	}, &answer)
	png, err := base64.StdEncoding.DecodeString(answer.Data)
	if err != nil {
		t.Fatal(err)
	}
	return png
}

// settled waits until a script returns the same for two seconds, and what it
// returns is not null.
func (b *browser) settled(t *testing.T, script string) {
	t.Helper()
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	end := time.After(90 * time.Second)
	before, same := "", 0
	for same < 8 {
		var now json.RawMessage
		b.evaluate(t, script, &now)
		if same++; string(now) != before || string(now) == "null" {
			same = 0
		}
		before = string(now)
		select {
		case <-tick.C:
		case <-end:
			var text string
			b.evaluate(t, "document.body.innerText", &text)
			t.Fatalf("the page does not come to rest: %s\n%s", before, text)
		}
	}
}
