package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"kernel_exporter/tools/kernels/wire"
)

// A laboratory boots kernels with the exporter.
type laboratory struct {
	settings
	dir     string
	guest   string // path of the guest's first process
	archive archive
}

// tried is what was seen of one kernel.
type tried struct {
	Kernel  kernel
	Facts   map[string]comparison // by version of cgroups
	Missing map[string]string     // versions of cgroups that it does not have, with the reason
	Results []wire.Result
	Clocks  []wire.Clock
}

// faults are what the exporter did wrong.
func (t tried) faults() (found []error) {
	for version, c := range t.Facts {
		for _, row := range c.Rows {
			if row.Fault != "" {
				found = append(found, fmt.Errorf("%s, cgroup %s: %s: %s", t.Kernel.Release, version, row.Metric, row.Fault))
			}
		}
	}
	for _, r := range t.Results {
		if r.Skipped == "" && r.Counted != len(r.Lines) {
			found = append(found, fmt.Errorf("%s: %s: the log has %d reports, the exporter counts %d", t.Kernel.Release, r.Event, len(r.Lines), r.Counted))
		}
	}
	return found
}

// wanted are the modules that guests use. The short form needs few.
func wanted(short bool) []string {
	few := strings.Fields("overlay dummy veth")
	if short {
		return few
	}
	return append(few, strings.Fields(`loop ext4 crc32c_generic crc32c_intel libcrc32c crc32c crc32c_cryptoapi crc16 mbcache jbd2
		virtio_pci virtio_net virtio_blk dm_mod dm_verity sha256_generic sha256 libsha256 sd_mod scsi_debug crc_t10dif crct10dif_generic
		nvme md_mod raid1 xfs btrfs nfs nfsv3 nbd aer_inject nf_conntrack nf_tables nft_ct nf_defrag_ipv4 nf_defrag_ipv6 nfnetlink`)...)
}

// image makes the initramfs of a kernel.
func (l laboratory) image(ctx context.Context, k kernel) (vmlinuz, initrd string, err error) {
	dir, err := l.archive.unpack(ctx, k)
	if err != nil {
		return "", "", err
	}
	vmlinuz, err = packaged(dir, k, "vmlinuz")
	if err != nil {
		return "", "", err
	}
	m, err := findModules(dir)
	if err != nil {
		return "", "", err
	}
	t := tree{}
	for _, dir := range []string{"proc", "sys", "dev", "run", "tmp", "var", "lib/modules/" + k.Release} {
		t.add(dir, directory, nil)
	}
	t.add("sbin/modprobe", link, []byte("/init"))
	t.add("etc/os-release", plain, fmt.Appendf(nil, "# Of a guest of make kernels.\nID=debian\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"%s\"\n", debian(k.Suite)))
	nft, err := exec.LookPath("nft")
	if err != nil {
		return "", "", err
	}
	disk, err := l.disk(ctx)
	if err != nil {
		return "", "", err
	}
	// Without it the exporter says that the configuration is not known.
	if config, err := packaged(dir, k, "config"); err == nil {
		if err := t.addFile("boot/config-"+k.Release, plain, config); err != nil {
			return "", "", err
		}
	}
	initrd = filepath.Join(l.dir, "initrd")
	return vmlinuz, initrd, errors.Join(
		t.addFile("init", program, l.guest),
		t.addFile("kernel_exporter", program, l.exporter),
		t.addFile("ext4", plain, disk),
		t.addProgram(ctx, nft, "nft"),
		t.addModules(ctx, m, wanted(l.short)),
		t.write(initrd),
	)
}

