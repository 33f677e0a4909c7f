// Package publish puts what a tool of make has measured into a page of docs/.
package publish

import (
	"fmt"
	"os"
	"strings"
)

// Report replaces what stands in the file at path between the two comments of the
// target of make that has the name. An empty path prints the report.
func Report(path, name, report string) error {
	if path == "" {
		_, err := os.Stdout.WriteString(report)
		return err
	}
	begin := fmt.Sprintf("<!-- %s: begin; made by make %[1]s -->\n", name)
	end := fmt.Sprintf("<!-- %s: end -->\n", name)
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(text), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		return fmt.Errorf("%s: has not both lines %q and %q", path, begin, end)
	}
	return os.WriteFile(path, []byte(before+begin+"\n"+strings.TrimSpace(report)+"\n\n"+end+after), 0o644) //nolint:gosec // a page of the repository
}
