package event

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A template says how the kernel prints a record, from its first byte to its
// last. It is written as the kernel's own format string is, with a verb for
// each variable part. A verb takes what the kernel can print there and no more,
// so that a text that is somebody's own cannot stand for the kernel's words:
//
//	%d  a decimal number, with or without a sign
//	%x  a hexadecimal number, with or without 0x
//	%h  a hexadecimal number of at least four digits, without 0x
//	%l  a word of lower-case letters and digits
//	%o  options of the kernel's: letters, spaces, and _ ( )
//	%s  a word: no white space, at most 255 bytes
//	%w  a name of the kernel's: letters, digits, and . _ - + at most 64 bytes
//	%a  an address on a bus: letters, digits, and : . _ - at most 64 bytes, with
//	    no colon at its end
//	%b  a block device, or the name of a file system: no white space, quote,
//	    parenthesis or colon, at most 31 bytes (sb->s_id)
//	%i  a network interface: no white space or slash, at most 15 bytes (IFNAMSIZ)
//	%c  a process: at most 15 bytes of any kind (TASK_COMM_LEN)
//	%k  words of the kernel's: letters, digits, spaces, and . , _ / + - # at
//	    most 127 bytes
//	%p  a path or another text that is a user's, of any kind and length
//	%*  all that follows on the line, and nothing after it
//	%+  all that follows, on further lines too
//
// %%, %{, %} and %| stand for the second character. {a|b} is a or b, each a
// template; {a|} is a or nothing. A record may end in spaces.
type template struct {
	first *node
	free  bool // ends in %* or %+
}

// A node is a part of a template and leads to the part after it.
type node struct {
	kind kind
	last bool    // the hole ends where its bytes do: what follows begins with none of them
	lit  string  // of a literal
	hole *hole   // of a hole
	alts []*node // of alternatives, each leading to next
	next *node   // nil at the end
}

type kind uint8

const (
	literal kind = iota
	variable
	choice
	restOfLine
	restOfRecord
)

// A hole is what a verb takes.
type hole struct {
	prefix   string // what it may begin with, besides what follows
	takes    [256]bool
	min, max int
	notLast  byte // what it does not end in; 0 for anything
}

// holes returns what each verb takes.
func holes() map[byte]*hole {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	const digits = "0123456789"
	of := func(bytes string, least, most int) *hole {
		h := &hole{min: least, max: most}
		for _, c := range []byte(bytes) {
			h.takes[c] = true
		}
		return h
	}
	except := func(bytes string, least, most int) *hole {
		h := &hole{min: least, max: most}
		for c := range h.takes {
			h.takes[c] = strings.IndexByte(bytes, byte(c)) < 0
		}
		return h
	}
	const white = " \t\n\v\f\r"
	address := of(letters+digits+":._-", 1, 64)
	address.notLast = ':'
	number := of(digits, 1, 20)
	number.prefix = "-"
	hexadecimal := of(digits+"abcdefABCDEF", 1, 32)
	hexadecimal.prefix = "0x"
	return map[byte]*hole{
		'd': number,
		'x': hexadecimal,
		'h': of(digits+"abcdef", 4, 32),
		'l': of("abcdefghijklmnopqrstuvwxyz"+digits, 1, 64),
		'o': of(letters+" _()", 0, 127),
		's': except(white, 1, 255),
		'w': of(letters+digits+"._-+", 1, 64),
		'a': address,
		'b': except(white+`():"'`, 1, 31),
		'i': except(white+"/", 1, 15),
		'c': except("", 0, 15),
		'k': of(letters+digits+" .,_/+-#", 1, 127),
		'p': except("", 0, 1024),
	}
}

// A part is a piece of a template's text.
type part struct {
	kind kind
	lit  string
	hole *hole
	alts [][]part
}

// A parser reads the text of templates. All share what a verb takes.
type parser struct {
	holes map[byte]*hole
	text  string // that is left
	err   error
}

// template returns the template that a text describes, or an error if it is none.
func (p *parser) template(text string) (template, error) {
	p.text, p.err = text, nil
	parts := p.sequence()
	if p.err == nil && p.text != "" {
		p.fail("no brace is open before " + p.text)
	}
	if p.err != nil {
		return template{}, fmt.Errorf("template %q: %w", text, p.err)
	}
	return template{first: build(parts, nil), free: endsFree(parts)}, nil
}

// sequence reads parts up to the end of the text or of the alternative.
func (p *parser) sequence() (parts []part) {
	for p.text != "" && p.text[0] != '|' && p.text[0] != '}' {
		switch {
		case p.text[0] == '{':
			parts = append(parts, p.choice())
		case p.text[0] == '%' && !p.escaped():
			parts = append(parts, p.verb())
		default:
			parts = append(parts, part{kind: literal, lit: p.literal()})
		}
	}
	return parts
}

// escaped says whether the text begins with one of the characters that have a
// meaning, and stands for itself.
func (p *parser) escaped() bool {
	return len(p.text) > 1 && p.text[0] == '%' && strings.IndexByte("%{}|", p.text[1]) >= 0
}

