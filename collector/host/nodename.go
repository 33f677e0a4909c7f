package host

import "path/filepath"

// maxHostName is HOST_NAME_MAX (include/uapi/linux/utsname.h) and room for a domain.
const maxHostName = 253

// NodeName returns the name of the machine, empty where it cannot be read. Below
// another root than / that is etc/hostname alone: what /proc/sys/kernel/hostname
// shows is the name of the reader's own UTS namespace, in a pod the pod's.
func (f *FS) NodeName() string {
	rel := "etc/hostname"
	if filepath.Clean(f.root) == "/" {
		rel = "proc/sys/kernel/hostname"
	}
	name, err := f.readLine(rel, maxHostName)
	if err != nil {
		return ""
	}
	return name
}
