package source

import (
	"golang.org/x/sys/unix"

	"kernel_exporter/collector/kmsg/record"
)

// bufferSize holds the longest record: the kernel prints none above
// CONSOLE_EXT_LOG_MAX, 8192 bytes (include/linux/printk.h, to 6.5), or
// PRINTK_MESSAGE_MAX, 2048 bytes (kernel/printk/internal.h, from 6.6 on).
const bufferSize = 8192

// deviceHolds is how many records the kernel's ring can hold: 32 MiB, the most
// that CONFIG_LOG_BUF_SHIFT allows, and at least 16 bytes for each (struct
// printk_log; a descriptor for every 32 since Linux 5.10). A ring that
// log_buf_len= made larger holds more.
const deviceHolds = 32 << 20 / 16

// A device is /dev/kmsg: one read gives one record
// (Documentation/ABI/testing/dev-kmsg).
type device struct {
	*stream
	buf []byte
}

func (d *device) Read(r *record.Record, wait bool) (Kind, error) {
	n, err := d.read(d.buf, wait)
	switch {
	case err == nil && r.Parse(d.buf[:n]) == nil:
		return Record, nil
	case err == nil:
		return Malformed, nil
	case err == errEmpty: //nolint:errorlint // a fixed value that is never wrapped
		return End, nil
	}
	switch d.errno {
	// devkmsg_read() returns EPIPE once when records were overwritten before they
	// were read, and EINVAL when one does not fit. Both times it has moved on.
	case unix.EPIPE, unix.EINVAL:
		return Lost, nil
	default:
		return 0, err
	}
}
