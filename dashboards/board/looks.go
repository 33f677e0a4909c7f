package board

import "strconv"

// Colours. Grey is for what is unknown, blue for what is worth knowing; text is
// that of words, which says nothing.
const (
	red    = "red"
	orange = "orange"
	yellow = "yellow"
	green  = "green"
	blue   = "blue"
	grey   = "#6e7787"
	text   = "text"
	hole   = "transparent"
)

// Words that stand for a number where it is not known, or is zero.
const (
	unknown = "unknown"
	none    = "none"
)

// From where on a leak is bad, as the alerts have it by default: the share of memory
// in slab that cannot be taken back, and the seconds of a wait for a network device.
const (
	SlabWarning  = 0.2
	SlabCritical = 0.4
	WaitWarning  = 120
	WaitCritical = 600
)

// What queries return in place of a number.
const (
	isUnknown = -1
	isNone    = -2
)

// words maps values to words, in this order.
type words []struct {
	value, text, colour string
}

func (w words) mappings() []Mapping {
	m := Mapping{Type: "value", Options: map[string]Result{}}
	for i, one := range w {
		m.Options[one.value] = Result{Text: one.text, Color: one.colour, Index: i}
	}
	return []Mapping{m}
}

// numbers has words for the values that stand for none and for unknown, and for
// 0 in a colour.
func numbers(zero string) []Mapping {
	return words{
		{"0", none, zero},
		{strconv.Itoa(isUnknown), unknown, grey},
		{strconv.Itoa(isNone), none, zero},
	}.mappings()
}

// severities are those of rules, bugs, events and alerts, by name.
func severities() []Mapping {
	return words{{"critical", "critical", red}, {"warning", "warning", orange}, {"info", "info", blue}}.mappings()
}

// yesNo has words for 1 and 0.
func yesNo(yes, no string) []Mapping {
	return words{{"1", "yes", yes}, {"0", "no", no}, {strconv.Itoa(isUnknown), unknown, grey}}.mappings()
}

// steps are thresholds: a colour for what is below all, and then colours with the
// values from which on they count.
func steps(lowest string, more ...step) *Thresholds {
	t := &Thresholds{Mode: "absolute", Steps: []Step{{Color: lowest}}}
	for _, s := range more {
		t.Steps = append(t.Steps, Step{Color: s.colour, Value: new(s.from)})
	}
	return t
}

type step struct {
	from   float64
	colour string
}

// bad is for a number of things that should be none: grey where it is unknown,
// else green for 0 and a colour from 1 on.
func bad(colour string) *Thresholds { return steps(grey, step{0, green}, step{1, colour}) }

// some is the same for a column: what is not there needs no colour.
func some(colour string) *Thresholds { return steps(text, step{1, colour}) }

func fixed(colour string) *Color { return &Color{Mode: "fixed", FixedColor: colour} }

func byThresholds() *Color { return &Color{Mode: "thresholds"} }
