package board

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"kernel_exporter/collector/policy"
)

// Texts are the words that dashboards take from elsewhere in the project.
type Texts struct {
	Policy  *policy.Policy
	Demands []demand
}

// demand is what some versions of Kubernetes ask for.
type demand struct {
	versions []string
	what     string
	rules    []string // of the policy, that nodes violate which do not have it
}

// Load reads the texts. runtimes is the file runtimes.yaml of the alerts.
func Load(runtimes string) (*Texts, error) {
	p, err := policy.Default()
	if err != nil {
		return nil, err
	}
	content, err := os.ReadFile(runtimes)
	if err != nil {
		return nil, err
	}
	var data struct {
		Kubernetes struct {
			Releases []struct{ Version, Kernel, Cgroup string }
		}
	}
	if err := yaml.Unmarshal(content, &data); err != nil {
		return nil, err
	}
	t := &Texts{Policy: p}
	const newest = 4 // those that get patches, and the one before
	for _, r := range data.Kubernetes.Releases[:newest] {
		d := demand{versions: []string{r.Version}, what: "kernel " + r.Kernel}
		rule := slices.IndexFunc(p.Rules, func(rule policy.Rule) bool {
			v, ok := rule.MinimumVersion()
			return ok && fmt.Sprintf("%d.%d", v.Major, v.Minor) == r.Kernel && strings.HasPrefix(rule.Name, "kubernetes_1_")
		})
		if rule < 0 {
			return nil, fmt.Errorf("no rule of the policy asks for kernel %s, as Kubernetes %s does", r.Kernel, r.Version)
		}
		d.rules = append(d.rules, p.Rules[rule].Name)
		if r.Cgroup == "v2" {
			d.what += ", cgroup v2"
			d.rules = append(d.rules, "cgroup_v2")
		}
		if n := len(t.Demands); n > 0 && t.Demands[n-1].what == d.what {
			t.Demands[n-1].versions = append(t.Demands[n-1].versions, r.Version)
			continue
		}
		t.Demands = append(t.Demands, d)
	}
	return t, nil
}

// rules says why each rule is asked.
func (t *Texts) rules() []Mapping {
	var w words
	for _, r := range t.Policy.Rules {
		w = append(w, struct{ value, text, colour string }{r.Name, r.Reason, ""})
	}
	return w.mappings()
}

// remedies says what to do where a rule is violated.
func (t *Texts) remedies() []Mapping {
	var w words
	for _, r := range t.Policy.Rules {
		w = append(w, struct{ value, text, colour string }{r.Name, r.Remedy, ""})
	}
	return w.mappings()
}

// bugs says what each bug is.
func (t *Texts) bugs() []Mapping {
	var w words
	for i := range t.Policy.Bugs {
		b := &t.Policy.Bugs[i]
		w = append(w, struct{ value, text, colour string }{b.Name, b.Title, ""})
	}
	return w.mappings()
}
