package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// recorded are the files that a recorded root has, as patterns. They are what the
// exporter reads, but for the log, which is sent by itself.
func recorded() []string {
	return []string{
		"/proc/cgroups", "/proc/cmdline", "/proc/filesystems", "/proc/meminfo", "/proc/slabinfo", "/proc/stat",
		"/proc/uptime", "/proc/version", "/proc/1/mountinfo", "/proc/version_signature",
		"/proc/sys/kernel/arch", "/proc/sys/kernel/hostname", "/proc/sys/kernel/osrelease",
		"/proc/sys/kernel/ostype", "/proc/sys/kernel/tainted", "/proc/sys/kernel/version",
		"/proc/sys/kernel/hung_task_detect_count", "/proc/sys/kernel/random/boot_id",
		"/proc/sys/kernel/dmesg_restrict", "/proc/sys/kernel/unprivileged_userns_clone",
		"/proc/sys/kernel/io_uring_disabled", "/proc/sys/kernel/unprivileged_bpf_disabled",
		"/proc/sys/net/core/netdev_unregister_timeout_secs",
		"/proc/sys/user/max_user_namespaces", "/proc/sys/user/max_net_namespaces",
		"/proc/pressure/*", "/sys/kernel/*_count", "/sys/kernel/mm/*/enabled", "/sys/kernel/btf/vmlinux@",
		"/sys/kernel/cgroup/*", "/sys/kernel/security/lsm", "/sys/kernel/livepatch/*/*",
		"/sys/module/overlay/parameters/*", "/sys/module/overlay/taint",
		"/sys/module/printk/parameters/*", "/etc/os-release",
	}
}

// cgroupFiles are those of a recorded root's cgroups.
func cgroupFiles() []string {
	return []string{
		"cgroup.controllers", "cgroup.procs", "cgroup.stat", "memory.current", "memory.high", "memory.stat",
		"memory.kmem.usage_in_bytes", "memory.kmem.max_usage_in_bytes", "memory.kmem.limit_in_bytes",
		"memory.use_hierarchy", "memory.usage_in_bytes",
	}
}

// sendRoot sends the files of a root, below root/ by their paths.
func (g *guest) sendRoot() error {
	var paths []string
	for _, pattern := range recorded() {
		found, err := filepath.Glob(strings.TrimSuffix(pattern, "@"))
		if err != nil {
			return err
		}
		paths = append(paths, found...)
	}
	err := filepath.WalkDir("/sys/fs/cgroup", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && slices.Contains(cgroupFiles(), d.Name()) {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, path := range paths {
		if path == "/sys/kernel/btf/vmlinux" {
			if err := g.sendFile("root"+path, nil); err != nil { // only that it is there is read
				return err
			}
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			continue // such a file is not recorded
		}
		if err := g.sendFile("root"+path, text); err != nil {
			return err
		}
	}
	return nil
}
