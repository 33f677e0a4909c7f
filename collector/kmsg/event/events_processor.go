package event

func processorEvents() []entry {
	return []entry{
		{
			// kernel/hung_task.c: check_hung_task(), from 7.1 hung_task_info(),
			// which names the wait for I/O. What a task waits for (6.18, 7.1: "is
			// blocked on a mutex", "blocked on a semaphore") goes on with it.
			event:   "hung_task",
			doc:     "A task has waited without interruption for minutes.",
			formats: []string{"INFO: task %c:%d blocked{| in I/O wait} for more than %d seconds{|.}"},
		},
		{
			// kernel/softlockup.c: softlockup_tick(), 2.6.32; kernel/watchdog.c:
			// watchdog_timer_fn(), bare in el6 and 3.10, with one prefix in el7
			// and 4.4, and with the other from 4.15 on.
			event:   "soft_lockup",
			doc:     "A processor does not schedule.",
			formats: []string{"{|NMI watchdog: |watchdog: }BUG: soft lockup - CPU#%d stuck for %ds!%+"},
		},
		{
			// kernel/watchdog.c: watchdog_overflow_callback(), up to 4.4, in
			// watchdog_hld.c from 4.15 to 6.1; then watchdog_hardlockup_check(),
			// which from 6.18 on says who found it. Without a newline of its own
			// up to 4.19, so that on old kernels the list of modules, with or
			// without its level, follows on the line.
			// arch/powerpc/kernel/watchdog.c: watchdog_smp_panic(),
			// soft_nmi_interrupt(), wd_lockup_ipi(), el8 to 6.18.
			event: "hard_lockup",
			doc:   "A processor takes no interrupts.",
			formats: []string{
				"{|NMI watchdog: |watchdog: |watchdog: CPU%d: }Watchdog detected hard LOCKUP on cpu %d{|Modules linked in:%*|dModules linked in:%*}",
				"watchdog: CPU %d {self-detected hard LOCKUP @ %*|detected hard LOCKUP on other CPUs %*|Hard LOCKUP}",
			},
		},
		{
			// kernel/workqueue.c: wq_watchdog_timer_fn(), el7, 4.15 to 7.1. What
			// follows "pool" is printed apart and can be a fragment.
			event:   "workqueue_lockup",
			doc:     "A pool of kernel workers makes no progress.",
			formats: []string{"BUG: workqueue lockup - pool{| cpus=%*| node=%*| flags=%*}"},
		},
		{
			// kernel/rcutree.c, kernel/rcu/tree.c, from 5.4 tree_stall.h:
			// print_other_cpu_stall(), print_cpu_stall(), check_cpu_stall();
			// tree_exp.h: synchronize_sched_expedited_wait(), from 5.10
			// synchronize_rcu_expedited_wait(), from 6.12
			// synchronize_rcu_expedited_stall(); update.c, from 5.10 tasks.h:
			// check_holdout_task(), show_stalled_task_trace(); rcutiny_plugin.h:
			// check_cpu_stall(), 3.10 to 4.4. The details followed on the line up
			// to el7. The prefix is that of el8, 4.19 and later. %w is the flavour:
			// sched, bh, preempt, tasks, tasks_trace.
			event: "rcu_stall",
			doc:   "An RCU grace period does not end.",
			formats: []string{
				"{|rcu: }INFO: rcu_%w self-detected stall on CPU%+",
				"{|rcu: }INFO: rcu_%w detected {|expedited }stalls on CPUs/tasks:%+",
				"{|rcu: }INFO: rcu_%w detected {stall|expedited stalls}, but suppressed full report %*",
				"{|rcu: }INFO: rcu_%w detected stalls on tasks:",
				"{|rcu: }INFO: rcu_%w detected stalls? (%*",
				"INFO: rcu_%w detected stall on CPU %d (t=%d jiffies)", // Linux 2.6.35 to 3.1
				"INFO: rcu_%w stall on CPU (%d ticks this GP) %*",
				// kernel/rcutree.c: 2.6.32, el6.
				"INFO: RCU detected CPU {stalls:%*|%d stall (t=%d jiffies)}",
			},
		},
	}
}
