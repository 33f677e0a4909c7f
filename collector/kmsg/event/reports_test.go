package event_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
)

// kinds says which event covers each kind of trouble that the reports hold; none
// for what is not a trouble of the node, or is no matter of one record.
func kinds() map[string]event.Event {
	return map[string]event.Event{
		"nvme controller down":                         "storage_transport_error",
		"nvme controller removed":                      "storage_transport_error",
		"ata errors":                                   "storage_transport_error",
		"ata/sas link error":                           "storage_transport_error",
		"scsi task abort":                              "storage_transport_error",
		"scsi host task abort / reset":                 "storage_transport_error",
		"iscsi session lost":                           "storage_transport_error",
		"fc/multipath path lost":                       "storage_transport_error",
		"usb/uas storage reset":                        "storage_transport_error",
		"md disk failure":                              "raid_disk_failure",
		"btrfs error":                                  "btrfs_error",
		"zfs panic":                                    "zfs_error",
		"zfs pool suspended":                           "zfs_error",
		"ext4 data loss":                               "ext4_error",
		"dm-verity corruption":                         "verity_error",
		"nic driver reset (ena)":                       "nic_reset",
		"nic hardware unit hang (e1000e)":              "nic_reset",
		"nic hardware unit hang (igb)":                 "nic_reset",
		"nic hardware unit hang (ixgbe)":               "nic_reset",
		"nic tx timeout by driver (i40e)":              "nic_reset",
		"vf removed":                                   "nic_reset",
		"kasan report":                                 "kernel_corruption",
		"kfence report":                                "kernel_corruption",
		"ubsan report":                                 "kernel_corruption",
		"list/refcount corruption":                     "kernel_corruption",
		"slub redzone/poison corruption (BUG <cache>)": "kernel_corruption",
		"bad page table (bad pmd)":                     "bad_page",
		"pcie aer corrected":                           "hardware_error_corrected",
		"pcie aer corrected via ghes":                  "hardware_error_corrected",
		"bert fatal error of previous boot":            "hardware_error",
		"memory failure (hwpoison)":                    "memory_failure",
		"iommu fault":                                  "iommu_fault",
		"gpu xid":                                      "gpu_error",
		"gpu lost / xid":                               "gpu_error",
		"gpu reset":                                    "gpu_error",
		"ceph osd/mon session lost":                    "remote_storage_unresponsive",
		"cifs server trouble":                          "remote_storage_unresponsive",
		"vmap/vmalloc allocation failed":               "vmalloc_failure",
		"swap write error":                             "swap_error",
		"zram decompression failed":                    "swap_error",
		"file-max reached":                             "file_table_full",
		"audit backlog / lost":                         "audit_lost",
		"syn flooding":                                 "syn_flood",
		"page_pool stalled (netdev held)":              "page_pool_stalled",
		"workqueue hogged cpu":                         "workqueue_hogged",
		"clocksource unstable":                         "clocksource_unstable",

		"ext4 directory index full": "",
		"page allocation stall":     "",
		"lockdep warning":           "",
		"link flap":                 "",
		"bond/link down":            "",
	}
}

// beside returns what else the reports hold, which were labelled when there was
// no event of it.
func beside() map[string][]event.Event {
	return map[string][]event.Event{
		"B029": {"kernel_warning"}, "B030": {"kernel_warning"}, "B031": {"kernel_warning"}, "B115": {"kernel_warning"},
		"B160": {"kernel_warning"}, "B161": {"kernel_warning"},
		"B087": {"kernel_corruption"}, // a bad rss-counter
		"B163": {"kernel_corruption"}, // a dentry still in use
		"B096": {"thermal_throttle"},
		"B137": {"oops"}, // an invalid opcode; the excerpt has no BUG before it
		"B174": {"storage_transport_error"},
	}
}

// TestReports holds the reader against the logs of real reports: each trouble is
// counted, once where the report names the number, and nothing else is.
func TestReports(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile(filepath.Join("testdata", "reports", "reports.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	m := event.NewMatcher()
	rows := strings.Split(strings.TrimSpace(string(file)), "\n")[1:]
	if len(rows) < 126 {
		t.Errorf("%d reports", len(rows))
	}
	for _, row := range rows {
		column := strings.Split(row, "\t")
		t.Run(column[0], func(t *testing.T) {
			t.Parallel()
			got, suppressed := read(m, column[4])
			checkReport(t, column[0], column[1], got, suppressed)
		})
	}
}

// read counts the events of a row's records.
func read(m *event.Matcher, records string) (got map[event.Event]int, suppressed int) {
	got = map[event.Event]int{}
	r := event.NewReader(m)
	undo := strings.NewReplacer(`\\`, `\`, `\t`, "\t", `\x0a`, "\n")
	for text := range strings.SplitSeq(records, `\n`) {
		line := []byte(undo.Replace(text))
		if f, ok := r.Find(record.UnknownTime, line); ok {
			got[f.Event]++
		}
		if n, ok := event.Suppressed(line); ok {
			suppressed += int(n)
		}
	}
	return got, suppressed
}

func checkReport(t *testing.T, id, expected string, got map[event.Event]int, suppressed int) {
	t.Helper()
	if strings.HasPrefix(expected, "none") {
		expected = ""
	}
	for _, want := range strings.FieldsFunc(expected, func(c rune) bool { return c == ';' || c == ',' }) {
		name, value, _ := strings.Cut(want, "=")
		if kind, wanted := strings.CutPrefix(want, "WANTED:"); wanted {
			e, known := kinds()[kind]
			if kind == "apei/ghes memory error" {
				e, known = map[bool]event.Event{true: "hardware_error_corrected", false: "hardware_error"}[id == "B014"], true
			}
			if !known {
				t.Errorf("kind %q", kind)
			}
			if e != "" && got[e] == 0 {
				t.Errorf("no %s of %q", e, kind)
			}
			delete(got, e)
			continue
		}
		n, err := strconv.Atoi(value)
		if err != nil {
			t.Fatal(err)
		}
		if name == "suppressed" {
			if n != suppressed {
				t.Errorf("%d suppressed, want %d", suppressed, n)
			}
			continue
		}
		if e := event.Event(name); got[e] != n {
			t.Errorf("%d %s, want %d", got[e], name, n)
		}
		delete(got, event.Event(name))
	}
	for _, e := range slices.Sorted(maps.Keys(got)) {
		if !slices.Contains(beside()[id], e) {
			t.Errorf("%d %s, want none", got[e], e)
		}
	}
}
