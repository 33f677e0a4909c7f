package host

// Answer is a fact with three values. The zero value is [Unknown].
type Answer int8

// The values of an [Answer].
const (
	Unknown Answer = iota
	No
	Yes
)

// Known says whether the answer is Yes or No.
func (a Answer) Known() bool { return a != Unknown }

// String returns "unknown", "no" or "yes".
func (a Answer) String() string {
	switch a {
	case No:
		return "no"
	case Yes:
		return "yes"
	default:
		return "unknown"
	}
}

// AnswerOf turns a known truth into an [Answer].
func AnswerOf(b bool) Answer {
	if b {
		return Yes
	}
	return No
}
