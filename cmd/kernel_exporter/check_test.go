package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"kernel_exporter/collector/collectortest"
	"kernel_exporter/collector/testkit"
)

// check runs the check command in this process and returns what it printed, and
// its exit code.
func check(t *testing.T, args ...string) (out string, code int) {
	t.Helper()
	var stdout, stderr testkit.Output
	p := program{stdout: &stdout, stderr: &stderr, now: collectortest.Today}
	err := p.run(t.Context(), append([]string{"check"}, args...))
	var exit exitError
	switch {
	case err == nil:
	case errors.As(err, &exit):
		code = exit.code
	default:
		t.Fatalf("check %v: %v", args, err)
	}
	p.exitCode(err)
	return stdout.String() + stderr.String(), code
}

// TestGoldenCheck holds what a person sees of each root.
func TestGoldenCheck(t *testing.T) {
	t.Parallel()
	for node, root := range collectortest.Nodes(t, testdata) {
		t.Run(node, func(t *testing.T) {
			t.Parallel()
			got, _ := check(t, "--path.rootfs="+root)
			collectortest.Compare(t, filepath.Join(root, "check.txt"), got)
			if strings.Contains(got, "\x1b") {
				t.Error("the table has colours although no terminal reads it")
			}
		})
	}
}

func TestCheckExitCodes(t *testing.T) {
	t.Parallel()
	empty := t.TempDir()
	for name, test := range map[string]struct {
		args []string
		want int
	}{
		"fit":                      {[]string{"--path.rootfs=" + testdata + "/rhel-9-5.14"}, 0},
		"critical":                 {[]string{"--path.rootfs=" + testdata + "/centos-7.6-3.10"}, 1},
		"warning is no failure":    {[]string{"--path.rootfs=" + testdata + "/mainline-5.10"}, 0},
		"unless asked for":         {[]string{"--path.rootfs=" + testdata + "/mainline-5.10", "--fail-on=warning"}, 1},
		"unknown is no failure":    {[]string{"--path.rootfs=" + testdata + "/mainline-6.12"}, 0},
		"unless that is asked for": {[]string{"--path.rootfs=" + testdata + "/mainline-6.12", "--fail-on-unknown"}, 3},
		"violated before unknown":  {[]string{"--path.rootfs=" + testdata + "/centos-7.6-3.10", "--fail-on-unknown"}, 1},
		"no kernel":                {[]string{"--path.rootfs=" + empty}, 3},
		"release is garbage":       {[]string{"--path.rootfs=" + testdata + "/unreadable"}, 3},
		"kernel by flag":           {[]string{"--path.rootfs=" + empty, "--kernel-release=6.12.104"}, 0},
		"old kernel by flag":       {[]string{"--path.rootfs=" + empty, "--kernel-release=2.6.32-754.el6.x86_64"}, 1},
		"garbage by flag":          {[]string{"--path.rootfs=" + empty, "--kernel-release=new"}, 2},
		"bad flag":                 {[]string{"--fail-on=info"}, 2},
		"bad format":               {[]string{"--format=xml"}, 2},
		"bad policy":               {[]string{"--policy.dir=" + empty}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if out, got := check(t, test.args...); got != test.want {
				t.Errorf("exit code is %d, want %d:\n%s", got, test.want, out)
			}
		})
	}
}

