// Package dashboards carries the project's dashboards for Grafana: one of the
// whole fleet and one of a node. They are files, which Grafana imports as they
// are, and are built into the program, so that they always fit the metrics that
// it serves.
package dashboards

import (
	"bytes"
	_ "embed"
)

var (
	//go:embed fleet.json
	fleet []byte
	//go:embed node.json
	node []byte
)

// Fleet returns the dashboard of the fleet, as JSON: how many nodes are unfit,
// sick or unknown, where, and why.
func Fleet() []byte { return bytes.Clone(fleet) }

// Node returns the dashboard of one node, as JSON: its verdict with the
// reasons, whether it is sick, and how far its log can be trusted.
func Node() []byte { return bytes.Clone(node) }
