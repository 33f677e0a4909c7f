package event

func lockupPatterns() []pattern {
	const (
		soft = `\d+ stuck for \d+s!.*`
		// Without a newline of its own up to 4.19, so that on old kernels the
		// list of modules, with or without its level, follows on the line.
		hard = `\d+(?:d?Modules linked in:.*)?`
		// powerpc, el8 to 6.18.
		hardPowerpc = `\d+ (?:self-detected hard LOCKUP @ .+|detected hard LOCKUP on other CPUs .+|Hard LOCKUP)`
	)
	return []pattern{
		// kernel/hung_task.c: check_hung_task(), from 7.1 hung_task_info(),
		// which names the wait for I/O. What a task waits for (6.18, 7.1:
		// "is blocked on a mutex", "blocked on a semaphore") goes on with it.
		{event: "hung_task", head: "INFO: task ", tail: `.*:\d+ blocked(?: in I/O wait)? for more than \d+ seconds\.?`},

		// kernel/softlockup.c: softlockup_tick(), 2.6.32; kernel/watchdog.c:
		// watchdog_timer_fn(), bare in el6 and 3.10, with one prefix in el7
		// and 4.4, and with the other from 4.15 on.
		{event: "soft_lockup", head: "BUG: soft lockup - CPU#", tail: soft},
		{event: "soft_lockup", head: "NMI watchdog: BUG: soft lockup - CPU#", tail: soft},
		{event: "soft_lockup", head: "watchdog: BUG: soft lockup - CPU#", tail: soft},

		// kernel/watchdog.c: watchdog_overflow_callback(), up to 4.4, in
		// watchdog_hld.c from 4.15 to 6.1; then watchdog_hardlockup_check(),
		// which from 6.18 on says who found it.
		// arch/powerpc/kernel/watchdog.c: watchdog_smp_panic(),
		// soft_nmi_interrupt(), wd_lockup_ipi().
		{event: "hard_lockup", head: "Watchdog detected hard LOCKUP on cpu ", tail: hard},
		{event: "hard_lockup", head: "NMI watchdog: Watchdog detected hard LOCKUP on cpu ", tail: hard},
		{event: "hard_lockup", head: "watchdog: Watchdog detected hard LOCKUP on cpu ", tail: hard},
		{event: "hard_lockup", head: "watchdog: CPU", tail: `\d+: Watchdog detected hard LOCKUP on cpu ` + hard},
		{event: "hard_lockup", head: "watchdog: CPU ", tail: hardPowerpc},

		// kernel/workqueue.c: wq_watchdog_timer_fn(), el7, 4.15 to 7.1. What
		// follows "pool" is printed apart and can be a fragment.
		{event: "workqueue_lockup", head: "BUG: workqueue lockup - pool", tail: `(?: (?:cpus=|node=|flags=).*)?`},

		// kernel/rcutree.c, kernel/rcu/tree.c, from 5.4 tree_stall.h:
		// print_other_cpu_stall(), print_cpu_stall(), check_cpu_stall();
		// tree_exp.h: synchronize_sched_expedited_wait(), from 5.10
		// synchronize_rcu_expedited_wait(), from 6.12
		// synchronize_rcu_expedited_stall(); update.c, from 5.10 tasks.h:
		// check_holdout_task(), show_stalled_task_trace(); rcutiny_plugin.h:
		// check_cpu_stall(), 3.10 to 4.4. The details followed on the line up
		// to el7. The prefix is that of el8, 4.19 and later.
		{event: "rcu_stall", head: "INFO: rcu_", tail: rcuStall},
		{event: "rcu_stall", head: "rcu: INFO: rcu_", tail: rcuStall},
		// kernel/rcutree.c: print_other_cpu_stall(), print_cpu_stall(),
		// 2.6.32, el6.
		{event: "rcu_stall", head: "INFO: RCU detected CPU ", tail: `stalls:.*|\d+ stall \(t=\d+ jiffies\)`},
	}
}

// rcuStall is what follows "rcu_" of an RCU flavour's name: sched, bh, preempt,
// tasks, tasks_trace.
const rcuStall = `\w+ (?:` +
	`self-detected stall on CPU(?:\s.*)?|` +
	`detected (?:expedited )?stalls on CPUs/tasks:.*|` +
	`detected (?:stall|expedited stalls), but suppressed full report .*|` +
	`detected stalls on tasks:|` +
	`detected stalls\? \(.*\)|` +
	`detected stall on CPU \d+ \(t=\d+ jiffies\)|` + // Linux 2.6.35 to 3.1
	`stall on CPU \(\d+ ticks this GP\) .*)`
