package main

import (
	"html/template"
	"regexp"
	"strings"
)

// markdown renders the Markdown that the runbooks are written in: headings,
// paragraphs, fenced code, lists of one level, tables, and in a line code, bold
// and links. It is for what is built into the program, and no more than that
// needs: a library for all of Markdown would take up more of the binary than
// the runbooks, rules and dashboards together. A test holds the runbooks to it.
type markdown struct {
	out  strings.Builder
	open string // the element that the next line may go on with, empty if none
	text string // of the open paragraph or item: what is in it may span lines
}

// renderMarkdown returns a page as HTML. All text is escaped.
func renderMarkdown(page string) template.HTML {
	var m markdown
	fence := ""
	for line := range strings.Lines(page) {
		trimmed := strings.TrimSpace(line)
		switch {
		case fence != "" && trimmed == "```":
			m.out.WriteString("</code></pre>\n")
			fence = ""
		case fence != "":
			m.out.WriteString(template.HTMLEscapeString(strings.TrimPrefix(line, fence[:len(fence)-3])))
		case strings.HasPrefix(trimmed, "```"):
			m.end()
			m.out.WriteString("<pre><code>")
			fence = line[:strings.Index(line, "```")+3]
		default:
			m.line(trimmed)
		}
	}
	m.end()
	return template.HTML(m.out.String()) //nolint:gosec // made of escaped text
}

// line renders a line outside of fenced code.
func (m *markdown) line(line string) {
	heading := strings.TrimLeft(line, "#")
	number, numbered, isNumbered := strings.Cut(line, ". ")
	switch level := len(line) - len(heading); {
	case line == "":
		m.end()
	case level > 0 && level <= 3 && strings.HasPrefix(heading, " "):
		m.end()
		tag := "h" + string(rune('0'+level))
		m.out.WriteString("<" + tag + ">" + inline(heading[1:]) + "</" + tag + ">\n")
	case strings.HasPrefix(line, "- "):
		m.item("ul", line[2:])
	case m.open != "p" && isNumbered && number != "" && strings.Trim(number, "0123456789") == "":
		m.item("ol", numbered)
	case strings.HasPrefix(line, "|"):
		m.row(line)
	case m.open == "":
		m.begin("p")
		m.text = line
	default: // goes on with the paragraph or the item
		m.text += "\n" + line
	}
}

func (m *markdown) begin(element string) {
	if m.open == element {
		return
	}
	m.end()
	m.open = element
	m.out.WriteString("<" + element + ">")
}

// flush writes the text that is open.
func (m *markdown) flush() {
	m.out.WriteString(inline(m.text))
	m.text = ""
}

func (m *markdown) end() {
	m.flush()
	if m.open != "" {
		m.out.WriteString("</" + m.open + ">\n")
	}
	m.open = ""
}

// item renders an item. HTML needs no end of it.
func (m *markdown) item(list, text string) {
	m.begin(list)
	m.flush()
	m.out.WriteString("<li>")
	m.text = text
}

// row renders a row of a table, whose first is its head.
func (m *markdown) row(line string) {
	cell := "td"
	if m.open != "table" {
		cell = "th"
	}
	m.begin("table")
	if strings.Trim(line, "|-: ") == "" {
		return // the line below the head
	}
	m.out.WriteString("<tr>")
	for text := range strings.SplitSeq(strings.Trim(line, "|"), "|") {
		m.out.WriteString("<" + cell + ">" + inline(strings.TrimSpace(text)))
	}
	m.out.WriteString("\n")
}

// inlineElement matches code, bold text, a link with a text, to the web or to
// the file of another runbook, which is served without its suffix, and a bare link.
var inlineElement = regexp.MustCompile("`([^`]+)`" + `|\*\*([^*]+)\*\*|\[([^\]]+)\]\((?:(https?://[^)\s]+)|([A-Za-z]+)\.md)\)|<(https?://[^>\s]+)>`)

// inline renders what is in a text. Code comes first: what it holds is text.
func inline(text string) string {
	var out strings.Builder
	for {
		at := inlineElement.FindStringSubmatchIndex(text)
		if at == nil {
			out.WriteString(template.HTMLEscapeString(text))
			return out.String()
		}
		group := func(n int) string {
			if at[2*n] < 0 {
				return ""
			}
			return template.HTMLEscapeString(text[at[2*n]:at[2*n+1]])
		}
		out.WriteString(template.HTMLEscapeString(text[:at[0]]))
		switch {
		case at[2] >= 0:
			out.WriteString("<code>" + group(1) + "</code>")
		case at[4] >= 0:
			out.WriteString("<b>" + group(2) + "</b>")
		case at[6] >= 0:
			out.WriteString(`<a href="` + group(4) + group(5) + `">` + group(3) + "</a>")
		default:
			out.WriteString(`<a href="` + group(6) + `">` + group(6) + "</a>")
		}
		text = text[at[1]:]
	}
}