// TestCheckJudgesAnUnpackedImage builds an image as a pipeline has it: no /proc,
// the kernel in lib/modules, its configuration beside it.
func TestCheckJudgesAnUnpackedImage(t *testing.T) {
	t.Parallel()
	image := t.TempDir()
	write := func(path, content string) {
		path = filepath.Join(image, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("usr/lib/os-release", "ID=ubuntu\nNAME=Ubuntu\nVERSION_ID=\"24.04\"\n")
	write("lib/modules/6.8.0-60-generic/config", "CONFIG_NAMESPACES=y\n# CONFIG_MEMCG is not set\n")
	if err := os.Symlink("/usr/lib/os-release", filepath.Join(image, "etc-os-release")); err != nil {
		t.Fatal(err)
	}

	out, code := check(t, "--path.rootfs="+image)
	for _, want := range []string{"6.8.0-60-generic (vendor ubuntu)", "Ubuntu 24.04", "warning  kernel_config", "MEMCG"} {
		if !strings.Contains(out, want) {
			t.Errorf("the table lacks %q:\n%s", want, out)
		}
	}
	if code != 0 {
		t.Errorf("exit code is %d, want 0", code)
	}

	write("lib/modules/5.15.0-140-generic/modules.dep", "")
	if out, code := check(t, "--path.rootfs="+image); code != exitUnsure || !strings.Contains(out, "--kernel-release") {
		t.Errorf("with two kernels the exit code is %d, want %d and a hint at --kernel-release:\n%s", code, exitUnsure, out)
	}
	if out, code := check(t, "--path.rootfs="+image, "--kernel-release=5.15.0-140-generic"); code != 0 || !strings.Contains(out, "5.15.0-140-generic") {
		t.Errorf("with two kernels and one named the exit code is %d, want 0:\n%s", code, out)
	}
}

// TestOwnPolicyInFiveLines is the example of docs/policy.md.
func TestOwnPolicyInFiveLines(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/policy.md")
	if err != nil {
		testkit.Missing(t, "the page with the example: %v", err)
	}
	_, rest, ok := strings.Cut(string(page), "```yaml\n# kernel-4.yaml\n")
	example, _, ends := strings.Cut(rest, "```")
	if !ok || !ends {
		t.Fatal("docs/policy.md has no policy as an example")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "kernel-4.yaml"), []byte(example), 0o644); err != nil {
		t.Fatal(err)
	}
	for node, want := range map[string]int{"mainline-6.12": 0, "ubuntu-22.04-5.15-cgroupv2": 0, "debian-11-5.10": exitUnfit} {
		if out, code := check(t, "--path.rootfs="+filepath.Join(testdata, node), "--policy.dir="+dir); code != want {
			t.Errorf("%s: exit code is %d, want %d:\n%s", node, code, want, out)
		}
	}
}

func TestBadPolicyIsOneLineThatNamesTheLine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	bad := "policy: mine\nrules:\n  - name: x\n    severity: loud\n    minimum_version: \"5\"\n    reason: a\n    remedy: b\n    source: c\n"
	if err := os.WriteFile(filepath.Join(dir, "kernel-4.yaml"), []byte(bad), 0o644); err != nil {
		t.Fatal(err)
	}
	out, code := check(t, "--policy.dir="+dir)
	if code != exitUsage || strings.Count(out, "\n") != 1 || !strings.Contains(out, "kernel-4.yaml:4") {
		t.Errorf("exit code is %d, want %d, and one line that names kernel-4.yaml:4:\n%s", code, exitUsage, out)
	}
}

func TestCheckJSONHasItsSchema(t *testing.T) {
	t.Parallel()
	schema, err := jsonschema.NewCompiler().Compile("check.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for node, root := range collectortest.Nodes(t, testdata) {
		if node == collectortest.Unreadable {
			continue // nothing to judge, nothing printed: TestCheckExitCodes
		}
		out, _ := check(t, "--format=json", "--path.rootfs="+root)
		document, err := jsonschema.UnmarshalJSON(strings.NewReader(out))
		if err != nil {
			t.Fatalf("%s: %v", node, err)
		}
		if err := schema.Validate(document); err != nil {
			t.Errorf("%s: %v", node, err)
		}
	}
}

func TestCheckMetricsAreThoseOfTheExporter(t *testing.T) {
	t.Parallel()
	for node, root := range collectortest.Nodes(t, testdata) {
		if node == collectortest.Unreadable {
			continue
		}
		out, _ := check(t, "--format=prometheus", "--path.rootfs="+root)
		problems, err := promlint.New(strings.NewReader(out)).Lint()
		if err != nil || len(problems) > 0 {
			t.Errorf("%s: %v %v", node, problems, err)
		}
		exported := collectortest.Golden(t, filepath.Join(root, "metrics.prom"))
		for l := range strings.Lines(collectortest.Stable([]byte(out))) {
			if !strings.Contains(exported, l) {
				t.Errorf("%s: check says what the exporter does not: %s", node, l)
			}
		}
		if !strings.Contains(out, "kernel_policy_rule_violated{") {
			t.Errorf("%s: no verdict in:\n%s", node, out)
		}
	}
}

