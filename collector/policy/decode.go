package policy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// maxDocument bounds a policy file. The largest built in has some 20 kB.
const maxDocument = 1 << 20

// document is a policy file while it is decoded. The decoding walks the YAML
// nodes and not Go structs, because what is wrong must be told to a person by
// file and line, in the file's own words, and because a scalar's own text must
// survive: to YAML a bare 5.10 is the number 5.1.
//
// The first fault sticks, and everything read after it is the zero value.
type document struct {
	name string
	err  error
}

// parse returns the file's top level, which is a mapping with some of the keys.
func parse(name string, data []byte, keys ...string) (*document, mapping) {
	d := &document{name: name}
	if len(data) > maxDocument {
		d.err = fmt.Errorf("%s: larger than %d bytes", name, maxDocument)
		return d, mapping{doc: d}
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var root, more yaml.Node
	switch err := dec.Decode(&root); {
	case errors.Is(err, io.EOF):
		d.err = fmt.Errorf("%s: empty", name)
		return d, mapping{doc: d}
	case err != nil:
		d.err = fmt.Errorf("%s: %w", name, err)
		return d, mapping{doc: d}
	}
	if err := dec.Decode(&more); !errors.Is(err, io.EOF) {
		d.failf(&more, "a second YAML document")
	}
	if len(root.Content) != 1 {
		d.failf(&root, "no YAML mapping")
		return d, mapping{doc: d}
	}
	return d, d.mapping(root.Content[0], "file", keys...)
}

// failf keeps the first fault, with the line of the node.
func (d *document) failf(n *yaml.Node, format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("%s:%d: %s", d.name, n.Line, fmt.Sprintf(format, args...))
	}
}

// mapping is a YAML mapping of which every key is known and occurs once.
type mapping struct {
	doc   *document
	node  *yaml.Node
	label string // what an error calls it, such as: rule "x"
	value map[string]*yaml.Node
}

// mapping checks the keys of a node. A "name" among them is put in the label.
func (d *document) mapping(n *yaml.Node, label string, keys ...string) mapping {
	m := mapping{doc: d, node: n, label: label}
	if n.Kind != yaml.MappingNode {
		d.failf(n, "%s: not a mapping", label)
		return m
	}
	m.value = make(map[string]*yaml.Node, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == "name" && n.Content[i+1].Kind == yaml.ScalarNode {
			m.label = fmt.Sprintf("%s %q", label, n.Content[i+1].Value)
		}
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case !slices.Contains(keys, key.Value):
			m.failf(key, "unknown key %q (known: %s)", key.Value, strings.Join(keys, ", "))
		case m.value[key.Value] != nil:
			m.failf(key, "key %q a second time", key.Value)
		}
		m.value[key.Value] = value
	}
	return m
}

func (m mapping) failf(n *yaml.Node, format string, args ...any) {
	if n == nil {
		n = m.node
	}
	if n == nil {
		n = &yaml.Node{}
	}
	m.doc.failf(n, "%s: %s", m.label, fmt.Sprintf(format, args...))
}

func (m mapping) has(key string) bool { return m.value[key] != nil }

// need is a fault where a key is missing.
func (m mapping) need(keys ...string) {
	for _, key := range keys {
		if !m.has(key) {
			m.failf(nil, "%s is missing", key)
		}
	}
}

// text returns a scalar's text, and "" where the key is missing.
func (m mapping) text(key string) string {
	n := m.value[key]
	if n == nil {
		return ""
	}
	return m.scalar(n, key)
}

func (m mapping) scalar(n *yaml.Node, key string) string {
	s := strings.TrimSpace(n.Value)
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" || s == "" {
		m.failf(n, "%s: not a text", key)
		return ""
	}
	return s
}

// choice returns a text that is one of some.
func (m mapping) choice(key string, choices ...string) string {
	s := m.text(key)
	if m.has(key) && !slices.Contains(choices, s) {
		m.failf(m.value[key], "%s: %q is not one of %s", key, s, strings.Join(choices, ", "))
	}
	return s
}

// truth returns a boolean, and false where the key is missing.
func (m mapping) truth(key string) bool { return m.choice(key, "true", "false") == "true" }

// list returns the items of a sequence, and none where the key is missing.
func (m mapping) list(key string) []*yaml.Node {
	n := m.value[key]
	if n == nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		m.failf(n, "%s: not a list", key)
		return nil
	}
	if len(n.Content) == 0 {
		m.failf(n, "%s: empty list", key)
	}
	return n.Content
}

// texts returns the texts of a sequence.
func (m mapping) texts(key string) []string {
	items := m.list(key)
	out := make([]string, 0, len(items))
	for _, n := range items {
		s := m.scalar(n, key)
		if slices.Contains(out, s) {
			m.failf(n, "%s: %q a second time", key, s)
		}
		out = append(out, s)
	}
	return out
}

// child returns the mapping below a key.
func (m mapping) child(key string, keys ...string) (mapping, bool) {
	n := m.value[key]
	if n == nil {
		return mapping{doc: m.doc}, false
	}
	return m.doc.mapping(n, m.label+": "+key, keys...), true
}

// date returns midnight UTC of a day written as 2006-01-02, and the zero time
// where the key is missing.
func (m mapping) date(key string) time.Time {
	if !m.has(key) {
		return time.Time{}
	}
	t, err := time.Parse(time.DateOnly, m.text(key))
	if err != nil {
		m.failf(m.value[key], "%s: %q is not a date such as 2026-12-31", key, m.value[key].Value)
	}
	return t
}

// count returns a whole number of at most 6 digits, and 0 where the key is
// missing.
func (m mapping) count(key string) int {
	if !m.has(key) {
		return 0
	}
	n, err := strconv.ParseUint(m.text(key), 10, 64)
	if err != nil || n > 999_999 {
		m.failf(m.value[key], "%s: %q is not a number from 0 to 999999", key, m.value[key].Value)
		return 0
	}
	return int(n)
}
