package host_test

import (
	"fmt"
	"strings"
	"testing"

	"kernel_exporter/collector/host"
	"kernel_exporter/collector/testkit"
)

// The files of recorded kernels: Ubuntu's 4.4.0-21-generic with 25 dying cgroups,
// Debian's 6.1.0-50 with as many, and its 7.2.13.
const (
	cgroups44 = "#subsys_name\thierarchy\tnum_cgroups\tenabled\n" +
		"cpuset\t0\t1\t1\ncpu\t2\t16\t1\ncpuacct\t2\t16\t1\nblkio\t0\t1\t1\nmemory\t1\t41\t1\ndevices\t3\t16\t1\npids\t5\t16\t1\n"
	cgroupStat61 = "nr_descendants 13\nnr_dying_descendants 25\n"
	cgroupStat72 = "nr_descendants 13\nnr_subsys_cpuset 1\nnr_subsys_cpu 14\nnr_subsys_memory 12\nnr_subsys_misc 1\n" +
		"nr_dying_descendants 3\nnr_dying_subsys_cpuset 0\nnr_dying_subsys_memory 2\nnr_dying_subsys_misc 0\n"
)

var (
	mountV1     = host.Mounts{HasCgroup1: true, Cgroup1Memory: host.CgroupMount{Path: "sys/fs/cgroup/memory", Root: "/"}}
	mountV2     = host.Mounts{Cgroup2: host.CgroupMount{Path: "sys/fs/cgroup", Root: "/"}}
	mountHybrid = host.Mounts{
		HasCgroup1: true, Cgroup1Memory: mountV1.Cgroup1Memory,
		Cgroup2: host.CgroupMount{Path: "sys/fs/cgroup/unified", Root: "/"},
	}
	mountV2Below = host.Mounts{Cgroup2: host.CgroupMount{Path: "sys/fs/cgroup", Root: "/docker/1f"}}
)

func TestMemoryCgroups(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		mounts host.Mounts
		files  tree
		want   string // total and dying
		bad    string // in the error
	}{
		"v1":     {mounts: mountV1, files: tree{"proc/cgroups": cgroups44}, want: "41 unknown"},
		"hybrid": {mounts: mountHybrid, files: tree{"proc/cgroups": cgroups44}, want: "41 unknown"},
		"v1 without memory": {
			mounts: mountV1, files: tree{"proc/cgroups": "#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpu\t2\t16\t1\n"},
			want: "unknown unknown",
		},
		"v1 without proc": {mounts: mountV1, want: "unknown unknown"},
		"v1 without file": {mounts: mountV1, files: tree{"proc/stat": ""}, want: "unknown unknown"},
		"v1 bad number": {
			mounts: mountV1, files: tree{"proc/cgroups": "memory\t1\tx\t1\n"},
			want: "unknown unknown", bad: "proc/cgroups: ",
		},
		"v1 negative": {
			mounts: mountV1, files: tree{"proc/cgroups": "memory\t1\t-1\t1\n"},
			want: "unknown unknown", bad: "is not a line of cgroup controllers",
		},
		"v2 6.1": {mounts: mountV2, files: tree{"sys/fs/cgroup/cgroup.stat": cgroupStat61}, want: "39 25"},
		"v2 7.2": {mounts: mountV2, files: tree{"sys/fs/cgroup/cgroup.stat": cgroupStat72}, want: "14 2"},
		"v2 does not touch proc/cgroups": {
			mounts: mountV2, files: tree{"sys/fs/cgroup/cgroup.stat": cgroupStat72, "proc/cgroups": "bad\n"},
			want: "14 2",
		},
		"v2 before 4.14": {mounts: mountV2, files: tree{"sys/fs/cgroup/cgroup.procs": ""}, want: "unknown unknown"},
		"v2 bad": {
			mounts: mountV2, files: tree{"sys/fs/cgroup/cgroup.stat": "nr_descendants -1\n"},
			want: "unknown unknown", bad: "cgroup.stat: ",
		},
		"v2 of a container": {
			mounts: mountV2, want: "unknown unknown",
			files: tree{"sys/fs/cgroup/cgroup.stat": cgroupStat61, "sys/fs/cgroup/cgroup.events": ""},
		},
		"v2 below the root": {
			mounts: mountV2Below, want: "unknown unknown",
			files: tree{"sys/fs/cgroup/cgroup.stat": cgroupStat61},
		},
		"nothing mounted": {files: tree{"proc/cgroups": cgroups44, "sys/fs/cgroup/cgroup.stat": cgroupStat61}, want: "unknown unknown"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := rootOf(t, tt.files).MemoryCgroups(tt.mounts)
			if s := fmt.Sprint(testkit.Show(got.Total), " ", testkit.Show(got.Dying)); s != tt.want {
				t.Errorf("%s, want %s", s, tt.want)
			}
			testkit.CheckError(t, err, tt.bad)
		})
	}
}

