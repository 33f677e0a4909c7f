// Package wire has the messages between the machine that boots a kernel and the
// guest in which it runs. They go over a serial line, one JSON object a line.
package wire

// A Message is what the guest sends. Exactly one field is set.
type Message struct {
	Say    string  `json:"say,omitempty"`    // progress
	File   *File   `json:"file,omitempty"`   // something that was read in the guest
	Result *Result `json:"result,omitempty"` // of a report that was provoked
	Clock  *Clock  `json:"clock,omitempty"`  // what the exporter said after a clock was changed
	Ask    *Ask    `json:"ask,omitempty"`    // answered by an Answer
	End    bool    `json:"end,omitempty"`    // nothing follows
	Error  string  `json:"error,omitempty"`  // the guest could not do its work
}

// A File is bytes with a name.
type File struct {
	Name string `json:"name"`
	Data []byte `json:"data"`
}

// An Ask is a wish of the guest that only the machine below it can fulfil.
type Ask struct {
	Address uint64 `json:"address,omitempty"` // where to write in the kernel's memory
	Bytes   []byte `json:"bytes,omitempty"`   // what to write there
	Length  int    `json:"length,omitempty"`  // read so many bytes instead
	Seconds int    `json:"seconds,omitempty"` // do it only after so long; the answer comes at once
	Monitor string `json:"monitor,omitempty"` // a command to qemu
}

// An Answer is what became of an Ask.
type Answer struct {
	Bytes []byte `json:"bytes,omitempty"` // what was at the address before, or what qemu said
	Error string `json:"error,omitempty"`
}

// A Result says what a kernel reported and what the exporter made of it.
type Result struct {
	Event   string         `json:"event"`             // what was to be reported
	How     string         `json:"how"`               // what was done
	Lines   []Line         `json:"lines,omitempty"`   // the records that open a report
	Counted int            `json:"counted"`           // by how much kernel_log_events_total rose
	Others  map[string]int `json:"others,omitempty"`  // other events that rose
	Sick    string         `json:"sick,omitempty"`    // the severity by which check shows it
	Skipped string         `json:"skipped,omitempty"` // why it could not be provoked
	Records []string       `json:"records,omitempty"` // all records of the kernel meanwhile
}

// A Line is a record that opens a report.
type Line struct {
	Raw  string `json:"raw"`  // as /dev/kmsg gave it
	Text string `json:"text"` // unescaped
}

// A Clock says what the exporter made of a change of the guest's clocks.
type Clock struct {
	How   string // what was done
	Cells []Cell
}

// A Cell is one thing that was compared.
type Cell struct {
	Name  string
	Fault string // empty if it was as the kernel's clocks say
}
