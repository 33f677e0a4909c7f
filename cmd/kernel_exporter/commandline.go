package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kingpin/v2"
)

// commandLine is the program's flags and arguments. Each subcommand has the
// flags that it heeds and no others.
type commandLine struct {
	app     *kingpin.Application
	serve   *serveCommand
	check   *checkCommand
	printer *printCommand
}

func newCommandLine(stdout, stderr io.Writer) *commandLine {
	app := kingpin.New("kernel_exporter", "Prometheus exporter for the fitness and health of a Kubernetes node's kernel.")
	app.UsageWriter(helpWriter{stdout}).ErrorWriter(stderr).UsageTemplate(usageTemplate)
	app.HelpFlag.Short('h').Help("Show this help and exit.")
	app.Version(versionText())
	app.VersionFlag.Help("Show the version and exit.")
	return &commandLine{app: app, serve: addServeCommand(app), check: addCheckCommand(app), printer: addPrintCommand(app)}
}

// helpWriter leaves out of kingpin's help that there are a --no-help and a
// --no-version.
type helpWriter struct{ w io.Writer }

func (h helpWriter) Write(b []byte) (int, error) {
	_, err := strings.NewReplacer("--[no-]help   ", "--help        ", "--[no-]version   ", "--version        ").WriteString(h.w, string(b))
	return len(b), err
}

// usageTemplate prints the help of a subcommand. Without one, that is the help
// of serve, the default, with the names of the others.
const usageTemplate = `{{$command := .Context.SelectedCommand -}}
{{if and $command (not $command.Default) -}}
usage: {{.App.Name}} {{$command}} [<flags>]{{range .Context.Args}} <{{.Name}}>{{end}}

{{$command.Help|Wrap 0}}
{{else -}}
usage: {{.App.Name}} [serve] [<flags>]
{{range .App.Commands}}{{if not (or .Default (eq .Name "help"))}}       {{$.App.Name}} {{.Name}} [<flags>]{{range .Args}} <{{.Name}}>{{end}}
{{end}}{{end}}
{{.App.Help|Wrap 0}}
Commands:
{{range .App.Commands}}{{if ne .Name "help"}}  {{.Name}}
{{.Help|Wrap 4}}{{end}}{{end}}
{{end -}}
{{with .Context.Args}}Args:
{{.|ArgsToTwoColumns|FormatTwoColumns}}
{{end -}}
{{if not $command}}Flags of serve:{{else}}Flags:{{end}}
{{.Context.Flags|FlagsToTwoColumns|FormatTwoColumns}}`

// parse parses the arguments and returns the name of the subcommand, or nothing
// where it has printed help or the version.
func (c *commandLine) parse(args []string) (command string, err error) {
	// Kingpin ends the process after --help and --version; here that becomes a
	// result, so that run always returns.
	type terminated struct{}
	c.app.Terminate(func(int) { panic(terminated{}) }) //nolint:forbidigo // caught right below
	defer func() {
		if p := recover(); p != nil {
			if _, ok := p.(terminated); !ok {
				panic(p) //nolint:forbidigo // not ours
			}
			command, err = "", nil
		}
	}()
	// Kingpin shows serve's flags only with serve's name before --help.
	if len(args) > 0 && !c.has(args[0]) && asksForHelp(args) {
		args = append([]string{c.serve.name}, args...)
	}
	command, err = c.app.Parse(args)
	if err != nil {
		return "", c.explain(args, err)
	}
	return command, nil
}

// has says whether there is a subcommand of a name.
func (c *commandLine) has(name string) bool {
	return name == "help" || c.app.GetCommand(name) != nil
}

func asksForHelp(args []string) bool {
	for _, a := range args {
		switch a {
		case "--":
			return false
		case "--help", "-h":
			return true
		}
	}
	return false
}

// explain makes of kingpin's error one that names the flag and the page of help
// that lists it.
func (c *commandLine) explain(args []string, err error) error {
	help, command := c.app.Name+" --help", c.serve.name
	parsed, unparsed := c.app.ParseContext(args)
	if parsed != nil && parsed.SelectedCommand != nil {
		if command = parsed.SelectedCommand.FullCommand(); command != c.serve.name {
			help = c.app.Name + " " + command + " --help"
		}
	}
	switch name, ok := strings.CutPrefix(err.Error(), "unexpected "); {
	case ok && c.has(name):
		return usageError("%s is a command and has to be the first argument; see %s", name, help)
	case ok:
		return usageError("%q is no command, which are serve, check and print; see %s", name, c.app.Name+" --help")
	}
	if flag, ok := strings.CutPrefix(err.Error(), "unknown long flag "); ok {
		flag = strings.Trim(flag, "'")
		err = fmt.Errorf("unknown flag %s", flag)
		if meant := nearest(strings.TrimPrefix(flag, "--"), c.flags(command)); meant != "" {
			err = fmt.Errorf("%w, did you mean --%s?", err, meant)
		}
	}
	if unparsed == nil {
		err = named(parsed, err)
	}
	return usageError("%w; see %s", err, help)
}

// flags returns the names of a subcommand's flags, with the form that switches one off.
func (c *commandLine) flags(command string) []string {
	var names []string
	for _, group := range [][]*kingpin.FlagModel{c.app.Model().Flags, c.app.GetCommand(command).Model().Flags} {
		for _, f := range group {
			names = append(names, f.Name)
			if f.IsBoolFlag() {
				names = append(names, "no-"+f.Name)
			}
		}
	}
	return names
}

// named puts the flag or argument in front of what kingpin says of its value,
// which is all that it says.
func named(parsed *kingpin.ParseContext, err error) error {
	for _, e := range parsed.Elements {
		if e.Value == nil {
			continue
		}
		var name string
		var value kingpin.Value
		switch clause := e.Clause.(type) {
		case *kingpin.FlagClause:
			name, value = "--"+clause.Model().Name, clause.Model().Value
		case *kingpin.ArgClause:
			name, value = strings.ToUpper(clause.Model().Name), clause.Model().Value
		default:
			continue
		}
		if value.Set(*e.Value) != nil {
			reason := err.Error()
			if choices, ok := strings.CutPrefix(reason, "enum value must be one of "); ok {
				choices, _, _ = strings.Cut(choices, ", got ")
				reason = "not one of " + strings.ReplaceAll(choices, ",", ", ")
			}
			return fmt.Errorf("%s: %q: %s", name, *e.Value, reason)
		}
	}
	return err
}
