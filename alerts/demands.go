package alerts

import (
	"fmt"
	"slices"
	"strings"

	"kernel_exporter/collector/policy"
)

// A Demand is what the kubelets of some minors of Kubernetes ask of a node.
type Demand struct {
	Versions []string // such as 1.36, the newest first
	Kernel   string   // the oldest line that they accept, such as 5.4
	CgroupV2 bool     // whether they refuse cgroup v1
	Rules    []string // of the policy, one of which a node violates that they refuse
}

// demanding is for how many minors, from the newest on, it is recorded which nodes
// block them: those that get patches, and the one before.
const demanding = 4

// KubernetesDemands returns what the newest minors of Kubernetes ask for, the newest
// first. Its source is runtimes.yaml.
func KubernetesDemands() ([]Demand, error) {
	r, err := loadRuntimes()
	if err != nil {
		return nil, err
	}
	return r.demands()
}

func (r *runtimes) demands() ([]Demand, error) {
	p, err := policy.Default()
	if err != nil {
		return nil, err
	}
	var all []Demand
	for _, rel := range r.Kubernetes.Releases[:min(demanding, len(r.Kubernetes.Releases))] {
		d := Demand{Versions: []string{rel.Version}, Kernel: rel.Kernel, CgroupV2: rel.Cgroup == "v2"}
		if n := len(all); n > 0 && all[n-1].Kernel == d.Kernel && all[n-1].CgroupV2 == d.CgroupV2 {
			all[n-1].Versions = append(all[n-1].Versions, rel.Version)
			continue
		}
		rule := slices.IndexFunc(p.Rules, func(rule policy.Rule) bool {
			v, ok := rule.MinimumVersion()
			return ok && fmt.Sprintf("%d.%d", v.Major, v.Minor) == rel.Kernel && strings.HasPrefix(rule.Name, "kubernetes_1_")
		})
		if rule < 0 {
			return nil, fmt.Errorf("no rule of the policy asks for kernel %s, as Kubernetes %s does", rel.Kernel, rel.Version)
		}
		d.Rules = append(d.Rules, p.Rules[rule].Name)
		if d.CgroupV2 {
			d.Rules = append(d.Rules, "cgroup_v2")
		}
		all = append(all, d)
	}
	return all, nil
}

func (d *Demand) oldest() string { return d.Versions[len(d.Versions)-1] }

// Blocking returns the state of instance_state:kernel_node:bool of the nodes that the
// kubelets refuse.
func (d *Demand) Blocking() string { return "blocks_kubernetes_from_" + d.oldest() }

// Unknown returns the state of the nodes of which it is not known whether they do.
func (d *Demand) Unknown() string { return "kubernetes_from_" + d.oldest() + "_unknown" }

// kubernetesStates returns an expression: the nodes that block minors of Kubernetes,
// and those of which that is not known, by state. A node that reports all rules and
// violates none of them is ready.
func (c *Config) kubernetesStates() (string, error) {
	demands, err := c.runtimes.demands()
	if err != nil {
		return "", err
	}
	var all []string
	for i := range demands {
		d := &demands[i]
		of := func(labels string) string {
			return fmt.Sprintf(`by (%s%s) (last_over_time(kernel_policy_rule_violated{%s, rule=~"%s"}[5m])`, c.node(), labels, c.scraped(), strings.Join(d.Rules, "|"))
		}
		blocking := "group " + of("") + " == 1)"
		all = append(all, fmt.Sprintf("label_replace(\n  %s,\n  \"state\", \"%s\", \"\", \"\"\n)", blocking, d.Blocking()),
			fmt.Sprintf("label_replace(\n  group by (%s) (last_over_time(up{%s}[5m]))\n  unless\n  %s\n  unless\n  count by (%s) (group %s)) == %d,\n  \"state\", \"%s\", \"\", \"\"\n)",
				c.node(), c.scraped(), blocking, c.node(), of(", rule"), len(d.Rules), d.Unknown()))
	}
	return strings.Join(all, "\nor\n"), nil
}
