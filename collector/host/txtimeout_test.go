package host_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kernel_exporter/collector/testkit"
)

const netDir = "sys/class/net/"

// card is a network card with a number and the time-outs of its queues.
func card(name, index string, queues ...string) tree {
	files := tree{netDir + name + "/device/vendor": "0x1af4\n", netDir + name + "/ifindex": index + "\n"}
	for i, n := range queues {
		files[netDir+name+"/queues/tx-"+string(rune('0'+i))+"/tx_timeout"] = n + "\n"
		files[netDir+name+"/queues/rx-"+string(rune('0'+i))+"/rps_cpus"] = "0\n"
	}
	return files
}

func TestTxTimeouts(t *testing.T) {
	t.Parallel()
	virtual := tree{netDir + "veth1/ifindex": "7\n", netDir + "veth1/queues/tx-0/tx_timeout": "99\n", netDir + "bonding_masters": "bond0\n"}
	for name, tt := range map[string]struct {
		files   tree
		want    uint64
		absent  bool
		wantErr string
	}{
		"no sys":              {files: tree{"proc/x": ""}, absent: true},
		"only virtual ones":   {files: virtual, absent: true},
		"a card and a veth":   {files: card("eth0", "2", "1", "2").With(virtual), want: 3},
		"two cards":           {files: card("eth0", "2", "1").With(card("eth1", "3", "40")), want: 41},
		"no number recorded":  {files: tree{netDir + "eth0/device/vendor": "", netDir + "eth0/queues/tx-0/tx_timeout": "5"}, want: 5},
		"before 3.2":          {files: tree{netDir + "eth0/device/vendor": "", netDir + "eth0/queues/tx-0/xps_cpus": "0"}, absent: true},
		"nonsense":            {files: card("eth0", "2", "many"), wantErr: "not a number"},
		"one of two readable": {files: card("eth0", "2", "x").With(card("eth1", "3", "4")), want: 4, wantErr: "not a number"},
		"linked as in sys": {files: tree{
			"sys/devices/pci0/virtio2/net/eth0/device@":                "../../../virtio2",
			"sys/devices/pci0/virtio2/net/eth0/ifindex":                "4\n",
			"sys/devices/pci0/virtio2/net/eth0/queues/tx-0/tx_timeout": "6\n",
			"sys/class/net/eth0@":                                      "../../devices/pci0/virtio2/net/eth0",
		}, want: 6},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := rootOf(t, tt.files).NewTxTimeouts().Read(t.Context())
			if tt.absent != errors.Is(err, fs.ErrNotExist) || tt.wantErr == "" && !tt.absent && err != nil {
				t.Errorf("%v, absent %v", err, tt.absent)
			}
			if tt.wantErr != "" {
				testkit.CheckError(t, err, tt.wantErr)
			}
			if got != tt.want {
				t.Errorf("%d, want %d", got, tt.want)
			}
		})
	}
}

func TestTxTimeoutsNeverFall(t *testing.T) {
	t.Parallel()
	f := rootOf(t, card("eth0", "2", "5", "1").With(card("eth1", "3", "10")))
	counts := f.NewTxTimeouts()
	put := func(rel, content string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(f.Path(rel)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(f.Path(rel), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	rename := func(from, to string) {
		t.Helper()
		if err := os.Rename(f.Path(netDir+from), f.Path(netDir+to)); err != nil {
			t.Fatal(err)
		}
	}
	const queue = "/queues/tx-0/tx_timeout"
	for _, step := range []struct {
		name   string
		change func()
		want   uint64
	}{
		{"at first", func() {}, 16},
		{"one more", func() { put(netDir+"eth0"+queue, "6\n") }, 17},
		{"another name", func() { rename("eth1", "uplink") }, 17},
		{"gone to a pod", func() { rename("uplink", "../away") }, 17},
		{"back, with one more", func() { put("sys/class/away"+queue, "11\n"); rename("../away", "eth1") }, 18},
		{"a driver that began again", func() { put(netDir+"eth1"+queue, "2\n") }, 20},
		{"unreadable for a while", func() { put(netDir+"eth1"+queue, "x\n") }, 20},
		{"readable again", func() { put(netDir+"eth1"+queue, "2\n") }, 20},
		{"a new card", func() {
			put(netDir+"eth2/device/x", "")
			put(netDir+"eth2/ifindex", "9")
			put(netDir+"eth2"+queue, "1")
		}, 21},
		{"all gone", func() { rename("eth0", "../a"); rename("eth1", "../b"); rename("eth2", "../c") }, 21},
	} {
		step.change()
		got, err := counts.Read(t.Context())
		if got != step.want || err != nil && !strings.Contains(err.Error(), `"x" is not a number`) {
			t.Fatalf("%s: %d, %v; want %d", step.name, got, err, step.want)
		}
	}
}

func TestTxTimeoutsLive(t *testing.T) {
	t.Parallel()
	got, err := thisMachine(t).NewTxTimeouts().Read(t.Context())
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("SKIPPED: no network card is seen here")
	}
	if err != nil || got > 1000 {
		t.Errorf("%d, %v", got, err)
	}
}
