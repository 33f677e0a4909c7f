package event

func nicEvents() []entry {
	// How netdev_printk() and dev_printk() begin: driver, address on the bus, and
	// interface.
	const nic = "{%w %a %i|%w %a}"
	return []entry{
		{
			// drivers/net/ethernet, driver by driver. A record that says that a
			// card hangs is followed by one that says that it is reset.
			event: "nic_reset",
			doc:   "A network card hangs, or its driver reset it.",
			formats: []string{
				// intel: e1000e, e1000, igb, igc, ixgbe, ixgbevf; stmicro/stmmac.
				nic + ": Reset adapter{|.| unexpectedly}",
				nic + ": tx hang %d detected on queue %d, resetting adapter",
				nic + ": {I|i}nitiating reset {due to tx timeout|due to lost link with pending Tx work|to clear Tx work after link loss}",
				nic + ": Received ECC Err, initiating reset",
				nic + ": Adapter removed",
				// intel: i40e, ice, fm10k; iavf.
				nic + ": tx_timeout recovery level %d, {hung_queue|txqueue} %d",
				nic + ": tx_timeout recovery unsuccessful%*",
				nic + ": {Hardware reset detected|TX driver issue detected, PF reset issued|RX driver issue detected, PF reset issued|PF reset failed{,|:} %d}",
				// amazon/ena.
				nic + ": Trigger reset is on",
				"ena %a{| %i}: {The number of lost tx completions is above the threshold (%d > %d).|Potential MSIX issue on %k side Queue = %d.|%k.} Reset the device{|.}",
				"ena %a{| %i}: {|%k }Resetting the device",
				// broadcom: bnxt, tg3; cavium, sfc, amd-xgbe, realtek, vmxnet3.
				nic + ": TX timeout detected, starting reset task!",
				nic + ": {T|t}ransmit timed out, {|status %x, }reset{|ting}",
				"sfc %a{| %i}: resetting (%k)",
				nic + ": TX stuck with port_enabled=%d: resetting channels",
				nic + ": tx timeout, device restarting",
				nic + ": ASPM disabled on Tx timeout",
				"vmxnet3 %a %i: resetting",
				// google/gve; hisilicon/hns3; mellanox: mlx4, mlx5.
				nic + ": {Performing reset|Device requested reset{|.}|Scheduling reset{|.}|TX timeout on queue %d. Scheduling reset.}",
				nic + ": received reset event, reset type is %d",
				"mlx4_core %a: Internal error detected{:|, %*| on the communication channel}",
				"mlx5_core %a: {|%w:%d:(pid %d): }{device's |}health compromised - %*",
				// drivers/net/hyperv/netvsc_drv.c: netvsc_unregister_vf(): the host
				// has taken the card away.
				"hv_netvsc %a{| %i}: VF unregistering: %i",
				// emulex/benet.
				nic + ": Unrecoverable Error detected in the adapter",
			},
			follows: []string{
				"hv_netvsc %a{| %i}: Data path switched from VF: %i",
				nic + ": Detected Hardware Unit Hang:%+",
				nic + ": Detected Tx Unit Hang%+",
				"e1000: %i: e1000_clean_tx_irq: Detected Tx Unit Hang%+", // 2.6.32
				"ixgbevf: Detected Tx Unit Hang%+",
				nic + ": tx_timeout: VSI_%+",
				nic + ": tx_timeout count: %*",
				nic + ": Keep alive watchdog timeout.",
				nic + ": TX timeout {detected|on queue: %*}",
				nic + ": {T|t}x timeout",
				nic + ": HWC: Request timed out{!|: %d ms}", // microsoft/mana
				"vmxnet3 %a %i: tx hang",
				nic + ": Timeout on tx queue{|,} %d",
				nic + ": Malicious Driver Detection event %*",
				"mlx4_en: %i: TX timeout on queue: %*",
				"mlx4_core %a: device is going to be reset",
				"mlx5_core %a: {|%w:%d:(pid %d): }handling bad device here",
			},
			after: []Event{"nic_reset"},
		},
	}
}
