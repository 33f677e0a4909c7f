package host

// Vendors returns all vendors, in the order of their
// declaration.
func Vendors() []Vendor {
	return []Vendor{
		VendorEL6, VendorEL7, VendorEL8, VendorEL9, VendorEL10, VendorUEK, VendorUbuntu, VendorDebian,
		VendorAmazon1, VendorAmazon2, VendorAmazon2023, VendorSLES, VendorOpenSUSE, VendorCOS, VendorFlatcar,
		VendorTalos, VendorRancher, VendorBottlerocket, VendorAzureLinux, VendorPhoton, VendorFedora,
		VendorAlpine, VendorArch, VendorProxmox, VendorOpenEuler, VendorAlinux, VendorAnolis, VendorTencentOS,
		VendorKylin, VendorRPi, VendorLinuxKit, VendorWSL,
	}
}

// Hierarchies returns all hierarchies of cgroups.
func Hierarchies() []Hierarchy { return []Hierarchy{HierarchyV1, HierarchyV2, HierarchyHybrid} }

// ProbeCgroup2 is the name of the answer of [FileSystems.ProbeCgroup2].
const ProbeCgroup2 = "cgroup_v2"

// ProbeNames returns the names of the answers of [FS.Probes], and [ProbeCgroup2].
func ProbeNames() []string {
	return []string{ProbeCgroup2, "cgroup_v2_freezer", "cgroup_v2_root_cpu_stat", "psi", "user_namespaces"}
}
