package event

// A tree finds templates by the words that a text begins with. Its branches
// are told apart by their first byte.
type tree struct {
	byFirst [256]*branch
}

type branch struct {
	label string
	rules []*rule // whose words end with the label
	next  []*branch
}

// add puts a rule under its words.
func (t *tree) add(words string, r *rule) {
	at := &t.byFirst[words[0]]
	for {
		b := *at
		if b == nil {
			*at = &branch{label: words, rules: []*rule{r}}
			return
		}
		n := common(b.label, words)
		if n < len(b.label) {
			b = &branch{label: words[:n], next: []*branch{{label: b.label[n:], rules: b.rules, next: b.next}}}
			*at = b
		}
		words = words[n:]
		if words == "" {
			b.rules = append(b.rules, r)
			return
		}
		at = b.under(words[0])
	}
}

// under returns where the branch of the next byte stands or is to stand.
func (b *branch) under(c byte) **branch {
	for i := range b.next {
		if b.next[i].label[0] == c {
			return &b.next[i]
		}
	}
	b.next = append(b.next, nil)
	return &b.next[len(b.next)-1]
}

func common(a, b string) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// find returns a rule that takes the whole text, of those whose words stand at
// the given offset: the one with the most words.
func (t *tree) find(text []byte, offset int) *rule {
	words := text[offset:]
	if len(words) == 0 {
		return nil
	}
	return t.byFirst[words[0]].find(text, words)
}

func (b *branch) find(text, words []byte) *rule {
	if b == nil || len(words) < len(b.label) || string(words[:len(b.label)]) != b.label {
		return nil
	}
	words = words[len(b.label):]
	if r := b.child(words).find(text, words); r != nil {
		return r
	}
	for _, r := range b.rules {
		if r.node.matches(text) {
			return r
		}
	}
	return nil
}

func (b *branch) child(words []byte) *branch {
	if len(words) == 0 {
		return nil
	}
	for _, next := range b.next {
		if next.label[0] == words[0] {
			return next
		}
	}
	return nil
}
