package event

// transportEvents returns the events of storage below the file system: paths to
// disks, arrays of disks, and servers of remote storage.
func transportEvents() []entry {
	// How the SCSI layer begins: sdev_printk() and scmd_printk().
	const scsi = "{sd|scsi|sr|ses|st} %a: {|[%w] }{|tag#%d }"
	return []entry{
		{
			event: "storage_transport_error",
			doc:   "A path to a disk hangs, was reset or is gone: NVMe, SCSI, ATA, iSCSI, Fibre Channel, multipath, USB, SD and eMMC cards.",
			formats: []string{
				// drivers/nvme/host/pci.c, up to 4.3 drivers/block/nvme-core.c:
				// nvme_timeout(), nvme_warn_reset(); core.c, fc.c, tcp.c, rdma.c.
				"nvme {nvme%d|%a}: I/O {%d|%d (%k)|tag %d (%x){| {opcode|type %d opcode} %x{| (%k)}}} QID %d timeout, reset controller%*",
				"nvme {nvme%d|%a}: controller is down; will reset: CSTS=%*",
				"nvme {nvme%d|%a}: Failed status: %x, reset controller{|.}",
				"nvme nvme%d: {starting error recovery|resetting controller due to %k|ANATT timeout, resetting controller.|Fw activation timeout, reset controller|frozen state error detected, reset controller}",
				"nvme nvme%d: NVME-FC%{%d%}: {transport association {error detected|event}: %*|controller connectivity lost.{| Awaiting Reconnect}|resetting controller}",
				// drivers/scsi/scsi_error.c: scsi_eh_offline_sdevs(); sd.c:
				// sd_eh_action().
				scsi + "Device offlined - not ready after error recovery",
				scsi + "Medium access timeout failure. Offlining disk!",
				// drivers/scsi: mpt3sas and mpt2sas, mptsas: _scsih_dev_reset(),
				// _scsih_target_reset(), _scsih_host_reset(); megaraid_sas;
				// aacraid; hpsa; smartpqi; arcmsr; vmw_pvscsi; virtio_scsi.
				scsi + "attempting {device|target|host} reset!%*",
				"{mpt2sas%d|mpt3sas%d|mpt2sas_cm%d|mpt3sas_cm%d}: {attempting {device|target|host} reset!%*|fault_state(%x)!|SAS host is non-operational !!!!}",
				"mptscsih: ioc%d: attempting {target|bus|host} reset!%*",
				"megaraid_sas %a: {resetting fusion adapter scsi%d.|Found FW in FAULT state, will reset adapter scsi%d%*|Reset not supported, killing adapter scsi%d.}",
				"aacraid{|%d| %a}: Host {adapter|device|bus|target} reset request{.|. SCSI hang ?|%*}",
				"hpsa %a: {Controller lockup detected: %*|scsi %a: resetting {physical|logical} %*}",
				"smartpqi %a: {resetting scsi %*|controller is offline: status code %x|controller offline%*}",
				"arcmsr{|%d}: {executing bus reset eh%*|waiting for hw bus reset return%*}",
				scsi + "{SCSI Host reset|SCSI Bus reset|SCSI device reset on scsi%d:%d|device reset}",
				// drivers/ata/libata-eh.c: ata_eh_link_report().
				"ata%d{|.%d}: exception Emask %x SAct %x SErr %x action %x%*",
				// drivers/scsi/scsi_transport_iscsi.c: session_recovery_timedout().
				"{| }session%d: session recovery timed out after %d secs",
				// drivers/scsi/scsi_transport_fc.c: fc_timeout_deleted_rport();
				// qla2xxx, with the number of the message; lpfc.
				"{| }rport-%a: blocked FC remote port time out: %k",
				"qla2xxx [%a]-%x:%d: {LOOP DOWN detected %*|ISP System Error%*|DEVICE RESET ISSUED %*|TARGET RESET ISSUED %*|BUS RESET ISSUED %*|ADAPTER RESET ISSUED %*}",
				"lpfc %a: %d:{1305 Link Down Event %*|{|(%d):}0203 Devloss timeout on %*|{|(%d):}07%d SCSI layer issued {Device|Target|Bus|Host} Reset %*}",
				// drivers/md/dm-mpath.c: fail_path(), with the device from 5.4 on.
				"device-mapper: multipath: {|%a: }Failing path %a.",
				"device-mapper: multipath: queue_if_no_path timeout on %s failing queued IO",
				// drivers/mmc/host/sdhci.c: sdhci_timeout_timer(),
				// sdhci_timeout_data_timer().
				"mmc%d: Timeout waiting for hardware {|cmd }interrupt.",
				// drivers/usb/storage/uas.c: uas_eh_device_reset_handler(), up to
				// 4.x uas_eh_bus_reset_handler().
				"scsi host%d: uas_eh_{device|bus}_reset_handler start",
			},
			follows: []string{
				"nvme {nvme%d|%a}: I/O {%d|%d (%k)|tag %d (%x){| {opcode|type %d opcode} %x{| (%k)}}} QID %d timeout{|, {aborting|disable controller|completion polled}%*}",
				"nvme {nvme%d|%a}: {Timeout|Aborting|Cancelling} I/O %d QID %d",
				"nvme nvme%d: queue %d: timeout request %x type %d",
				"nvme {nvme%d|%a}: Device not ready; aborting {reset|initialisation}{|, CSTS=%x}",
				"nvme {nvme%d|%a}: {Removing after probe failure{| status: %d}|Disabling device after reset failure: %d|Reset failure status: %d}",
				"nvme nvme%d: {failed nvme_keep_alive_end_io error=%d|keep-alive failed{|: %d}|Failed reconnect attempt %d{|/%d}}",
				"nvme nvme%d: NVME-FC%{%a%}: io timeout: %*",
				"nvme nvme%d: Removing controller{| (%d)}...",
				"nvme nvme%d: NVME-FC%{%d%}: {dev_loss_tmo (%d) expired %*|Max reconnect attempts %*}",
				"{block|nvme} nvme%w: {no usable path - requeuing I/O|no available path - failing I/O}",
				scsi + "{rejecting I/O to {offline|dead} device|timing out command, waited %ds}",
				scsi + "attempting task abort!%*",
				"{mpt2sas%d|mpt3sas%d|mpt2sas_cm%d|mpt3sas_cm%d}: attempting task abort!%*",
				"mptscsih: ioc%d: attempting task abort!%*",
				"megaraid_sas %a: {|[%k]}waiting for %d commands to complete{|%*}",
				"aacraid{|%d| %a}: Host adapter abort request%*",
				"arcmsr%d: abort {device command of scsi id%*|scsi_cmnd%*}",
				scsi + "task abort on host %d, %x",
				scsi + "uas_eh_abort_handler %*",
				"sd %a: [%w] tag#%d abort",
				"sas: Enter sas_scsi_recover_host busy: %d failed: %d",
				"ata%d.%d: {disabled|disable device}",
				"ata%d{|.%d}: {failed command: %k|qc timeout {|after %d msecs }(cmd %x)|revalidation failed (errno=%d)|reset failed, giving up|lost interrupt (%*|COMRESET failed (errno=%d)|FLUSH failed Emask %x|failed to IDENTIFY (%k, err_mask=%x)|NCQ disabled due to excessive errors}",
				"{| }connection%d:%d: {detected conn error (%d)|ping timeout of %d secs expired, %*}",
				"qla2xxx [%a]-%x:%d: Abort command issued %*",
			},
			after: []Event{"storage_transport_error"},
		},
		{
			// drivers/md: raid1.c, raid10.c, raid5.c: error(), from 4.x
			// raid1_error() and their like, which go on in a second line of the
			// same record; linear.c, raid0.c from 6.x on; md.c: analyze_sbs(),
			// which leaves a disk out that is not fresh; dm-raid1.c: fail_mirror().
			event: "raid_disk_failure",
			doc:   "A software RAID dropped a disk from an array.",
			formats: []string{
				"md/raid{|%d}:%s: Disk failure on %s, disabling device.%+",
				"raid{1|5|10}: Disk failure on %s, disabling device.%+", // 2.6.32
				"md/{linear|raid0}%s: Disk failure on %s detected, failing array.",
				"multipath: IO failure on %s, disabling IO path.%+",
				"md: kicking non-fresh %s from array!",
				"device-mapper: raid1: {Primary mirror (%s) failed while out-of-sync%*|All sides of mirror have failed.|All replicated volumes dead, failing I/O|Unable to read primary mirror during recovery|Write error during recovery (error = %x)|Read failure on mirror device %*|Mirror read failed%*}",
			},
			follows: []string{"md/raid{|%d}:%s: Cannot continue operation (%d/%d failed).%+"},
			after:   []Event{"raid_disk_failure"},
		},
		{
			// net/sunrpc/clnt.c: call_timeout(), rpc_check_timeout();
			// fs/cifs/connect.c, from 6.4 fs/smb/client/connect.c:
			// server_unresponsive(), cifs_mount(); net/ceph: mon_client.c,
			// osd_client.c, messenger.c; fs/ceph/mds_client.c; drivers/block:
			// nbd.c; drbd_receiver.c. "OK", "session established" and "osd up" say
			// that it is over, and a socket that is closed while it is idle, with
			// its state OPEN, that nothing was.
			event: "remote_storage_unresponsive",
			doc:   "A server of remote storage does not answer: NFS, CIFS, Ceph, NBD.",
			formats: []string{
				"{nfs|nfs4|nfsacl|lockd|NFS|nfs41}: server %s not responding, {still trying|timed out}",
				"CIFS{|:} VFS: {Server %s|\\\\%s} has not responded in %d seconds. Reconnecting...",
				"libceph{| (%a e%d)}: {osd%d down|mon%d %s session lost, hunting for new mon|mon%d (%d)%s session lost, hunting for new mon}",
				"ceph: {mds%d hung|mds%d rejected session|[%k]: mds%d hung}",
				"block nbd%d: {Connection timed out%*|Receive control failed (result %d)|Possible stuck request %*}",
				"{block |}drbd{%d| %s{| %s}}: PingAck did not arrive in time.",
			},
			follows: []string{
				"CIFS{|:} VFS: {|\\\\%s }{Error connecting to socket. Aborting operation{|.}|cifs_mount failed w/return code = %d|No writable handle in writepages {rc|ret}=%d{|.}|reconnect tcon failed rc = %d}",
				"libceph{| (%a e%d)}: {osd%d|mon%d|mds%d} {|(%d)}%s {connect error|socket error on {read|write}|socket closed (con state {CONNECTING|NEGOTIATING|V1_%w|V2_%w|%d})}",
				"libceph{| (%a e%d)}: connect {|(%d)}%s error %d",
				"ceph: {|[%k]: }mds%d {caps stale|caps still stale|caps went stale, renewing|reconnect start|reconnect denied|closed our session|session blocklisted|session blacklisted}",
				"rbd: rbd%d: encountered watch error: %d",
				"NFS: state manager%p failed on NFSv4 server %s with error %d",
				"block nbd%d: {Send control failed (result %d)|Dead connection, failed to find a fallback}",
			},
			after: []Event{"remote_storage_unresponsive"},
		},
		{
			// drivers/md/dm-verity-target.c: verity_handle_err(); dm-integrity.c:
			// integrity_metadata(); fs/verity/verify.c: fsverity_fail_validation().
			event: "verity_error",
			doc:   "dm-verity, dm-integrity or fs-verity read a block that does not match its hash.",
			formats: []string{
				"device-mapper: verity: %a: {data|metadata} block %d is corrupted",
				"device-mapper: integrity: {|%a: }Checksum failed {at sector %x|when reading from journal, at sector %x}",
				"device-mapper: crypt: {|%a: }INTEGRITY AEAD ERROR, sector %d",
				"fs-verity (%b, inode %d): FILE CORRUPTED! %*",
			},
		},
	}
}
