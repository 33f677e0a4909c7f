package policy

import (
	"fmt"
	"strings"

	"kernel_exporter/collector/host"
)

// lineOf returns the first two numbers of a version, as a version.
func lineOf(v host.Version) host.Version { return host.Version{Major: v.Major, Minor: v.Minor} }

// short prints a version without a patch that is 0.
func short(v host.Version) string {
	if v.Patch == 0 {
		return fmt.Sprintf("%d.%d", v.Major, v.Minor)
	}
	return v.String()
}

// minorOf returns the minor release of Red Hat's that a kernel was built for, such
// as 9.6, and nothing where its release does not name one.
func minorOf(k host.Kernel) string {
	major, minor, ok := strings.Cut(strings.TrimPrefix(k.Build.Stream, "el"), "_")
	if !ok || string(k.Vendor) != "el"+major {
		return ""
	}
	return major + "." + minor
}

// streamOf returns the name that the policy's files have for the stream of a kernel:
// within it, builds are compared. It begins with the vendor.
func streamOf(k host.Kernel) string {
	vendor := string(k.Vendor)
	switch k.Vendor {
	case host.VendorEL6, host.VendorEL7, host.VendorEL8, host.VendorEL9, host.VendorEL10:
		return k.Build.Stream
	case host.VendorUbuntu:
		// The flavours of the package linux share its numbers.
		if k.Build.Stream == "generic" {
			return vendor
		}
		return vendor + "-" + k.Build.Stream
	case host.VendorSLES:
		// SL Micro 6.0 and 6.1 have builds without a service pack: 6.4.0-28-default.
		if k.Build.Stream == "" {
			return vendor + "-slmicro"
		}
		return vendor + "-" + k.Build.Stream
	default:
		return vendor
	}
}
