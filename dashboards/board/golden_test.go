package board_test

import (
	"testing"

	"kernel_exporter/collector/collectortest"
	"kernel_exporter/dashboards/board"
)

// TestGoldenDashboards: the files are what the code makes; make golden writes them.
func TestGoldenDashboards(t *testing.T) {
	t.Parallel()
	texts, err := board.Load("../../alerts/runtimes.yaml")
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
