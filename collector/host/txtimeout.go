package host

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"
)

const (
	netDir = "sys/class/net"
	// maxDevices and maxQueues bound what is looked at: a node has a device for each
	// pod, and a card some queues for each processor.
	maxDevices = 100_000
	maxQueues  = 4096
)

// TxTimeouts counts how often the queues of network cards have timed out in sending:
// tx_timeout in sys/class/net/*/queues/tx-* (queue_trans_timeout_show,
// net/core/net-sysfs.c, from 3.2 on). Most kernels log only the first time-out of a
// boot. It must not be used concurrently.
type TxTimeouts struct {
	f     *FS
	total uint64
	last  map[queue]uint64 // what each queue's file said last
}

// A queue is of a device by its ifindex, which stays when the device is given another
// name or comes back from a pod; by its name where that was not recorded.
type queue struct {
	device string
	name   string
}

// maxKept is how many queues are remembered that are not there any more.
const maxKept = 1 << 16

// NewTxTimeouts returns a count that has not been read.
func (f *FS) NewTxTimeouts() *TxTimeouts { return &TxTimeouts{f: f, last: map[queue]uint64{}} }

// Read looks at every device that has hardware, which costs in proportion
// to the number of all devices, and returns the sum of their time-outs. It never
// falls: where a driver starts again from 0, or a card is pulled, what was counted
// stays. Where no such device can be seen, as in a network namespace of a pod, the
// error wraps [fs.ErrNotExist].
func (t *TxTimeouts) Read(ctx context.Context) (uint64, error) {
	devices, err := t.f.readDir(netDir, maxDevices)
	if err != nil {
		return 0, err
	}
	now := make(map[queue]uint64, len(t.last))
	var faults []error
	for _, d := range devices {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		if d.Type().IsRegular() { // bonding_masters
			continue
		}
		if err := t.readDevice(path.Join(netDir, d.Name()), now); optionalErr(err) != nil {
			faults = append(faults, err)
		}
	}
	if len(t.last) == 0 && len(now) == 0 {
		if err := errors.Join(faults...); err != nil {
			return 0, err
		}
		return 0, &fs.PathError{Op: "find", Path: t.f.Path(netDir) + "/*/device", Err: fs.ErrNotExist}
	}
	for q, n := range now {
		before := t.last[q]
		if n < before { // it counts from 0 again
			before = 0
		}
		t.total = addSaturated(t.total, n-before)
		t.last[q] = n
	}
	if len(t.last) > len(now)+maxKept {
		t.last = now
	}
	return t.total, errors.Join(faults...)
}

// readDevice reads the queues of a device that has hardware.
func (t *TxTimeouts) readDevice(dir string, now map[queue]uint64) error {
	if hardware, err := t.f.exists(path.Join(dir, "device")); err != nil || !hardware {
		return err
	}
	device, err := t.f.optionalLine(path.Join(dir, "ifindex"), maxUname)
	if err != nil {
		return err
	}
	if device == "" {
		device = dir
	}
	queues, err := t.f.readDir(path.Join(dir, "queues"), maxQueues)
	if err != nil {
		return err
	}
	for _, e := range queues {
		if err := t.readQueue(dir, e, queue{device: device, name: e.Name()}, now); optionalErr(err) != nil {
			return err
		}
	}
	return nil
}

func (t *TxTimeouts) readQueue(dir string, e os.DirEntry, q queue, now map[queue]uint64) error {
	if !strings.HasPrefix(e.Name(), "tx-") {
		return nil
	}
	n, err := t.f.readUint(path.Join(dir, "queues", e.Name(), "tx_timeout"))
	if err == nil {
		now[q] = n
	}
	return err
}
