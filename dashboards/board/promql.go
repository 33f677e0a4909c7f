package board

import (
	"fmt"
	"strings"
)

// node are the labels that make out a node; cluster those of one.
const (
	node  = "job, cluster, instance"
	scope = `job=~"$job", cluster=~"$cluster"`
)

// of returns a selector of a metric in the clusters that are chosen, with more
// matchers, if any.
func of(metric string, matchers ...string) string {
	return metric + "{" + strings.Join(append([]string{scope}, matchers...), ", ") + "}"
}

// with returns an expression with a label that has a fixed value.
func with(expr, label, value string) string {
	return fmt.Sprintf(`label_replace(%s, "%s", "%s", "", "")`, expr, label, value)
}

// copied returns an expression with a label that is a copy of another, so that
// one can be shown as it is and the other as a text on it.
func copied(expr, label, from string) string {
	return fmt.Sprintf(`label_replace(%s, "%s", "$1", "%s", "(.+)")`, expr, label, from)
}

// scoped adds the label by which a link keeps the cluster, which may have no name.
func scoped(expr string) string {
	return `label_replace(` + expr + `, "scope", "var-cluster=$1", "cluster", "(.*)")`
}

// or joins expressions: what the first does not have, the second may.
func or(exprs ...string) string { return strings.Join(exprs, " or ") }

// orNone adds a value for none where an expression finds nothing although the
// recorded series are there. Where they are not, nothing is found: unknown.
func orNone(expr string) string { return orNoneOf(expr, of("cluster:kernel_nodes:count")) }

// orNoneOf is orNone where another series says that there could be something. topk
// is for VictoriaMetrics: there a comparison leaves series without a value, which
// "or" would fill. An expression that is sorted already compares nothing.
func orNoneOf(expr, known string) string {
	if !strings.HasPrefix(expr, "sort(") {
		expr = "topk(500, " + expr + ")"
	}
	return fmt.Sprintf("%s or on () (0 * count(%s) - 2)", expr, known)
}

// sum, count: all of them, by labels or as one.
func sumBy(labels, expr string) string   { return "sum by (" + labels + ") (" + expr + ")" }
func countBy(labels, expr string) string { return "count by (" + labels + ") (" + expr + ")" }
func maxBy(labels, expr string) string   { return "max by (" + labels + ") (" + expr + ")" }
func groupBy(labels, expr string) string { return "group by (" + labels + ") (" + expr + ")" }

// andNodes keeps of an expression the nodes that another finds.
func andNodes(expr, nodes string) string { return expr + " and on (" + node + ") " + nodes }

// columns joins expressions to one, in which each has its name as the label
// column: a table of one query is there as a whole or not at all.
func columns(all ...named) string {
	var parts []string
	for _, c := range all {
		parts = append(parts, with(c.expr, "column", c.name))
	}
	return or(parts...)
}

// named is an expression with the name of its column or of its line in a graph.
type named struct{ name, expr string }