// TestMetricsPageAndCommandAgree compares the three ways in which a node's
// verdict is told, rule by rule.
func TestMetricsPageAndCommandAgree(t *testing.T) {
	t.Parallel()
	for node, root := range collectortest.Nodes(t, testdata) {
		if node == collectortest.Unreadable {
			continue
		}
		t.Run(node, func(t *testing.T) {
			t.Parallel()
			out, _ := check(t, "--format=json", "--path.rootfs="+root)
			var command report
			if err := json.Unmarshal([]byte(out), &command); err != nil {
				t.Fatal(err)
			}
			url := serve(t, "--path.rootfs="+root)
			metrics, _ := get(t, url+"/metrics")
			page, _ := get(t, url+"/")

			page = strings.ReplaceAll(page, "<wbr>", "")
			if !strings.Contains(page, "<b>"+command.Headline()+"</b>") || !strings.Contains(page, "<b>"+command.Ails()+"</b>") {
				t.Errorf("the page does not say %q and %q", command.Headline(), command.Ails())
			}
			for _, r := range command.Rules {
				if want := metricOf(r); !strings.Contains(metrics, "\n"+want+"\n") {
					t.Errorf("the command says %s of %s, the metrics lack %s", r.Outcome, r.Name, want)
				}
				section := sectionOf(t, page, map[string]string{"kept": "Kept", "violated": "Violated", "unknown": "Unknown"}[string(r.Outcome)])
				if !strings.Contains(section, r.Name) {
					t.Errorf("the command says %s of %s, the page does not", r.Outcome, r.Name)
				}
			}
		})
	}
}

// metricOf returns the sample that tells the same as a rule of a report.
func metricOf(r ruleReport) string {
	switch r.Outcome {
	case "unknown":
		return `kernel_policy_rule_unknown{cause="` + string(r.Cause) + `",rule="` + r.Name + `",severity="` + string(r.Severity) + `"} 1`
	case "violated":
		return `kernel_policy_rule_violated{rule="` + r.Name + `",severity="` + string(r.Severity) + `"} 1`
	default:
		return `kernel_policy_rule_violated{rule="` + r.Name + `",severity="` + string(r.Severity) + `"} 0`
	}
}

// sectionOf returns the part of the landing page below a heading.
func sectionOf(t *testing.T, page, heading string) string {
	t.Helper()
	_, rest, ok := strings.Cut(page, "<h2>"+heading+"</h2>")
	if !ok {
		t.Errorf("the page has no section %q", heading)
	}
	section, _, _ := strings.Cut(rest, "</section>")
	return section
}

func TestTableKeepsTheTerminalSafe(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	if err := os.CopyFS(root, os.DirFS(testdata+"/mainline-6.12")); err != nil {
		t.Fatal(err)
	}
	evil := "ID=evil\nNAME=\"\x1b]0;owned\x07 \x9b2J<script>alert(1)</script>\"\nVERSION_ID=1\n"
	if err := os.WriteFile(filepath.Join(root, "etc/os-release"), []byte(evil), fs.FileMode(0o644)); err != nil {
		t.Fatal(err)
	}
	out, _ := check(t, "--path.rootfs="+root)
	if strings.ContainsAny(out, "\x1b\x07") || strings.Contains(out, "\u009b") {
		t.Errorf("control characters of os-release reach the terminal: %q", out)
	}
	page, _ := get(t, serve(t, "--path.rootfs="+root)+"/")
	if strings.Contains(page, "<script") {
		t.Errorf("markup of os-release reaches the page:\n%s", page)
	}
}

// TestEveryRuleIsExplained holds that a report leaves nobody without a reason
// and a remedy.
func TestEveryRuleIsExplained(t *testing.T) {
	t.Parallel()
	for _, node := range slices.Sorted(maps.Keys(collectortest.Nodes(t, testdata))) {
		if node == collectortest.Unreadable {
			continue
		}
		out, _ := check(t, "--format=json", "--path.rootfs="+filepath.Join(testdata, node))
		var r report
		if err := json.Unmarshal([]byte(out), &r); err != nil {
			t.Fatal(err)
		}
		for _, v := range r.Rules {
			if v.Reason == "" || v.Outcome == "unknown" && (v.Missing == "" || v.Cause == "") {
				t.Errorf("%s: rule %s is %s without a word about why or what is missing: %+v", node, v.Name, v.Outcome, v)
			}
		}
		for _, b := range r.Bugs {
			if b.Reason == "" {
				t.Errorf("%s: bug %s is %s without a reason", node, b.Name, b.State)
			}
		}
	}
}

// A name that holds control characters is refused; the id is still known.
func TestCheckNamesASystemByItsID(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	if err := os.CopyFS(root, os.DirFS(testdata+"/debian-12-6.1")); err != nil {
		t.Fatal(err)
	}
	release := "NAME=\"Debian\x1b[31m\"\nID=debian\nVERSION_ID=\"12\"\n"
	if err := os.WriteFile(filepath.Join(root, "etc/os-release"), []byte(release), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, _ := check(t, "--path.rootfs="+root); !strings.Contains(out, "system   debian 12\n") {
		t.Errorf("the id of a system whose name is refused is not shown:\n%s", out)
	}
}