func (p *parser) literal() string {
	var b strings.Builder
	for p.text != "" {
		switch {
		case p.escaped():
			b.WriteByte(p.text[1])
			p.text = p.text[2:]
		case strings.IndexByte("%{}|", p.text[0]) >= 0:
			return b.String()
		default:
			b.WriteByte(p.text[0])
			p.text = p.text[1:]
		}
	}
	return b.String()
}

func (p *parser) verb() part {
	if len(p.text) < 2 {
		p.fail("a % at the end")
		return part{}
	}
	v := p.text[1]
	p.text = p.text[2:]
	switch v {
	case '*':
		return part{kind: restOfLine}
	case '+':
		return part{kind: restOfRecord}
	}
	hole := p.holes[v]
	if hole == nil {
		p.fail("no verb %" + string(v))
	}
	return part{kind: variable, hole: hole}
}

func (p *parser) choice() part {
	c := part{kind: choice}
	for {
		p.text = p.text[1:] // the brace or the bar
		c.alts = append(c.alts, p.sequence())
		if p.text == "" {
			p.fail("a brace is not closed")
			return c
		}
		if p.text[0] == '}' {
			p.text = p.text[1:]
			return c
		}
	}
}

func (p *parser) fail(why string) {
	if p.err == nil {
		p.err = errors.New(why)
	}
	p.text = ""
}

// endsFree says whether anything may stand at the end of a record.
func endsFree(parts []part) bool {
	for _, p := range parts {
		if p.kind == restOfLine || p.kind == restOfRecord || slices.ContainsFunc(p.alts, endsFree) {
			return true
		}
	}
	return false
}

// build makes the parts lead to each other, and the last one to next.
func build(parts []part, next *node) *node {
	for _, p := range slices.Backward(parts) {
		n := &node{kind: p.kind, lit: p.lit, hole: p.hole, next: next}
		for _, alt := range p.alts {
			n.alts = append(n.alts, build(alt, next))
		}
		n.last = p.kind == variable && !canBegin(next, p.hole)
		next = n
	}
	return next
}

// canBegin says whether what the node takes may begin with a byte of the hole.
func canBegin(n *node, h *hole) bool {
	switch {
	case n == nil:
		return false
	case n.kind == literal:
		return h.takes[n.lit[0]]
	case n.kind == choice:
		return slices.ContainsFunc(n.alts, func(alt *node) bool { return canBegin(alt, h) })
	default:
		return true
	}
}

// matches says whether the node and all that it leads to take the whole text.
func (n *node) matches(text []byte) bool {
	for ; n != nil; n = n.next {
		switch n.kind {
		case literal:
			if len(text) < len(n.lit) || string(text[:len(n.lit)]) != n.lit {
				return false
			}
			text = text[len(n.lit):]
		case variable:
			text = n.hole.afterPrefix(text)
			size := n.hole.length(text)
			if !n.last {
				return n.followed(text, size)
			}
			if !n.hole.takesAll(text[:size]) {
				return false
			}
			text = text[size:]
		case choice:
			return n.oneMatches(text)
		case restOfLine:
			return isLine(text)
		case restOfRecord:
			return true
		}
	}
	return isBlank(text)
}

// oneMatches says whether one of the alternatives takes the text.
func (n *node) oneMatches(text []byte) bool {
	for _, alt := range n.alts {
		if alt.matches(text) {
			return true
		}
	}
	return false
}

// followed says whether the text matches if the hole takes at most size bytes of
// it, whatever it leaves.
func (n *node) followed(text []byte, size int) bool {
	for i := n.hole.min; i <= size; i++ {
		if n.hole.takesAll(text[:i]) && n.next.matches(text[i:]) {
			return true
		}
	}
	return false
}

// afterPrefix returns the text without the prefix of a hole.
func (h *hole) afterPrefix(text []byte) []byte {
	if n := len(h.prefix); n > 0 && len(text) >= n && string(text[:n]) == h.prefix {
		return text[n:]
	}
	return text
}

// length returns how many bytes at the beginning of the text a hole takes at
// most.
func (h *hole) length(text []byte) int {
	text = text[:min(len(text), h.max)]
	for i, c := range text {
		if !h.takes[c] {
			return i
		}
	}
	return len(text)
}

// takesAll says whether a hole takes these bytes, each of which it may take.
func (h *hole) takesAll(text []byte) bool {
	return len(text) >= h.min && (h.notLast == 0 || text[len(text)-1] != h.notLast)
}

func isLine(text []byte) bool {
	for i, c := range text {
		if c == '\n' {
			return isBlank(text[i:])
		}
	}
	return true
}

// isBlank says whether nothing is left. The kernel takes one newline off the end
// of what it is given to print; some formats end in two, or in a space.
func isBlank(text []byte) bool {
	for _, c := range text {
		if c != ' ' && c != '\n' {
			return false
		}
	}
	return true
}
