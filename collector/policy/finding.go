package policy

import (
	"maps"
	"slices"

	"kernel_exporter/collector/facts"
)

func kept(reason string) finding     { return finding{outcome: Kept, reason: reason} }
func violated(reason string) finding { return finding{outcome: Violated, reason: reason} }

// unknowable is a finding for what nobody can tell from the machine.
func unknowable(reason, missing string) finding {
	return finding{outcome: Unknown, cause: facts.Unknowable, reason: reason, missing: missing}
}

// notKnown is the finding where a fact has no value.
func notKnown[T any](f facts.Fact[T], what string) finding {
	return finding{outcome: Unknown, cause: f.Cause(), reason: what + " is not known", missing: f.Missing()}
}

// all is violated if one condition is, else unknown if one is.
func all(conditions []condition, c *circumstances) finding {
	var out finding
	for i, ask := range conditions {
		f := ask(c)
		switch worse := badness(f.outcome) - badness(out.outcome); {
		case i == 0 || worse > 0:
			out = f
		case worse == 0:
			out = join(out, f)
		}
	}
	return out
}

func badness(o Outcome) int { return slices.Index([]Outcome{Kept, Unknown, Violated}, o) }

// join makes one finding of two with the same outcome. Of the causes, what can be
// mended comes first.
func join(a, b finding) finding {
	a.reason = and(a.reason, b.reason)
	a.missing = and(a.missing, b.missing)
	if a.cause == facts.Unknowable {
		a.cause = b.cause
	}
	return a
}

// and puts two clauses together; the same one is said once.
func and(a, b string) string {
	switch {
	case a == "" || a == b:
		return b
	case b == "":
		return a
	default:
		return a + "; " + b
	}
}

// sortedKeys returns the keys of a map in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
