package collector

import (
	"sync"
	"time"

	"kernel_exporter/collector/facts"
	"kernel_exporter/collector/kmsg"
	"kernel_exporter/collector/policy"
)

// Judgement is what is known of the node at one moment, and what the policy says of
// that. Metrics, landing page and the check command all show the same one.
type Judgement struct {
	*policy.Judgement // only the policy in it, where nobody asked for a verdict

	Facts *facts.Snapshot
	// At is when the facts were there, by the node's clock.
	At time.Time
	// Log is what is known of the kernel log; not up where it did not arrive.
	Log kmsg.Snapshot
	// Failures says which collectors could not read all, in their order. Only
	// [Exporter.Judge] fills it.
	Failures []Failure
}

// A Failure is why a collector could not read all.
type Failure struct {
	Collector string
	Err       error
}

// judge applies a policy, again only when what it judges has changed. It is safe for
// concurrent use.
type judge struct {
	now func() time.Time

	mu   sync.Mutex // never held over a read
	last *policy.Judgement
	of   facts.Facts
	day  time.Time
}

// judge judges what is known. The ends of support that a policy knows are days, so a
// verdict holds for a day.
func (j *judge) judge(p *policy.Policy, s *facts.Snapshot) *Judgement {
	now := j.now()
	day := now.UTC().Truncate(24 * time.Hour)
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.last == nil || j.last.Policy != p || !j.day.Equal(day) || !j.of.Equal(&s.Facts) {
		j.of, j.day = s.Facts, day
		j.last = p.Judge(s.Facts, now)
	}
	judged := newJudgement(p, s, now)
	judged.Judgement = j.last
	return judged
}

// newJudgement returns what is known before it is judged.
func newJudgement(p *policy.Policy, s *facts.Snapshot, at time.Time) *Judgement {
	judged := &Judgement{Judgement: &policy.Judgement{Policy: p}, Facts: s, At: at}
	judged.Log, _ = s.Log.Get()
	if judged.Log.Source == "" {
		judged.Log.Source = kmsg.SourceNone
	}
	return judged
}
