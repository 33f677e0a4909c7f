package host_test

import (
	"testing"

	"kernel_exporter/collector/host"
)

func TestBuilt(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{
		"#1 SMP Mon Mar 18 15:06:45 UTC 2019":                              "2019-03-18 15:06:45",
		"#1 SMP PREEMPT_DYNAMIC Wed Jan 14 06:35:04 EST 2026":              "2026-01-14 06:35:04",
		"#1 SMP Thu Apr  8 19:51:47 UTC 2021":                              "2021-04-08 19:51:47",
		"#63~22.04.1-Ubuntu SMP PREEMPT_DYNAMIC Tue Apr 22 19:00:15 UTC 2": "",
		"#142~14.04.1-Ubuntu SMP Wed Feb 28 18:57:28 UTC 2018":             "2018-02-28 18:57:28",
		"#1 SMP PREEMPT_DYNAMIC Tue Jul  9 13:40:24 UTC 2024 (7b1c2a3)":    "2024-07-09 13:40:24",
		"#1 SMP PREEMPT_DYNAMIC Debian 6.1.176-1 (2026-07-02)":             "2026-07-02 00:00:00",
		"#1 SMP PREEMPT_DYNAMIC Mon, 27 Feb 2023 03:06:17 +0000":           "2023-02-27 03:06:17",
		"#1-Alpine SMP PREEMPT_DYNAMIC 2025-10-23 11:52:25":                "2025-10-23 11:52:25",
		"#1-NixOS SMP Tue Jan  1 00:00:00 UTC 1980":                        "",
		"#1 SMP Tue Feb 30 00:00:00 UTC 2021":                              "",
		"#1 SMP":                                                           "",
		"":                                                                 "",
	} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			got, ok := host.Kernel{Version: version}.Built()
			if ok != (want != "") || ok && got.Format("2006-01-02 15:04:05") != want {
				t.Errorf("%s, %v, want %s", got, ok, want)
			}
		})
	}
}
