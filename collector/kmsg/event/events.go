// Package event says which of the kernel's log messages open a report of
// trouble, and of which kind. It is pure: it reads nothing but the text it is
// given.
package event

import "slices"

// An Event is a kind of report that the kernel makes in its log, by its metric
// label, such as "hung_task". One event is one record that opens such a report.
type Event string

// The events that other code treats differently from the rest. All are in the
// table below, which is where a new event is added.
const (
	NetdevLeak                Event = "netdev_leak"
	OverlayfsTechPreview      Event = "overlayfs_tech_preview"
	OverlayfsUpperUnsupported Event = "overlayfs_upper_unsupported"
	OverlayfsInUse            Event = "overlayfs_in_use"
)

// An entry describes one event. The texts are templates: [template] says how
// they are written. No text matches two of them.
//
// Beside the templates stand the file and function of the kernel that prints
// them and the versions that do, of those that were read: 2.6.32, el6
// (2.6.32-642), 3.10, el7 (3.10.0-1160), 4.4, 4.15, el8 (4.18.0-147), 4.19,
// 5.4, 5.10, 5.15, 6.1, 6.6, 6.12, 6.18 and 7.1. Where none stand, all do.
type entry struct {
	event Event
	doc   string // one sentence, for the documentation

	// formats are the records that open a report.
	formats []string
	// follows are records that open a report unless they belong to one: unless
	// one of the events in after was reported shortly before (see [Reader]).
	follows []string
	after   []Event
	// belongs are records that open no report, but show that one goes on.
	belongs []string
}

// table returns every event, in the order of the documentation.
func table() []entry {
	return slices.Concat(
		memoryEvents(),
		processorEvents(),
		faultEvents(),
		corruptionEvents(),
		networkEvents(),
		nicEvents(),
		overlayEvents(),
		filesystemEvents(),
		storageEvents(),
		transportEvents(),
		hardwareEvents(),
		limitEvents(),
	)
}

// All returns every event, in the order of the documentation.
func All() []Event {
	var all []Event
	for _, e := range table() {
		all = append(all, e.event)
	}
	return all
}

// Known says whether there is an event of this name.
func Known(name string) bool { return slices.Contains(All(), Event(name)) }

// Doc returns a sentence that says what the event is, or "" for a name that is
// no event's.
func (e Event) Doc() string {
	for _, t := range table() {
		if t.event == e {
			return t.doc
		}
	}
	return ""
}
