package event

func hardwareEvents() []entry {
	return []entry{
		{
			// arch/x86/kernel/cpu/mce/core.c, up to 4.19 mcheck/mce.c:
			// mce_notify_irq(), in 7.1 mce_log(): bare in 2.6.32, then in el6,
			// then from 3.10.
			//
			// Up to 4.x the thermal interrupt logs an event too: such a record
			// stands shortly after one that is about heat, and tells no more.
			event:   "mce",
			doc:     "The processor reported hardware errors.",
			follows: []string{"{|[Hardware Error]: |mce: [Hardware Error]: }Machine check events logged"},
			after:   []Event{"thermal_throttle"},
		},
		{
			// drivers/edac/edac_mc.c: edac_mc_handle_ce(), edac_mc_handle_ue() and
			// their like, from 3.10 edac_ce_error() and edac_ue_error();
			// drivers/edac/edac_device.c: edac_device_handle_ce(),
			// edac_device_handle_ue(). Up to el6; in Linux 3.5 and 3.6; with
			// their number from 3.10.
			event: "edac",
			doc:   "A memory or other controller reported hardware errors, corrected or not.",
			formats: []string{
				"EDAC MC%d: {CE|UE} {page %x, offset %x, grain %*|row %d, channel{ %d,|-a= %d channel-b= %d} label{|s} %*|- no information available: %*}",
				"EDAC MC%d: {CE|UE} {|%k }on %k ({|%k }page{:| }%x %*",
				"EDAC MC%d: {CE|UE} {|%k }on %k (%k:%d %k:%d page:%x %*",
				"EDAC MC%d: %d {CE|UE} {|%k }on %k ({|%p }page:%x offset:%x grain:%d%*",
				"EDAC DEVICE%d: {CE|UE}: %k instance: %k block: %*",
			},
		},
		{
			// drivers/firmware/efi/cper.c: cper_estatus_print(), with the number
			// of the report in braces where ghes.c prints it, and without where
			// bert.c does. drivers/acpi/apei/cper.c: apei_estatus_print(), up to
			// 3.12. arch/powerpc/kernel/mce.c: machine_check_print_event_info().
			// "Hardware error from APEI" goes before it, and sections after.
			event: "hardware_error",
			doc:   "The firmware reported a hardware error that was not corrected.",
			formats: []string{
				"{|%{%d%}}[Hardware Error]: event severity: {recoverable|fatal}",
				"{|%{%d%}}[Hardware Error]: severity: %d, {recoverable|fatal}",
				"{Severe|Fatal|Warning} Machine check interrupt [%k]",
				"MCE: CPU%d: machine check ({Severe|Fatal|Warning}) %*",
			},
		},
		{
			// mm/memory-failure.c: action_result(), "MCE" up to 4.5. What the
			// kernel does with the page and its processes stands beside it.
			event: "memory_failure",
			doc:   "The hardware poisoned a page of memory.",
			formats: []string{
				"{Memory failure:|MCE} %x: recovery action for %k: %k",
				"MCE %x: %k page recovery: %k", // up to 3.19
			},
		},
		{
			// The same functions as of hardware_error, and of pcie_error.
			event: "hardware_error_corrected",
			doc:   "The hardware or the firmware corrected an error.",
			formats: []string{
				"{|%{%d%}}[Hardware Error]: event severity: corrected",
				"{|%{%d%}}[Hardware Error]: severity: %d, corrected",
				"%w %a: {|AER: }PCIe Bus Error: severity={Corrected|Correctable}{|, type=%*}",
			},
			follows: []string{"%w %a: AER: {|Multiple }{Corrected|Correctable} {error|Error} {|message }received{:| from} %*"},
			after:   []Event{"hardware_error_corrected"},
		},
		{
			// drivers/pci/pcie/aer.c, up to 4.20 aerdrv_errprint.c:
			// aer_print_error(), "Uncorrectable" from 6.16 on, without the type as
			// seen on 7.3; aer_print_port_info() stands before it and is alone
			// where the device cannot be asked.
			// drivers/pci/pcie/dpc.c: dpc_process_error(), "DPC: containment
			// event". arch/powerpc/kernel/eeh.c: eeh_dev_check_failure().
			event: "pcie_error",
			doc:   "A PCI Express device reported an error that was not corrected.",
			formats: []string{
				"%w %a: {|AER: }PCIe Bus Error: severity={Uncorrected|Uncorrectable}{| (%k)}{|, type=%*}",
				"EEH: Frozen PHB#%x-PE#%x detected",
				"EEH: PHB#%x failure detected, location: %*",
			},
			follows: []string{
				"%w %a: AER: {|Multiple }{Uncorrected|Uncorrectable} ({Non-Fatal|Fatal}) {error|Error}{| message} received{:| from} %*",
				"%w %a: DPC{|:} containment event, status:%*",
			},
			after: []Event{"pcie_error"},
		},
		{
			// drivers/iommu/dmar.c, from 5.10 intel/dmar.c:
			// dmar_fault_do_one(), on two lines up to 4.1.
			// drivers/iommu/amd_iommu.c, from 5.8 amd/iommu.c:
			// iommu_print_event(), amd_iommu_report_page_fault(), in the name of
			// the device from 4.18 on. drivers/iommu/arm-smmu.c:
			// arm_smmu_context_fault(), arm_smmu_global_fault(); arm-smmu-v3.c:
			// arm_smmu_evtq_thread(), from 6.15 arm_smmu_dump_event().
			event: "iommu_fault",
			doc:   "A device accessed memory that the IOMMU does not let it.",
			formats: []string{
				"{|dmar: }DMAR:{| }[{DMA |INTR-}%k] Request device [%a] %+",
				"{DMAR|dmar}: INTR-REMAP: Request device [{|[}%a] %+",
				"{|%w %a: }AMD-Vi: Event logged [%*",
				"arm-smmu %a: Unhandled context fault: %*",
				"arm-smmu %a: Unexpected global fault, this could be serious",
				"arm-smmu-v3 %a: event{ %x received:|: %*}",
			},
		},
		{
			// NVIDIA's driver: nv_report_error() and its assertions, which stand
			// in its open source (open-gpu-kernel-modules). A process is named
			// in what follows. drivers/gpu/drm/amd/amdgpu: amdgpu_job_timedout(),
			// amdgpu_device_gpu_recover(); radeon: radeon_fence_check_lockup();
			// drivers/gpu/drm/i915: intel_gt_reset(), i915_gpu_coredump's
			// error_msg(); xe: guc_exec_queue_timedout_job(), gt_reset();
			// nouveau: gf100_fifo_intr_fault().
			event: "gpu_error",
			doc:   "A GPU reported an error or was reset.",
			formats: []string{
				"NVRM: Xid (%s): %d, %+",
				"amdgpu %a: {|amdgpu: |[drm] }GPU reset begin!{|.{| %k}| %k| Source: %k|. Source: %k}",
				"{[drm]|i915 %a: [drm]|i915 %a:}{| GT%d:} Resetting {chip|%w} {for|after} %+",
				"drm/i915: Resetting chip after gpu hang", // 4.4
				"radeon %a: GPU softreset: %x",
				"xe %a: [drm] GT%d: {reset started|trying reset from %+}",
			},
			follows: []string{
				"NVRM: fallen off the bus and is not responding to commands.",
				"NVRM: The NVIDIA GPU %+",
				"NVRM: {GPU %s|GPU at %s}: GPU has fallen off the bus.",
				"NVRM: {|GPU%d |GPU%d: }nvAssert%w: Assertion failed: %*",
				"NVRM: RmInitAdapter failed! (%*",
				"[drm:amdgpu_job_timedout [amdgpu]] *ERROR* ring %s timeout,%*",
				"amdgpu %a: {|amdgpu: |[drm] |[drm] *ERROR* }ring %s timeout,%*",
				"{[drm]|i915 %a: [drm]}{| GT%d:} GPU HANG: ecode %+",
				"radeon %a: {|ring %d }{GPU lockup|stalled} %*",
				"xe %a: [drm] {|GT%d: }{Timedout job{:| -} %*|Engine reset: %*}",
				"nouveau %a: fifo: {fault %*|SCHED_ERROR %*|channel %d: killed}",
			},
			after: []Event{"gpu_error"},
		},
	}
}
