package policy

import (
	"time"

	"kernel_exporter/collector/facts"
	"kernel_exporter/collector/host"
)

// Severity is how much a rule or a bug matters.
type Severity string

// The severities, the worst first.
const (
	Critical Severity = "critical"
	Warning  Severity = "warning"
	Info     Severity = "info"
)

// Severities returns them, the worst first.
func Severities() []Severity { return []Severity{Critical, Warning, Info} }

// Policy is a set of rules with the data they rest on. It does not change after
// it was loaded, and may be used concurrently.
type Policy struct {
	Name    string
	Version string
	// SHA256 is the hash of all files, so that nodes with different policies can
	// be told apart.
	SHA256 string
	// LifecycleDate and BugsDate are the days on which the data on ends of support
	// and on bugs was gathered.
	LifecycleDate, BugsDate time.Time

	Rules     []Rule
	Lifecycle *Lifecycle
	Bugs      []Bug
	Features  []Feature

	abis []abi
}

// Updated returns the older of LifecycleDate and BugsDate.
func (p *Policy) Updated() time.Time {
	if p.BugsDate.Before(p.LifecycleDate) {
		return p.BugsDate
	}
	return p.LifecycleDate
}

// Rule is something that the policy asks of a machine.
type Rule struct {
	Name     string
	Severity Severity
	Reason   string // why it is asked, in one line
	Remedy   string // what to do where it is violated
	Source   string

	minimum    host.Version
	when, must []condition
}

// MinimumVersion returns the version that the rule asks for, if it asks for one.
func (r Rule) MinimumVersion() (host.Version, bool) {
	return r.minimum, r.minimum != host.Version{}
}

// Bug is a known bug and the kernels that have it.
type Bug struct {
	Name      string
	Severity  Severity
	Escape    bool // lets the processes of a container out, or makes them root of the node
	Exploited bool // known to be used in attacks
	Title     string
	Remedy    string
	Source    string

	introduced, fixed, fixedBy    host.Version // lines; zero: not known
	neverFixed                    bool         // no kernel has a fix
	introducedStable, fixedStable map[host.Version]host.Version
	complete                      bool // the two lists above have every stable release
	onlyVendors                   []host.Vendor
	builds                        []builds

	// No kernel that was built before bornAfter has the bug, and none that was built
	// before fixedAfter has the fix; zero: not known.
	bornAfter, fixedAfter time.Time
}

// builds is what a vendor says of a range of its own builds.
type builds struct {
	stream      string
	line        host.Version // zero: of every line
	from, below string       // bounds of the range, the second not in it; empty: none
	fixed       string       // the first build with the fix; empty: state holds for all
	later       bool         // minor releases after the stream's are clear
	state       State
}

// abi is which versions were released under a name that hides them, as Debian's
// 6.1.0-18 does.
type abi struct {
	stream, release string
	first, last     string // the versions, such as 6.1.76-1
}

// State is how a kernel stands to a known bug.
type State string

// The states.
const (
	Affected State = "affected"
	Clear    State = "clear"
	Unsure   State = "unknown"
)

// BugVerdict is how a machine stands to one bug.
type BugVerdict struct {
	Bug    *Bug
	State  State
	Cause  facts.Cause // why it is unknown; else empty
	Reason string      // what was found, as a clause
}

// Feature is something that a kernel can do for Kubernetes.
type Feature struct {
	Name   string
	Title  string
	Probe  string // the probe that answers for it; empty: none
	Source string

	version host.Version
	builds  []builds
}

// Version returns the first kernel.org line that has the feature.
func (f *Feature) Version() host.Version { return f.version }

// FeatureVerdict is whether a machine's kernel has a feature.
type FeatureVerdict struct {
	Feature   *Feature
	Supported host.Answer
	Cause     facts.Cause // why it is unknown; else empty
	Reason    string      // what was found, as a clause
}

// Outcome is how a machine stands to a rule.
type Outcome string

// The outcomes.
const (
	Kept     Outcome = "kept"
	Violated Outcome = "violated"
	Unknown  Outcome = "unknown"
)

