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

// Shortest returns how long what the template takes is at least.
func (m TemplateMatcher) Shortest() int {
	t, err := (&parser{holes: holes()}).template(m.Text)
	if err != nil {
		panic(err)
	}
	return t.first.shortest()
}

func (n *node) shortest() int {
	size := 0
	for ; n != nil; n = n.next {
		switch n.kind {
		case choice:
			least := n.alts[0].shortest()
			for _, alt := range n.alts {
				least = min(least, alt.shortest())
			}
			return size + least
		case variable:
			size += n.hole.min
		default:
			size += len(n.lit)
		}
	}
	return size
}

// BeginsWithName says whether what matches the text begins with a name.
func BeginsWithName(m *Matcher, text []byte) bool {
	r := m.rule(text)
	return r != nil && r.inner
}
