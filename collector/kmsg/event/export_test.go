package event

// A TemplateMatcher is a matcher that knows one template alone, and takes all that
// it matches for a report.
type TemplateMatcher struct {
	*Matcher
	Event   Event
	Text    string
	Belongs bool // opens no report in truth
}

// TemplateMatchers returns one for every template.
func TemplateMatchers() (all []TemplateMatcher) {
	for _, e := range table() {
		for i, texts := range [][]string{belongs: e.belongs, opens: e.formats, follows: e.follows} {
			for _, text := range texts {
				m := newMatcher([]entry{{event: e.event, formats: []string{text}}})
				all = append(all, TemplateMatcher{Matcher: m, Event: e.event, Text: text, Belongs: role(i) == belongs})
			}
		}
	}
	return all
}

// BeginsWithName says whether what matches the text begins with a name.
func BeginsWithName(m *Matcher, text []byte) bool {
	r := m.rule(text)
	return r != nil && r.inner
}