// Verdict is how a machine stands to one rule.
type Verdict struct {
	Rule    *Rule
	Outcome Outcome
	Cause   facts.Cause // why it is unknown; else empty
	Reason  string      // what was found, with the machine's own values, as a clause
	Missing string      // what would make it known: a file, a permission, data; else empty
}

// Lifecycle says until when kernel lines and releases of distributions are
// supported. It does not change after it was loaded.
type Lifecycle struct {
	updated       time.Time
	lines         map[host.Version]line // by version without a patch
	vendors       map[host.Vendor]numbering
	distributions []distribution
}

// numbering is what the numbers of a vendor's kernels mean.
type numbering int

const (
	// lowerBound: the number is what the kernel has at least.
	lowerBound numbering = iota
	// keepsLine: the kernel is built on the line of its number, with fixes and
	// without what came with a later line.
	keepsLine
	// tracksStable: the kernel is the stable release of its number.
	tracksStable
)

// End says when support ends. The times are the first moment without support:
// midnight UTC after the last day, as SUPPORT_END in os-release(5) has it.
type End struct {
	Standard time.Time // zero: no end was announced when the data was gathered
	Extended time.Time // support beyond the standard one; zero: none
	// ExtendedName is what the extended support is called; empty where it has no
	// name.
	ExtendedName string
	// ExtendedFree: the extended support costs nothing, and so is support.
	ExtendedFree bool
	// Latest: Standard is a day by which support had ended, perhaps not the last.
	Latest bool
	Source string // where the dates come from
}

// line is a kernel.org series, such as 6.12.
type line struct {
	released time.Time
	longterm bool
	end      End
}

// distribution is a product with its releases by their versions.
type distribution struct {
	name       string
	ids        []string
	osRelease  map[string]string // fields of os-release that it has beside the id
	versionKey string            // the field that has the version; empty: VERSION_ID
	vendors    []host.Vendor     // whose kernels are made for it
	lastBuilds bool              // no build of a release comes after its end, not even a paid one
	releases   map[string]release
}

// release is a release of a distribution.
type release struct {
	end     End
	kernels []shipped
}

// shipped is a kernel line that a release has or had.
type shipped struct {
	line   host.Version
	stream string // of one stream only; empty: of all
	name   string // what it is the kernel of; empty: the distribution's release
	end    End    // no standard end: that of the release
}

// subject is a kernel that is judged: what its numbers say of it.
type subject struct {
	host.Kernel

	known bool
	// version is what the kernel contains at least: the release that it is based
	// on, else the numbers of its own release. A vendor takes single fixes and
	// keeps the number (el7 is 3.10.0 for ever), but nobody numbers a kernel x.y.z
	// that lacks what x.y.z has.
	version host.Version
	// exact: it is based on this very version and none after it.
	exact bool
	// onLine: it is built on the line of version and has nothing that came with a
	// later one.
	onLine bool
	// stable: it is kernel.org's own release, or its vendor takes those as they
	// are. So what version lacks, it lacks.
	stable bool
	// candidate: an -rc. It may have what is new in its line, or not yet.
	candidate bool
	// stream is within which line of a vendor's releases its builds are compared.
	stream string
	// first and last are its build with the version it belongs to, such as
	// 4.4.0-118. They differ where the release leaves open which of several it is.
	// Both are empty where it has no build number.
	first, last string
	// built is when it was built, or a time before which it was; zero: not known.
	built time.Time
	// builtWhen says so, as the end of a clause.
	builtWhen string
}

// circumstances are what a condition judges.
type circumstances struct {
	facts     *facts.Facts
	now       time.Time
	kernel    *subject
	lifecycle *Lifecycle
	bugs      []BugVerdict // in the order of the policy
}

// condition is one thing that a rule asks for.
type condition func(*circumstances) finding

// finding is what a condition says.
type finding struct {
	outcome Outcome
	cause   facts.Cause
	reason  string
	missing string
}
