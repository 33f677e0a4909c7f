package policy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// maxDocument bounds a policy file, in bytes. The largest built in has some 100 kB.
const maxDocument = 1 << 20

// maxEntries bounds the entries of a list, maxSeries those of which each is a time
// series on every node.
const (
	maxEntries = 2000
	maxSeries  = 200
)

// fault is the first thing that is wrong with the files. What is read after it is
// the zero value.
//
// The decoding walks the YAML nodes and not Go structs, because what is wrong must
// be told to a person by file and line, in the file's own words, and because a
// scalar's own text must survive: to YAML a bare 5.10 is the number 5.1.
type fault struct{ err error }

// node is a YAML node and the file it stands in.
type node struct {
	*yaml.Node
	file string
}

func (f *fault) at(n node, format string, args ...any) {
	where := n.file
	if n.Line > 0 {
		where += fmt.Sprintf(":%d", n.Line)
	}
	if f.err == nil {
		f.err = fmt.Errorf("%s: %s", where, fmt.Sprintf(format, args...))
	}
}

// mapping is a YAML mapping of which every key is known and occurs once. Where an
// entry of one file was merged over that of another, its values come from both.
type mapping struct {
	*fault

	node  node
	label string // what an error calls it, such as: rule "x"
	// value has one node for a key, and several where lists of several files are
	// read as one.
	value map[string][]node
}

// parse returns the top level of a file, which is a mapping with some of the keys.
func (f *fault) parse(name string, data []byte, keys ...string) mapping {
	none := mapping{fault: f, node: node{&yaml.Node{}, name}}
	if len(data) > maxDocument {
		f.at(none.node, "larger than %d bytes", maxDocument)
		return none
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var root, more yaml.Node
	switch err := dec.Decode(&root); {
	case errors.Is(err, io.EOF):
		f.at(none.node, "empty")
		return none
	case err != nil:
		if f.err == nil {
			f.err = fmt.Errorf("%s: %w", name, err)
		}
		return none
	}
	if err := dec.Decode(&more); !errors.Is(err, io.EOF) {
		f.at(node{&more, name}, "a second YAML document")
	}
	if len(root.Content) != 1 {
		f.at(node{&root, name}, "no YAML mapping")
		return none
	}
	return f.mapping(node{root.Content[0], name}, "file", keys...)
}

// mapping checks the keys of a node. A "name" among them is put in the label.
func (f *fault) mapping(n node, label string, keys ...string) mapping {
	m := mapping{fault: f, node: n, label: label}
	if n.Kind != yaml.MappingNode {
		f.at(n, "%s: not a mapping", label)
		return m
	}
	m.value = make(map[string][]node, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == "name" && n.Content[i+1].Kind == yaml.ScalarNode {
			m.label = fmt.Sprintf("%s %q", label, n.Content[i+1].Value)
		}
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], node{n.Content[i+1], n.file}
		switch {
		case len(keys) > 0 && !slices.Contains(keys, key.Value):
			m.at(node{key, n.file}, "%s: unknown key %q (known: %s)", m.label, key.Value, strings.Join(keys, ", "))
		case m.value[key.Value] != nil:
			m.at(node{key, n.file}, "%s: key %q a second time", m.label, key.Value)
		}
		m.value[key.Value] = []node{value}
	}
	return m
}

// failf keeps a fault with the value of a key, or with the whole where the key is
// missing.
func (m mapping) failf(key, format string, args ...any) {
	n := m.node
	if v := m.value[key]; len(v) > 0 {
		n = v[0]
	}
	m.failAt(n, key, format, args...)
}

func (m mapping) failAt(n node, key, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if key != "" {
		text = key + ": " + text
	}
	m.at(n, "%s: %s", m.label, text)
}

func (m mapping) has(key string) bool { return len(m.value[key]) > 0 }

// need is a fault where a key is missing.
func (m mapping) need(keys ...string) {
	for _, key := range keys {
		if !m.has(key) {
			m.failAt(m.node, "", "%s is missing", key)
		}
	}
}

// mergeOver puts the values of a later entry over those of an earlier one. The
// lists under nested keys are read one after the other.
func (m mapping) mergeOver(earlier mapping, nested ...string) {
	for key, value := range m.value {
		if slices.Contains(nested, key) {
			value = slices.Concat(earlier.value[key], value)
		}
		earlier.value[key] = value
	}
}

// table says how the entries of a list are read.
type table struct {
	key    string // under which the list stands
	label  string // what an error calls an entry
	id     []string
	nested []string // keys of lists that are merged entry by entry themselves
	keys   []string // the keys that an entry may have
	scalar bool     // a text stands for an entry with it under the first key of id
	series bool     // each entry is a time series on every node
}