// packaged finds a file of a kernel: until 6.19 in /boot, after that beside its modules.
func packaged(dir string, k kernel, name string) (string, error) {
	for _, path := range []string{"boot/" + name + "-" + k.Release, "usr/lib/modules/" + k.Release + "/" + name} {
		path = filepath.Join(dir, path)
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s: no %s in its packages", k.Release, name)
}

// disk makes an image with a file system.
func (l laboratory) disk(ctx context.Context) (string, error) {
	path := filepath.Join(l.dir, "ext4")
	if err := errors.Join(os.WriteFile(path, nil, 0o644), os.Truncate(path, 8<<20)); err != nil {
		return "", err
	}
	_, err := output(ctx, l.dir, "mkfs.ext4", "-q", "-F", "-b", "1024", path)
	return path, err
}

// debian is the version of the release that a suite belongs to.
func debian(suite string) string {
	for name, version := range map[string]string{"bullseye": "11", "bookworm": "12", "trixie": "13"} {
		if strings.HasPrefix(suite, name) {
			return version
		}
	}
	return ""
}

// try boots a kernel for its facts, with each version of cgroups, and then for
// its reports.
func (l laboratory) try(ctx context.Context, k kernel) (tried, error) {
	t := tried{Kernel: k, Facts: map[string]comparison{}, Missing: map[string]string{}}
	vmlinuz, initrd, err := l.image(ctx, k)
	if err != nil {
		return t, err
	}
	b := boot{dir: l.dir, kernel: vmlinuz, initrd: initrd, limit: 10 * time.Minute, say: say}
	if l.only == "" {
		if err := l.facts(ctx, b, &t); err != nil {
			return t, err
		}
	}
	if l.settings.facts || !k.reports {
		return t, nil
	}
	failed := l.reports(ctx, b, &t)
	if !l.short && (l.only == "" || l.only == clockMode) {
		failed = errors.Join(failed, l.clocks(ctx, b, &t))
	}
	return t, failed
}

// clockMode is what -only has to be for the clocks alone.
const clockMode = "clock"

// clocks changes the clocks of a guest.
func (l laboratory) clocks(ctx context.Context, b boot, t *tried) error {
	b.name = t.Kernel.Release + "-" + clockMode
	b.options = "KERNELS_MODE=clock KERNELS_CGROUP=v2"
	b.devices = []string{"-global", "PIIX4_PM.disable_s3=0"}
	b.limit = 30 * time.Minute
	h, err := b.run(ctx)
	t.Clocks = h.clocks
	return errors.Join(err, l.keep(b.name, h))
}

// facts compares the metrics with each version of cgroups.
func (l laboratory) facts(ctx context.Context, b boot, t *tried) error {
	k := t.Kernel
	versions := []string{"v2", "v1"}
	if l.short {
		versions = versions[:1]
	}
	for _, version := range versions {
		b.name = k.Release + "-facts-" + version
		b.options = "KERNELS_MODE=facts KERNELS_CGROUP=" + version
		h, err := b.run(ctx)
		if err != nil && strings.Contains(err.Error(), "has no memory controller of cgroup v1") {
			t.Missing[version] = "the kernel has no memory controller of cgroup v1"
			continue
		}
		if err != nil {
			return err
		}
		if err := l.keep(b.name, h); err != nil {
			return err
		}
		if t.Facts[version], err = compare(h, k); err != nil {
			return err
		}
		say("%s: %s", b.name, t.Facts[version].summary())
	}
	return nil
}

// reports provokes them, group by group. A guest that fails ends its group only.
func (l laboratory) reports(ctx context.Context, b boot, t *tried) (failed error) {
	all := groups()
	if l.short {
		all = []group{{name: "short", names: quick()}}
	}
	for _, g := range all {
		names := slices.DeleteFunc(slices.Clone(g.names), func(n string) bool {
			return l.only != "" && !slices.Contains(strings.Split(l.only, ","), n)
		})
		if len(names) == 0 {
			continue
		}
		b.name = t.Kernel.Release + "-" + g.name
		b.options = "KERNELS_MODE=reports KERNELS_CGROUP=v2 KERNELS_ONLY=" + strings.Join(names, ",") + " " + g.options
		end := func() {}
		if g.devices != nil {
			var err error
			if b.devices, end, err = g.devices(ctx, l.dir); err != nil {
				return err
			}
		}
		b.limit = 15 * time.Minute
		h, err := b.run(ctx)
		end()
		b.devices = nil
		t.Results = append(t.Results, h.results...)
		if err == nil {
			err = l.keep(b.name, h)
		}
		if failed = errors.Join(failed, err); ctx.Err() != nil {
			break
		}
	}
	return failed
}

// keep writes what a guest sent to the directory of results.
func (l laboratory) keep(name string, h heard) error {
	dir := filepath.Join(l.dir, "results", name)
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	for file, text := range h.files {
		path := filepath.Join(dir, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return err
		}
	}
	if h.files["kmsg"] != nil {
		if err := os.MkdirAll(filepath.Join(dir, "root", "dev"), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, "root", "dev", "kmsg"), h.files["kmsg"], 0o644); err != nil {
			return err
		}
	}
	return nil
}
