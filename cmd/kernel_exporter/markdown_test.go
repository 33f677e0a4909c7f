package main

import (
	"encoding/xml"
	"io"
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"kernel_exporter/alerts"
)

func TestRenderMarkdown(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ page, want string }{
		"headings":           {"# A\n## B `c`\n### D\n", "<h1>A</h1>\n<h2>B <code>c</code></h2>\n<h3>D</h3>\n"},
		"paragraphs":         {"a\nb\n\nc\n", "<p>a\nb</p>\n<p>c</p>\n"},
		"heading ends all":   {"a\n# B\n", "<p>a</p>\n<h1>B</h1>\n"},
		"list":               {"- a\n  b\n- c\n\nd\n", "<ul><li>a\nb<li>c</ul>\n<p>d</p>\n"},
		"list after text":    {"a:\n- b\n", "<p>a:</p>\n<ul><li>b</ul>\n"},
		"numbers":            {"1. a\n2. b\n", "<ol><li>a<li>b</ol>\n"},
		"a number in text":   {"below\n5. of\n", "<p>below\n5. of</p>\n"},
		"table":              {"| a | b |\n|---|---|\n| `c` | d |\n", "<table><tr><th>a<th>b\n<tr><td><code>c</code><td>d\n</table>\n"},
		"code is text":       {"```sh\n# a\n- `b` <c> **d**\n\n```\ne\n", "<pre><code># a\n- `b` &lt;c&gt; **d**\n\n</code></pre>\n<p>e</p>\n"},
		"code in a list":     {"- a\n  ```\n  b\n    c\n  ```\n", "<ul><li>a</ul>\n<pre><code>b\n  c\n</code></pre>\n"},
		"bold":               {"**Now.** a * b\n", "<p><b>Now.</b> a * b</p>\n"},
		"links":              {"[a](https://b/c?d=1&e=2) [x](KernelOops.md) <https://f>\n", `<p><a href="https://b/c?d=1&amp;e=2">a</a> <a href="KernelOops">x</a> <a href="https://f">https://f</a></p>` + "\n"},
		"a link to a script": {"[a](javascript:b)\n", "<p>[a](javascript:b)</p>\n"},
		"a link to a file":   {"[a](../b.md) [c](d)\n", "<p>[a](../b.md) [c](d)</p>\n"},
		"code with markup":   {"`**a** <b> [c](https://d)`\n", "<p><code>**a** &lt;b&gt; [c](https://d)</code></p>\n"},
		"code over lines":    {"a `b\nc` d\n", "<p>a <code>b\nc</code> d</p>\n"},
		"items over lines":   {"- `a\n  b`\n- c\n", "<ul><li><code>a\nb</code><li>c</ul>\n"},
		"escaped":            {"a <script> & \"b\"\n", "<p>a &lt;script&gt; &amp; &#34;b&#34;</p>\n"},
		"nothing":            {"", ""},
		"code without end":   {"```\na\n", "<pre><code>a\n"},
	} {
		if got := string(renderMarkdown(test.page)); got != test.want {
			t.Errorf("%s: %q is rendered as\n%q, want\n%q", name, test.page, got, test.want)
		}
	}
}

// TestRunbooksKeepToTheMarkdownThatIsRendered: no markup is left in what a
// browser shows, and no text was lost.
func TestRunbooksKeepToTheMarkdownThatIsRendered(t *testing.T) {
	t.Parallel()
	code := regexp.MustCompile(`(?s)<code>.*?</code>`)
	left := regexp.MustCompile("`|\\*\\*|\\]\\(|(?m)^#|^ *[-*+] |^>|^\\|")
	for _, name := range alerts.Names() {
		page, err := fs.ReadFile(alerts.Runbooks(), name+".md")
		if err != nil {
			t.Fatal(err)
		}
		html := string(renderMarkdown(string(page)))
		if found := left.FindString(code.ReplaceAllString(html, "")); found != "" {
			t.Errorf("%s: %q is left unrendered", name, found)
		}
		if opened, closed := strings.Count(html, "<pre>"), strings.Count(html, "</pre>"); opened != closed {
			t.Errorf("%s: %d blocks of code begin, %d end", name, opened, closed)
		}
		if written, shown := words(string(page)), words(text(t, html)); written != shown {
			t.Errorf("%s: %d words are written, %d are shown", name, written, shown)
		}
	}
}

// words counts the words of Markdown or of what is shown of it, without links
// and markup.
func words(s string) int {
	s = regexp.MustCompile(`\]\([^)\s]+\)`).ReplaceAllString(s, "")
	s = regexp.MustCompile("(?m)^ *```.*$").ReplaceAllString(s, "")
	s = regexp.MustCompile(`(?m)^[|:\- ]+$`).ReplaceAllString(s, "")
	return len(regexp.MustCompile(`[\pL\pN]+`).FindAllString(s, -1))
}

// text returns what a browser shows of HTML.
func text(t *testing.T, html string) string {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(html))
	d.Strict, d.AutoClose, d.Entity = false, []string{"li", "tr", "td", "th"}, xml.HTMLEntity
	var shown strings.Builder
	for {
		token, err := d.Token()
		if err == io.EOF { //nolint:errorlint // what Token returns
			return shown.String()
		}
		if err != nil {
			t.Fatal(err)
		}
		if characters, ok := token.(xml.CharData); ok {
			shown.Write(characters)
		} else {
			shown.WriteByte(' ')
		}
	}
}