// entries reads the lists of one or more files as one. An entry that has the id of
// an earlier one of another file is merged over it, or removes it.
func (m mapping) entries(t table) []mapping {
	var out []mapping
	index := map[string]int{}
	keys := append(slices.Clone(t.keys), "remove")
	for _, list := range m.value[t.key] {
		seen := map[string]bool{}
		for _, n := range m.items(list, t.key) {
			e := mapping{fault: m.fault, node: n, label: t.label, value: map[string][]node{t.id[0]: {n}}}
			if !t.scalar || n.Kind != yaml.ScalarNode {
				e = m.mapping(n, t.label, keys...)
			}
			id := e.id(t.id)
			if m.err != nil {
				return nil
			}
			if seen[id] {
				e.failf(t.id[0], "%s a second time", id)
			}
			seen[id] = true
			i, known := index[id]
			switch remove := e.truth("remove"); {
			case remove && !known:
				e.failf("remove", "there is no %s", id)
			case remove:
				out = slices.Delete(out, i, i+1)
				index = reindex(out, t.id)
			case known:
				e.mergeOver(out[i], t.nested...)
			default:
				index[id] = len(out)
				out = append(out, e)
			}
		}
	}
	most := maxEntries
	if t.series {
		most = maxSeries
	}
	if len(out) > most {
		m.failf(t.key, "more than %d", most)
		return nil
	}
	return out
}

func reindex(entries []mapping, id []string) map[string]int {
	index := make(map[string]int, len(entries))
	for i, e := range entries {
		index[e.id(id)] = i
	}
	return index
}

// id returns what tells an entry from the others of its list.
func (m mapping) id(keys []string) string {
	var parts []string
	for i, key := range keys {
		if i == 0 {
			m.need(key)
		}
		if m.has(key) {
			parts = append(parts, fmt.Sprintf("%s %q", key, m.text(key)))
		}
	}
	return strings.Join(parts, ", ")
}

// text returns a scalar's text, and "" where the key is missing.
func (m mapping) text(key string) string {
	if !m.has(key) {
		return ""
	}
	return m.scalar(m.value[key][0], key)
}

func (m mapping) scalar(n node, key string) string {
	s := strings.TrimSpace(n.Value)
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" || s == "" {
		m.failAt(n, key, "not a text")
		return ""
	}
	return s
}

// choice returns a text that is one of some.
func (m mapping) choice(key string, choices ...string) string {
	s := m.text(key)
	if m.has(key) && !slices.Contains(choices, s) {
		m.failf(key, "%q is not one of %s", s, strings.Join(choices, ", "))
	}
	return s
}

// choices returns the texts of a list, each of which is one of some.
func (m mapping) choices(key string, choices ...string) []string {
	texts := m.texts(key)
	for i, s := range texts {
		if !slices.Contains(choices, s) {
			m.failAt(m.list(key)[i], key, "%q is not one of %s", s, strings.Join(choices, ", "))
		}
	}
	return texts
}

// truth returns a boolean, and false where the key is missing.
func (m mapping) truth(key string) bool { return m.choice(key, "true", "false") == "true" }

// list returns the items of a list, and none where the key is missing.
func (m mapping) list(key string) []node {
	var out []node
	for _, n := range m.value[key] {
		out = append(out, m.items(n, key)...)
	}
	return out
}

func (m mapping) items(n node, key string) []node {
	if n.Kind != yaml.SequenceNode {
		m.failAt(n, key, "not a list")
		return nil
	}
	if len(n.Content) == 0 {
		m.failAt(n, key, "empty list")
	}
	out := make([]node, len(n.Content))
	for i, item := range n.Content {
		out[i] = node{item, n.file}
	}
	return out
}

// texts returns the texts of a list, which differ.
func (m mapping) texts(key string) []string {
	items := m.list(key)
	out := make([]string, 0, len(items))
	for _, n := range items {
		s := m.scalar(n, key)
		if slices.Contains(out, s) {
			m.failAt(n, key, "%q a second time", s)
		}
		out = append(out, s)
	}
	return out
}

// child returns the mapping below a key; without keys, it may have any.
func (m mapping) child(key string, keys ...string) (mapping, bool) {
	if !m.has(key) {
		return mapping{fault: m.fault}, false
	}
	return m.mapping(m.value[key][0], m.label+": "+key, keys...), true
}

// merged returns the mappings below a key, of one or more files, as one. The lists
// under nested keys are read one after the other.
func (m mapping) merged(key string, nested []string, keys ...string) (mapping, bool) {
	var out mapping
	for i, n := range m.value[key] {
		child := m.mapping(n, m.label+": "+key, keys...)
		if i == 0 {
			out = child
		} else if m.err == nil {
			child.mergeOver(out, nested...)
		}
	}
	return out, m.has(key) && m.err == nil
}

// date returns midnight UTC of a day written as 2006-01-02, and the zero time
// where the key is missing.
func (m mapping) date(key string) time.Time {
	if !m.has(key) {
		return time.Time{}
	}
	t, err := time.Parse(time.DateOnly, m.text(key))
	if err != nil {
		m.failf(key, "%q is not a date such as 2026-12-31", m.text(key))
	}
	return t
}
