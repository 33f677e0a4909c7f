package board

import (
	"kernel_exporter/alerts"
	"kernel_exporter/collector/policy"
)

// Texts are the words that dashboards take from elsewhere in the project.
type Texts struct {
	Policy  *policy.Policy
	Demands []alerts.Demand
}

// Load reads the texts.
func Load() (*Texts, error) {
	p, err := policy.Default()
	if err != nil {
		return nil, err
	}
	demands, err := alerts.KubernetesDemands()
	if err != nil {
		return nil, err
	}
	return &Texts{Policy: p, Demands: demands}, nil
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
