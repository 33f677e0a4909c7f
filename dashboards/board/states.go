package board

import (
	"fmt"
	"strings"
)

// What a node is, as instance_state:kernel_node:bool has it. Where a state ends with
// unknown, it is not known whether the node is in another.
const (
	waits           = "waits" // for a network device
	slab            = "slab"  // holds more of the memory than SlabWarning
	leaking         = "leaking"
	oopsed          = "oopsed"
	rebootPending   = "reboot_pending"
	unfitNode       = "unfit"
	fitnessUnknown  = "fitness_unknown"
	sickCriticalNow = "sick_critical"
	sickWarningNow  = "sick_warning"
	sicknessUnknown = "sickness_unknown"
	silent          = "silent"
	bugsUnknown     = "bugs_unknown"
)

// inState are the nodes that are in one of some states.
func inState(states ...string) string {
	return of("instance_state:kernel_node:bool", `state=~"`+strings.Join(states, "|")+`"`)
}

// counted are the numbers of nodes in one of some states, by kernel. Those that do not
// report their kernel have an empty one.
func counted(states ...string) string {
	return of("cluster_release_state:kernel_nodes:count", `state=~"`+strings.Join(states, "|")+`"`)
}

// many returns how many nodes are in one of some states. Without the recorded numbers
// it finds nothing.
func many(states ...string) string {
	return or("sum("+counted(states...)+")", "0 * sum("+counted("all")+")")
}

// byRelease are the same for kernels that are known.
func byRelease(states ...string) string {
	return sumBy("release", strings.Replace(counted(states...), `state=~`, `release!="", state=~`, 1))
}

// perRelease returns how many nodes of each kernel are in one of some states, of which
// each node has one at most. Where it is unknown on all nodes of a kernel, that is absent;
// unknown is the state of those nodes, if there is one.
func perRelease(unknown string, states ...string) string {
	all := byRelease("all")
	if unknown == "" {
		return fmt.Sprintf("(%s or 0 * %s)", byRelease(states...), all)
	}
	return fmt.Sprintf("(%s or 0 * (%s - (%s or 0 * %s) > 0))", byRelease(states...), all, byRelease(unknown), all)
}
