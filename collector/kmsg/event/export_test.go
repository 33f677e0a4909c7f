package event

// PatternMatchers returns, by the head of each pattern and its number, a
// matcher that knows no other.
func PatternMatchers() (heads []string, matchers []*Matcher) {
	for _, p := range patterns() {
		heads = append(heads, p.head)
		matchers = append(matchers, newMatcher([]pattern{p}))
	}
	return heads, matchers
}

// HasPattern says whether anything opens an event yet.
func HasPattern(e Event) bool {
	for _, p := range patterns() {
		if p.event == e {
			return true
		}
	}
	return false
}