// TestMemoryCgroupsOfALiveRoot is about who sees the root cgroup: in a pod that
// has its own cgroup namespace, the host's has a path like "/../.." in mountinfo.
func TestMemoryCgroupsOfALiveRoot(t *testing.T) {
	t.Parallel()
	live := tree{"sys/fs/cgroup/cgroup.stat": cgroupStat61, "sys/fs/cgroup/cgroup.controllers": "memory\n"}
	mounts := host.Mounts{Cgroup2: host.CgroupMount{Path: "sys/fs/cgroup", Root: "/../../.."}}

	got, err := liveRootOf(t, live).MemoryCgroups(mounts)
	if got.Total == nil || *got.Total != 39 || err != nil {
		t.Errorf("%v, %v, want 39", testkit.Show(got.Total), err)
	}
	live["sys/fs/cgroup/cgroup.events"] = "populated 1\n"
	got, err = liveRootOf(t, live).MemoryCgroups(mounts)
	if got.Total != nil || err != nil {
		t.Errorf("%v, %v, want unknown", testkit.Show(got.Total), err)
	}
}

func TestParseMemoryCgroups2(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ content, want, bad string }{
		"empty":              {want: "unknown unknown", bad: "no numbers of cgroups"},
		"only live":          {content: "nr_descendants 1\n", want: "unknown unknown", bad: "no numbers of cgroups"},
		"only half of 6.12":  {content: cgroupStat61 + "nr_subsys_memory 12\n", want: "39 25"},
		"no line feed":       {content: strings.TrimSuffix(cgroupStat61, "\n"), want: "39 25"},
		"a longer key":       {content: "nr_descendants_x 1\nnr_dying_descendants_x 1\n", want: "unknown unknown", bad: "no numbers"},
		"no number":          {content: "nr_descendants\nnr_dying_descendants 1\n", want: "unknown unknown", bad: "no numbers"},
		"two numbers":        {content: "nr_descendants 1 2\nnr_dying_descendants 1\n", want: "unknown unknown", bad: `"nr_descendants 1 2": not a number`},
		"bad dying":          {content: "nr_descendants 1\nnr_dying_descendants x\n", want: "unknown unknown", bad: "not a number"},
		"bad subsys":         {content: cgroupStat61 + "nr_subsys_memory x\n", want: "unknown unknown", bad: "not a number"},
		"too large":          {content: "nr_descendants 18446744073709551616\nnr_dying_descendants 0\n", want: "unknown unknown", bad: "not a number"},
		"the largest number": {content: "nr_descendants 18446744073709551615\nnr_dying_descendants 0\n", want: "18446744073709551615 0"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := host.ParseMemoryCgroups2([]byte(tt.content))
			if s := fmt.Sprint(testkit.Show(got.Total), " ", testkit.Show(got.Dying)); s != tt.want {
				t.Errorf("%s, want %s", s, tt.want)
			}
			testkit.CheckError(t, err, tt.bad)
		})
	}
}

func FuzzCgroupStat(f *testing.F) {
	f.Add([]byte(cgroupStat61))
	f.Add([]byte(cgroupStat72))
	f.Fuzz(func(t *testing.T, stat []byte) {
		m, err := host.ParseMemoryCgroups2(stat)
		if (err == nil) != (m.Total != nil) || (m.Total == nil) != (m.Dying == nil) {
			t.Errorf("%v and %v, error %v", testkit.Show(m.Total), testkit.Show(m.Dying), err)
		}
		if m.Total != nil && *m.Total < *m.Dying {
			t.Errorf("%d dying of %d", *m.Dying, *m.Total)
		}
	})
}

func FuzzProcCgroups(f *testing.F) {
	f.Add([]byte(cgroups44))
	f.Add([]byte("memory\t4\t-2\t1\n"))
	root := rootOf(f, tree{"proc/cgroups": cgroups44})
	f.Fuzz(func(t *testing.T, content []byte) {
		putCgroups(t, root, string(content))
		m, err := root.MemoryCgroups(mountV1)
		if err != nil && m.Total != nil || m.Dying != nil {
			t.Errorf("%v and %v, error %v", testkit.Show(m.Total), testkit.Show(m.Dying), err)
		}
	})
}

func TestControllerEnabled(t *testing.T) {
	t.Parallel()
	const header = "#subsys_name\thierarchy\tnum_cgroups\tenabled\n"
	for name, tt := range map[string]struct {
		files tree
		want  host.Answer
		bad   string
	}{
		"on":         {files: tree{"proc/cgroups": header + "cpu\t2\t1\t1\nmemory\t0\t5\t1\n"}, want: host.Yes},
		"left out":   {files: tree{"proc/cgroups": header + "memory\t0\t1\t0\n"}, want: host.No},
		"not listed": {files: tree{"proc/cgroups": header + "cpuset\t0\t1\t1\n"}},
		"no file":    {files: tree{"proc/stat": ""}},
		"nonsense":   {files: tree{"proc/cgroups": "memory\n"}, bad: "proc/cgroups: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := rootOf(t, tt.files).ControllerEnabled()
			testkit.CheckError(t, err, tt.bad)
			if got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}
