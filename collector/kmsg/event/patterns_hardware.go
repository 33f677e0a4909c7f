package event

func hardwarePatterns() []pattern {
	const (
		// What a failed request is printed with; more of it from 5.4 on.
		request = `\S+, sector \d+(?: flags [0-9a-f]+| op 0x[0-9a-f]+:\(\w+\) .*)?`
		buffer  = ` \S+, logical block \d+(?:, [a-z ]+)?`
		// The errors of a memory controller: up to el6; in Linux 3.5 and 3.6;
		// with their number from 3.10. A process could be named like the
		// beginning of the latter two, but its number follows in brackets.
		edacOne = `(?:CE|UE) (?:page 0x[0-9a-f]+, offset 0x[0-9a-f]+, grain|` +
			`row \d+, channel(?: \d+,|-a= \d+ channel-b= \d+) labels?|- no information available:) .*`
		edacNone  = `(?:CE|UE) [^\[]+ on [^\[]+ \([^\[]*page[: ]0x[0-9a-f]+ .*\)`
		edacCount = `\d+ (?:CE|UE) (?:[^\[].*)?on .*\(.*page:0x[0-9a-f]+ offset:0x[0-9a-f]+ grain:-?\d+.*\)`
	)
	p := []pattern{
		// fs/buffer.c: buffer_io_error(); fs/ext4/page-io.c, from 3.10.
		{event: "buffer_io_error", head: "Buffer I/O error on dev", tail: buffer},
		{event: "buffer_io_error", head: "Buffer I/O error on device", tail: buffer},

		// arch/x86/kernel/cpu/mce/core.c, up to 4.19 mcheck/mce.c:
		// mce_notify_irq(), in 7.1 mce_log(): bare in 2.6.32, then in el6, then
		// from 3.10.
		{event: "mce", head: "Machine check events logged"},
		{event: "mce", head: "[Hardware Error]: Machine check events logged"},
		{event: "mce", head: "mce: [Hardware Error]: Machine check events logged"},

		// drivers/edac/edac_mc.c: edac_mc_handle_ce(), edac_mc_handle_ue() and
		// their like, from 3.10 edac_ce_error() and edac_ue_error();
		// drivers/edac/edac_device.c: edac_device_handle_ce(),
		// edac_device_handle_ue().
		{event: "edac", head: "EDAC MC", tail: `\d+: (?:` + edacOne + `|` + edacNone + `|` + edacCount + `)`},
		{event: "edac", head: "EDAC DEVICE", tail: `\d+: (?:CE|UE): .* instance: .* block: .*`},

		// block/blk-core.c: blk_update_request(), under its name from el7 on;
		// print_req_error(), under its name in 4.15, el8 and 4.19 and under its
		// caller's from 5.4 to 5.15.
		{event: "block_io_error", head: "end_request: ", tail: `[\w/ ]+ error, dev ` + request},
		{event: "block_io_error", head: "blk_update_request: ", tail: `[\w/ ]+ error, dev ` + request},
		{event: "block_io_error", head: "print_req_error: ", tail: `[\w/ ]+ error, dev ` + request},
	}
	// block/blk-mq.c: blk_print_req_error(), 6.1 to 6.18, has nothing before
	// the error, which is one of blk_errors[] of block/blk-core.c.
	for _, e := range []string{
		"operation not supported", "timeout", "critical space allocation",
		"recoverable transport", "critical target", "critical nexus",
		"reservation conflict", "critical medium", "protection",
		"kernel resource", "device resource", "nonblocking retry",
		"dm internal retry", "open zones exceeded", "active zones exceeded",
		"device offline", "duration limit exceeded", "invalid", "I/O",
	} {
		p = append(p, pattern{event: "block_io_error", head: e + " error, dev ", tail: request})
	}
	return p
}
