package event_test

// lockupFormats is made from kernel/hung_task.c, kernel/watchdog.c,
// kernel/watchdog_hld.c, kernel/softlockup.c, kernel/workqueue.c,
// arch/powerpc/kernel/watchdog.c and the files of RCU.
func lockupFormats() []formatted {
	return []formatted{
		{"hung_task", "2.6.32", "INFO: task flush-8:0:1123 blocked for more than 120 seconds."},
		{"hung_task", "6.12", "INFO: task kworker/u4:8:11933 blocked for more than 1228 seconds."},
		{"hung_task", "6.18", "INFO: task a: b [c] (d)e:1 blocked for more than 4 seconds."},
		{"hung_task", "6.18, an empty name", "INFO: task :77 blocked for more than 4 seconds."},
		{"hung_task", "7.1", "INFO: task jbd2/vda1-8:311 blocked in I/O wait for more than 122 seconds."},

		{"soft_lockup", "2.6.32", "BUG: soft lockup - CPU#0 stuck for 61s! [events/0:9]"},
		{"soft_lockup", "3.10", "BUG: soft lockup - CPU#11 stuck for 22s! [runc:[1:CHILD]:185318]"},
		{"soft_lockup", "4.4", "NMI watchdog: BUG: soft lockup - CPU#34 stuck for 22s! [a ]: b:1]"},
		{"soft_lockup", "7.1", "watchdog: BUG: soft lockup - CPU#1 stuck for 134s! [:10431]"},

		{"hard_lockup", "3.10", "Watchdog detected hard LOCKUP on cpu 0"},
		{"hard_lockup", "3.10", "Watchdog detected hard LOCKUP on cpu 3dModules linked in: xt_nat veth"},
		{"hard_lockup", "el6", "Watchdog detected hard LOCKUP on cpu 3Modules linked in: autofs4"},
		{"hard_lockup", "6.1", "NMI watchdog: Watchdog detected hard LOCKUP on cpu 12"},
		{"hard_lockup", "6.12", "watchdog: Watchdog detected hard LOCKUP on cpu 12"},
		{"hard_lockup", "7.1", "watchdog: CPU3: Watchdog detected hard LOCKUP on cpu 12"},
		{"hard_lockup", "5.4 powerpc", "watchdog: CPU 8 self-detected hard LOCKUP @ plpar_hcall_norets+0x1c/0x28"},
		{"hard_lockup", "5.4 powerpc", "watchdog: CPU 8 detected hard LOCKUP on other CPUs 0-3,5"},
		{"hard_lockup", "5.4 powerpc", "watchdog: CPU 5 Hard LOCKUP"},

		{"workqueue_lockup", "el7", "BUG: workqueue lockup - pool cpus=3 node=0 flags=0x0 nice=-20 stuck for 31s!"},
		{"workqueue_lockup", "7.1", "BUG: workqueue lockup - pool cpus=0-63 flags=0x4 nice=0 stuck for 43s!"},
		{"workqueue_lockup", "4.15, the pool apart", "BUG: workqueue lockup - pool"},

		{"rcu_stall", "2.6.32", "INFO: RCU detected CPU stalls: 0 2 (detected by 1, t=10002 jiffies)"},
		{"rcu_stall", "el6", "INFO: RCU detected CPU 3 stall (t=10000 jiffies)"},
		{"rcu_stall", "2.6.38", "INFO: rcu_sched_state detected stall on CPU 0 (t=6000 jiffies)"},
		{"rcu_stall", "3.10", "INFO: rcu_sched self-detected stall on CPU { 1}  (t=60000 jiffies g=38 c=37 q=111)"},
		{"rcu_stall", "el7", "INFO: rcu_sched detected stalls on CPUs/tasks: { 2} (detected by 0, t=65008 jiffies, g=48068, c=48067, q=7339)"},
		{"rcu_stall", "3.10, CONFIG_TINY_RCU", "INFO: rcu_bh stall on CPU (2 ticks this GP) idle=1 (t=21000 jiffies q=3)"},
		{"rcu_stall", "4.4", "INFO: rcu_preempt detected expedited stalls on CPUs/tasks: {"},
		{"rcu_stall", "4.4", "INFO: rcu_tasks detected stalls on tasks:"},
		{"rcu_stall", "el8", "rcu: INFO: rcu_sched self-detected stall on CPU"},
		{"rcu_stall", "7.1", "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:"},
		{"rcu_stall", "7.1", "rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { 1-...D } 2639 jiffies s: 1237 root: 0x2/."},
		{"rcu_stall", "6.12", "rcu: INFO: rcu_sched detected stall, but suppressed full report due to a stuck CSD-lock."},
		{"rcu_stall", "6.18", "rcu: INFO: rcu_sched detected expedited stalls, but suppressed full report due to a stuck CSD-lock."},
		{"rcu_stall", "5.10", "INFO: rcu_tasks_trace detected stalls? (Late IPI?)"},
		{"rcu_stall", "6.1", "rcu: INFO: rcu_tasks_trace detected stalls on tasks:"},
	}
}
