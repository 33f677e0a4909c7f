package event

// faultEvents returns the events of a fault in the kernel. Most faults print a
// record of their own and then "Oops", the error code and the registers: only
// the first opens the report. Other traps begin with the latter.
func faultEvents() []entry {
	return []entry{
		{
			event:   "oops",
			doc:     "A fault in the kernel.",
			formats: append(oopsFormats(), trapFormats()...),
			// What a BUG goes on with, and opens a report where no BUG was
			// before: arch/x86/kernel/traps.c: handle_bug(), exc_invalid_op();
			// arch/arm64/kernel/traps.c: bug_handler(), cfi_handler(),
			// kasan_handler(); arch/arm/kernel/traps.c: arm_notify_die();
			// arch/s390/kernel/traps.c: illegal_op(), monitor_event_exception();
			// arch/powerpc/kernel/traps.c: program_check_exception();
			// arch/riscv/kernel/traps.c: do_trap_break().
			follows: []string{
				"{|Oops: }invalid opcode: %h [#%d]{| %o}",
				"Internal error: Oops - %k: %x [#%d]{| %*}",
				"{illegal operation|monitor event}: %h{| ilc:%d} [#%d]{| %o}",
				"Oops: Exception in kernel mode, sig: 5 [#%d]{| %*}",
				"{k|K}ernel BUG [#%d]",
			},
			after: []Event{"kernel_bug"},
		},
		{
			// lib/bug.c: report_bug(), from 6.1 __report_bug(), and BUG() of
			// include/asm-generic/bug.h; "Kernel" up to 6.18. Without
			// CONFIG_DEBUG_BUGVERBOSE the place is an address up to 4.4, then a
			// symbol and its module.
			event: "kernel_bug",
			doc:   "An assertion of the kernel failed.",
			formats: []string{
				"kernel BUG at %s:%d!",
				"{k|K}ernel BUG at %s{| [%s]} [verbose debug info unavailable]",
			},
		},
		{
			// kernel/panic.c: panic(), from 6.18 vpanic(). "---[ end Kernel panic"
			// closes it.
			event:   "panic",
			doc:     "The kernel stops.",
			formats: []string{"Kernel panic - not syncing: %s{| %+}"},
		},
	}
}

func oopsFormats() []string {
	return []string{
		// arch/x86/mm/fault.c: show_fault_oops(); printed in fragments up to
		// 4.15, whole in el8 and 4.19, in other words from 5.4. Where there are
		// fragments, another processor's record can follow on the line.
		"BUG: unable to handle kernel{| NULL pointer dereference%*| paging request%*| [%*}",
		"BUG: unable to handle page fault for address: %*",
		"BUG: kernel NULL pointer dereference, address: %*",
		// arch/x86/kernel/traps.c: handle_stack_overflow(), 4.15 to 7.1.
		"BUG: {|{TASK|IRQ|SOFTIRQ|ENTRY|NMI|#DF|#DB|#MC|#MCE|#VC|#VC2|unknown} }stack guard page was hit at %*",

		// arch/x86/kernel/traps.c: exc_double_fault(), from 5.10; doublefault.c:
		// df_debug(), 4.4 to 5.4, and of 32 bits doublefault_fn(), up to 5.4. On
		// 64 bits el7 has only the panic.
		"{|traps: }PANIC: double fault, {error_code: %x|gdt at %*}",

		// arch/arm64/mm/fault.c, arch/arm/mm/fault.c: __do_kernel_fault(),
		// die_kernel_fault(); arch/riscv/mm/fault.c: no_context(),
		// die_kernel_fault(); arch/s390/mm/fault.c: do_no_context(), from 6.12
		// handle_fault_error_nolock(); arch/powerpc/mm/fault.c: bad_page_fault(),
		// up to 4.19.
		"Unable to handle kernel {%k|access to user memory with fs=KERNEL_DS} {at|in} virtual %*",
		"Unable to handle kernel paging request for %k",
		// arch/powerpc/mm/fault.c: bad_page_fault(), from 5.15
		// __bad_page_fault().
		"BUG: Kernel NULL pointer dereference {|on read |on write }at %x",
		"BUG: Unable to handle kernel instruction fetch{| (NULL pointer?)}",
		"BUG: Unable to handle {kernel data access|kernel unaligned access|unknown paging fault}{| on read| on write} at %x",
		// arch/mips/mm/fault.c: __do_page_fault(); arch/loongarch/mm/fault.c:
		// no_context().
		"CPU %d Unable to handle kernel paging request at virtual address %*",

		// arch/arm/kernel/traps.c and arch/arm64/kernel/traps.c: __die(), with
		// the name of a fault of fsr-2level.c, fsr-3level.c and arm64's fault.c,
		// or none, or, in arm64's do_page_fault() of 4.6 to 4.17, what the kernel
		// did with memory of user space. "Oops" goes on with a report.
		"Internal error: {|%l{| %k}{| (%k)}|TLB conflict abort|Unsupported atomic hardware update fault|SP/PC alignment exception|BRK handler|" +
			"Accessing user space memory {outside uaccess.h routines|with fs=KERNEL_DS}|" +
			"Attempting to execute userspace memory|UBSAN: %k}: %x [#%d]{| %*}",
		"Internal error: Oops - {undefined instruction|Undefined instruction|undefinstr|bad mode|bad syscall{|(2)}|" +
			"branch through zero|SP/PC alignment exception|BTI|FPAC|GCS}: %x [#%d]{| %*}",
		// arch/powerpc/kernel/traps.c: __die(). "Kernel access of bad area" goes
		// on with a page fault, and signal 5 with a BUG.
		"Oops: Exception in kernel mode, sig: {4|7|8|11} [#%d]{| %*}",
		"Oops: {Machine check|System Reset|Bad kernel stack pointer|Kernel stack overflow|Weird page fault|Unrecoverable %k}, sig: %d [#%d]{| %*}",
		// arch/riscv/kernel/traps.c: die(), for do_trap_error().
		"Oops - {illegal instruction|unknown exception|environment call from %w-mode|" +
			"{load|store (or AMO)|instruction} {address misaligned|access fault}} [#%d]",
	}
}

// trapFormats returns the formats of traps that begin with the name of the trap,
// its error code and the kernel's options. arch/x86/kernel/traps.c:
// exc_general_protection(), up to 5.4 do_general_protection(), and other traps,
// through die() of dumpstack.c, which begins with "Oops: " from 6.12;
// arch/s390/kernel/traps.c, without "illegal operation" and "monitor event",
// which go on with a BUG. "divide_error" is of Linux 5.8 and 5.9. Not among them
// are "double fault", and "stack guard page" and "kernel stack overflow", which
// go on with the stack's.
func trapFormats() []string {
	return []string{
		"{|Oops: }{|segment-related }general protection fault{|, %k %x| for non-canonical address %x}: %h [#%d]{| %*}",
		"{|Oops: }{divide error|divide_error|overflow|bounds|int3|invalid TSS|segment not present|stack segment|alignment check|" +
			"coprocessor segment overrun|iret exception|fpu exception|simd exception}: %h [#%d]{| %o}",
		"{addressing exception|execute exception|specification exception|fixpoint divide exception|operand exception|data exception|" +
			"privileged operation|special operation exception|transaction constraint exception}: %h{| ilc:%d} [#%d]{| %o}",
	}
}
