package event

func storageEvents() []entry {
	// What a failed request is printed with; more of it from 5.4 on.
	const request = "error, dev %s, sector %d{| flags %x| op %x:(%w) flags %*}"
	return []entry{
		{
			// block/blk-core.c: blk_update_request(), under its name from el7 on;
			// print_req_error(), under its name in 4.15, el8 and 4.19 and under
			// its caller's from 5.4 to 5.15. block/blk-mq.c: blk_print_req_error(),
			// 6.1 to 6.18, has nothing before the error, which is one of
			// blk_errors[] of block/blk-core.c.
			event: "block_io_error",
			doc:   "A request to a block device failed.",
			formats: []string{
				"{end_request: |blk_update_request: |print_req_error: }%k " + request,
				"{operation not supported|timeout|critical space allocation|recoverable transport|critical target|critical nexus|" +
					"reservation conflict|critical medium|protection|kernel resource|device resource|nonblocking retry|" +
					"dm internal retry|open zones exceeded|active zones exceeded|zone open|zone active|" +
					"device offline|duration limit exceeded|invalid|I/O} " + request,
			},
		},
		{
			// fs/buffer.c: buffer_io_error(); fs/ext4/page-io.c, from 3.10.
			event:   "buffer_io_error",
			doc:     "A block of a file system could not be read or written.",
			formats: []string{"Buffer I/O error on dev{|ice} %s, logical block %d{|, %k}"},
		},
	}
}
