package board_test

import (
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"kernel_exporter/alerts"
	"kernel_exporter/collector/collectortest"
	"kernel_exporter/dashboards/board"
)

// TestGoldenDashboards: the files are what the code makes; make golden writes them.
func TestGoldenDashboards(t *testing.T) {
	t.Parallel()
	texts, err := board.Load()
	if err != nil {
		t.Fatal(err)
	}
	for file, dashboard := range map[string]board.Dashboard{"../fleet.json": board.Fleet(texts), "../node.json": board.Node(texts)} {
		content, err := dashboard.JSON()
		if err != nil {
			t.Fatal(err)
		}
		collectortest.Compare(t, file, string(content))
	}
}

// TestThresholdsAreThoseOfTheAlerts: what is red on the page is what pages.
func TestThresholdsAreThoseOfTheAlerts(t *testing.T) {
	t.Parallel()
	content, err := alerts.DefaultConfig()
	if err != nil {
		t.Fatal(err)
	}
	type thresholds struct {
		Share float64
		Wait  string
	}
	var config struct {
		Alerts map[string]struct {
			Thresholds thresholds
			Critical   struct{ Thresholds thresholds }
		}
	}
	if err := yaml.Unmarshal(content, &config); err != nil {
		t.Fatal(err)
	}
	slab, wait := config.Alerts["KernelSlabUnreclaimableHigh"], config.Alerts["KernelNetdevLeak"]
	for name, got := range map[string]struct{ alert, board float64 }{
		"slab, warning":  {slab.Thresholds.Share, board.SlabWarning},
		"slab, critical": {slab.Critical.Thresholds.Share, board.SlabCritical},
		"wait, warning":  {seconds(t, wait.Thresholds.Wait), board.WaitWarning},
		"wait, critical": {seconds(t, wait.Critical.Thresholds.Wait), board.WaitCritical},
	} {
		if got.alert != got.board {
			t.Errorf("%s: the alert has %g, the dashboards %g", name, got.alert, got.board)
		}
	}
}

func seconds(t *testing.T, duration string) float64 {
	t.Helper()
	d, err := time.ParseDuration(duration)
	if err != nil {
		t.Fatal(err)
	}
	return d.Seconds()
}
