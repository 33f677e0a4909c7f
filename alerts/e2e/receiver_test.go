package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// A notification is one alert in what Alertmanager sent to a receiver.
type notification struct {
	Status      string
	Labels      map[string]string
	Annotations map[string]string
	StartsAt    time.Time

	receiver string
	at       time.Time
}

func (n notification) String() string {
	return fmt.Sprintf("%s %s %s %v %v", n.at.Format("15:04:05.000"), n.receiver, n.Status, n.Labels, n.Annotations["description"])
}

// pagers is the far end: it notes every notification that arrives.
type pagers struct {
	url string

	mu       sync.Mutex
	got      []notification
	expected []map[string]string // what has been asked for by wants
}

func startPagers(t *testing.T) *pagers {
	t.Helper()
	p := &pagers{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var message struct {
			Receiver string
			Alerts   []notification
		}
		if err := json.NewDecoder(r.Body).Decode(&message); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, n := range message.Alerts {
			n.at, n.receiver = time.Now(), strings.TrimPrefix(r.URL.Path, "/")
			if n.receiver != message.Receiver {
				n.receiver += " for " + message.Receiver
			}
			p.got = append(p.got, n)
		}
	}))
	t.Cleanup(server.Close)
	p.url = server.URL
	return p
}

// of returns what arrived of an alert.
func (p *pagers) of(labels map[string]string, status string) []notification {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []notification
	for _, n := range p.got {
		if equal(n.Labels, labels) && n.Status == status {
			all = append(all, n)
		}
	}
	return all
}

// A page is what has to arrive: an alert with these labels and annotations and
// no others. Where the description has a number that depends on the moment, it
// says {value}.
type page struct {
	receiver             string
	labels               map[string]string
	summary, description string
}

// wants waits until a page arrives, and compares it word by word.
func (p *pagers) wants(t *testing.T, want page) {
	t.Helper()
	p.mu.Lock()
	p.expected = append(p.expected, want.labels)
	times := p.times(want.labels)
	p.mu.Unlock()
	began := time.Now()
	eventually(t, fmt.Sprintf("%v arrives", want.labels), func() string {
		if len(beginnings(p.of(want.labels, "firing"))) < times {
			return "only this did:\n" + p.about(want.labels["alertname"])
		}
		return ""
	})
	latest := beginnings(p.of(want.labels, "firing"))[times-1]
	t.Logf("%v arrived at %s after %s", want.labels, latest.receiver, latest.at.Sub(began).Round(time.Millisecond))

	description := strings.ReplaceAll(regexp.QuoteMeta(want.description), `\{value\}`, `[0-9.]+s?`)
	for _, n := range p.of(want.labels, "firing") {
		if n.receiver != want.receiver {
			t.Errorf("%v arrived at %s, want %s", n.Labels, n.receiver, want.receiver)
		}
		if len(n.Annotations) != 3 || n.Annotations["summary"] != want.summary ||
			n.Annotations["runbook_url"] != "http://kernel-exporter:10044/runbooks/"+want.labels["alertname"] ||
			!regexp.MustCompile("^"+description+"$").MatchString(n.Annotations["description"]) {
			t.Errorf("%v has the annotations %q, want the summary %q and the description %q", n.Labels, n.Annotations, want.summary, want.description)
		}
	}
}

// times returns how often an alert was expected, with the lock held.
func (p *pagers) times(labels map[string]string) int {
	n := 0
	for _, e := range p.expected {
		if equal(e, labels) {
			n++
		}
	}
	return n
}

// beginnings returns the first of all notifications that tell of an alert which
// began at the same time. What ended and begins again has another.
func beginnings(all []notification) []notification {
	var firsts []notification
	for _, n := range all {
		if !slices.ContainsFunc(firsts, func(f notification) bool { return f.StartsAt.Equal(n.StartsAt) }) {
			firsts = append(firsts, n)
		}
	}
	return firsts
}

// resolves waits until it arrives that an alert is over.
func (p *pagers) resolves(t *testing.T, labels map[string]string) {
	t.Helper()
	eventually(t, fmt.Sprintf("%v resolves", labels), func() string {
		if len(p.of(labels, "resolved")) == 0 {
			return "only this arrived:\n" + p.about(labels["alertname"])
		}
		return ""
	})
	first, end := p.of(labels, "firing")[0], p.of(labels, "resolved")[0]
	t.Logf("%v resolved %s after it arrived", labels, end.at.Sub(first.at).Round(time.Millisecond))
}

// about lists what arrived of alerts of a name, or of all.
func (p *pagers) about(alertname string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var lines []string
	for _, n := range p.got {
		if alertname == "" || n.Labels["alertname"] == alertname {
			lines = append(lines, n.String())
		}
	}
	return strings.Join(lines, "\n")
}

// checkExact fails the test if anything arrived that nobody wanted, or if an
// alert ended and began again that was wanted once.
func (p *pagers) checkExact(t *testing.T) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	firing := map[string][]notification{}
	for _, n := range p.got {
		if n.Status == "firing" {
			key := fmt.Sprint(n.Labels)
			firing[key] = append(firing[key], n)
		}
	}
	for _, all := range firing {
		got := beginnings(all)
		if want := p.times(all[0].Labels); len(got) != want {
			t.Errorf("%v began %d times, want %d:\n%v", all[0].Labels, len(got), want, got)
		}
	}
}
