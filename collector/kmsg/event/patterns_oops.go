package event

import "strings"

// oopsPatterns returns the formats of a fault in the kernel. Most faults print
// a record of their own and then "Oops", the error code and the registers: only
// the first opens the report. Other traps begin with the latter.
func oopsPatterns() []pattern {
	const (
		protection = `(?:,? [\w -]+ 0x[0-9a-f]+)?: [0-9a-f]{4,} \[#\d+\](?: .*)?`
		// The kernel's options, and nothing that can follow a process name:
		// "int3: 0000 [#1]" could be one.
		code = `: [0-9a-f]{4,}(?: ilc:\d)? \[#\d+\](?: [A-Z_]+(?:\([a-z]+\))?)* ?`
	)
	p := []pattern{
		// arch/x86/mm/fault.c: show_fault_oops(); printed in fragments up to
		// 4.15, whole in el8 and 4.19, in other words from 5.4. Where there are
		// fragments, another processor's record can follow on the line.
		{event: "oops", head: "BUG: unable to handle kernel", tail: ` ?| (?:NULL pointer dereference|paging request|\[).*`},
		{event: "oops", head: "BUG: unable to handle page fault for address: ", tail: `.+`},
		{event: "oops", head: "BUG: kernel NULL pointer dereference, address: ", tail: `.+`},
		// arch/x86/kernel/traps.c: handle_stack_overflow(), 4.15 to 7.1.
		{event: "oops", head: "BUG: ", tail: `(?:\S+ )?stack guard page was hit at .+`},

		// arch/x86/kernel/traps.c: exc_double_fault(), from 5.10;
		// doublefault.c: df_debug(), 4.4 to 5.4, and of 32 bits
		// doublefault_fn(), up to 5.4. On 64 bits el7 has only the panic.
		{event: "oops", head: "PANIC: double fault, ", tail: `error_code: 0x[0-9a-f]+|gdt at .*`},
		{event: "oops", head: "traps: PANIC: double fault, ", tail: `error_code: 0x[0-9a-f]+`},

		// arch/x86/kernel/traps.c: exc_general_protection(), up to 5.4
		// do_general_protection(), and other traps, through die() of
		// dumpstack.c, which begins with "Oops: " from 6.12.
		{event: "oops", head: "general protection fault", tail: protection},
		{event: "oops", head: "segment-related general protection fault", tail: protection},
		{event: "oops", head: "Oops: ", tail: `(?:segment-related )?general protection fault` + protection},
		{event: "oops", head: "Oops: ", tail: `(?:` + strings.Join(x86Traps(), "|") + `)` + code},

		// arch/arm64/mm/fault.c, arch/arm/mm/fault.c: __do_kernel_fault(),
		// die_kernel_fault(); arch/riscv/mm/fault.c: no_context(),
		// die_kernel_fault(); arch/s390/mm/fault.c: do_no_context(), from 6.12
		// handle_fault_error_nolock(); arch/powerpc/mm/fault.c:
		// bad_page_fault(), up to 4.19.
		{event: "oops", head: "Unable to handle kernel ", tail: `[\w,.= -]+ (?:at|in) virtual .*|paging request for [\w ]+`},
		// arch/powerpc/mm/fault.c: bad_page_fault(), from 5.15
		// __bad_page_fault().
		{event: "oops", head: "BUG: Kernel NULL pointer dereference ", tail: `(?:on (?:read|write) )?at 0x[0-9a-f]+`},
		{event: "oops", head: "BUG: Unable to handle ", tail: `kernel instruction fetch(?: \(NULL pointer\?\))?|` +
			`(?:kernel data access|kernel unaligned access|unknown paging fault)(?: on (?:read|write))? at 0x[0-9a-f]+`},
		// arch/mips/mm/fault.c: __do_page_fault(); arch/loongarch/mm/fault.c:
		// no_context().
		{event: "oops", head: "CPU ", tail: `\d+ Unable to handle kernel paging request at virtual address .*`},

		// arch/arm/kernel/traps.c and arch/arm64/kernel/traps.c: __die(), with
		// the name of a fault of fsr-2level.c, fsr-3level.c and arm64's
		// fault.c, or none, or, in arm64's do_page_fault() of 4.6 to 4.17, what
		// the kernel did with memory of user space. "Oops", "Oops - BUG", "Oops -
		// CFI" and "Oops - KASAN" go on with a report.
		{event: "oops", head: "Internal error: ", tail: `(?:[a-z][^:\[]*|TLB conflict abort|` +
			`Accessing user space memory (?:outside uaccess\.h routines|with fs=KERNEL_DS)|` +
			`Attempting to execute userspace memory|` +
			`Unsupported atomic hardware update fault|SP/PC alignment exception|BRK handler|` +
			`Oops - (?:[Uu]ndefined instruction|undefinstr|bad mode|bad syscall(?:\(2\))?|` +
			`branch through zero|SP/PC alignment exception|BTI|FPAC|GCS)|): [0-9a-f]+ \[#\d+\].*`},
		// arch/powerpc/kernel/traps.c: __die(). "Kernel access of bad area" goes
		// on with a page fault, and signal 5 with a BUG.
		{event: "oops", head: "Oops: ", tail: `(?:Exception in kernel mode, sig: (?:4|7|8|11)|` +
			`(?:Machine check|System Reset|Bad kernel stack pointer|Kernel stack overflow|Weird page fault|` +
			`Unrecoverable [\w/ ]+), sig: \d+) \[#\d+\].*`},
		// arch/riscv/kernel/traps.c: die(), for do_trap_error().
		{event: "oops", head: "Oops - ", tail: `(?:illegal instruction|unknown exception|environment call from [A-Z]-mode|` +
			`(?:load|store \(or AMO\)|instruction) (?:address misaligned|access fault)) \[#\d+\]`},

		// lib/bug.c: report_bug(), from 6.1 __report_bug(), and BUG() of
		// include/asm-generic/bug.h; "Kernel" up to 6.18.
		{event: "kernel_bug", head: "kernel BUG at ", tail: `\S+:\d+!|` + noFile},
		{event: "kernel_bug", head: "Kernel BUG at ", tail: noFile},

		// kernel/panic.c: panic(), from 6.18 vpanic(). "---[ end Kernel panic"
		// closes it.
		{event: "panic", head: "Kernel panic - not syncing: ", tail: `\S.*`},
	}
	for _, trap := range append(x86Traps(), s390Traps()...) {
		p = append(p, pattern{event: "oops", head: trap, tail: code})
	}
	return p
}

// noFile is the place of a BUG in a kernel without CONFIG_DEBUG_BUGVERBOSE: an
// address up to 4.4, then a symbol and its module.
const noFile = `\S+(?: \[\S+\])? \[verbose debug info unavailable\]`

// x86Traps returns the names of traps that arch/x86/kernel/traps.c passes to
// die() without a record before it; "divide_error" is of Linux 5.8 and 5.9. Not
// among them are "invalid opcode", which goes on with a BUG, "double fault",
// and "stack guard page" and "kernel stack overflow", which go on with the
// stack's.
func x86Traps() []string {
	return []string{
		"divide error", "divide_error", "overflow", "bounds", "int3", "invalid TSS",
		"segment not present", "stack segment", "alignment check",
		"coprocessor segment overrun", "iret exception", "fpu exception",
		"simd exception",
	}
}

// s390Traps returns those of arch/s390/kernel/traps.c, without "illegal
// operation" and "monitor event", which go on with a BUG.
func s390Traps() []string {
	return []string{
		"addressing exception", "execute exception", "specification exception",
		"fixpoint divide exception", "operand exception", "data exception",
		"privileged operation", "special operation exception",
		"transaction constraint exception",
	}
}
