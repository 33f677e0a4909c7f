package host_test

import (
	"errors"
	"io/fs"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/host"
)

func TestOS(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		want host.OS
	}{
		"centos 7": {
			"NAME=\"CentOS Linux\"\nVERSION=\"7 (Core)\"\nID=\"centos\"\nID_LIKE=\"rhel fedora\"\nVERSION_ID=\"7\"\nPRETTY_NAME=\"CentOS Linux 7 (Core)\"\nANSI_COLOR=\"0;31\"\n\nCENTOS_MANTISBT_PROJECT=\"CentOS-7\"\n",
			host.OS{ID: "centos", VersionID: "7", Name: "CentOS Linux"},
		},
		"amazon linux 2023": {
			"NAME=\"Amazon Linux\"\nVERSION=\"2023\"\nID=\"amzn\"\nID_LIKE=\"fedora\"\nVERSION_ID=\"2023\"\nSUPPORT_END=\"2029-06-30\"\n",
			host.OS{ID: "amzn", VersionID: "2023", Name: "Amazon Linux", SupportEnd: time.Date(2029, 6, 30, 0, 0, 0, 0, time.UTC)},
		},
		"arch":                  {"NAME=\"Arch Linux\"\nID=arch\nBUILD_ID=rolling\n", host.OS{ID: "arch", Name: "Arch Linux"}},
		"bare":                  {"ID=debian", host.OS{ID: "debian"}},
		"single quotes":         {`NAME='A "B" \n $C'`, host.OS{Name: `A "B" \n $C`}},
		"escapes":               {`NAME="A \"B\" \$C \\ \` + "`" + ` \n"`, host.OS{Name: `A "B" $C \ ` + "`" + ` \n`}},
		"escapes without":       {`NAME=A\ B\"\\`, host.OS{Name: `A B"\`}},
		"quotes side by side":   {`NAME=A"B C"'D E'`, host.OS{Name: `AB CD E`}},
		"comments, blank lines": {"# ID=no\n\n  # ID=no\nID=yes # not this\n", host.OS{ID: "yes"}},
		"hash in a word":        {"ID=a#b\n", host.OS{ID: "a#b"}},
		"indented, CRLF":        {"  ID=debian  \r\n\tVERSION_ID=\"12\"\r\n", host.OS{ID: "debian", VersionID: "12"}},
		"the last counts":       {"ID=first\nID=second\n", host.OS{ID: "second"}},
		"empty values":          {"ID=\nNAME=\"\"\nVERSION_ID=''\n", host.OS{}},
		"bad lines between": {
			"garbage\n=x\nID =no\nid=no\nexport ID=no\n1ID=no\nID=\"open\nID='open\nID=two words\nID=\"a\" b\nID=\x01\nID=\xff\nID=good\nNAME=\"\x00\"\nVERSION_ID=1\n",
			host.OS{ID: "good", VersionID: "1"},
		},
		"a date that is none": {"ID=a\nSUPPORT_END=2029-13-01\n", host.OS{ID: "a"}},
		"a date and more":     {"ID=a\nSUPPORT_END=\"2029-06-30 12:00\"\n", host.OS{ID: "a"}},
		"no final newline":    {"ID=a\nVERSION_ID=2", host.OS{ID: "a", VersionID: "2"}},
	}
	for name, tt := range tests {
		for _, rel := range []string{"etc/os-release", "usr/lib/os-release"} {
			got, err := rootOf(t, tree{rel: tt.text}).OS()
			if err != nil || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("%s in %s: %+v, %v; want %+v", name, rel, got, err, tt.want)
			}
		}
	}
}

func TestProductFields(t *testing.T) {
	t.Parallel()
	got, err := rootOf(t, tree{"etc/os-release": "ID=sles\nNAME=SLES\nVARIANT_ID=transactional\nSUSE_SUPPORT_PRODUCT=\"SUSE Linux Micro\"\nBUILD_ID=1\n"}).OS()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"NAME": "SLES", "VARIANT_ID": "transactional", "SUSE_SUPPORT_PRODUCT": "SUSE Linux Micro"}
	changed := got.WithField("VARIANT_ID", "other")
	for _, name := range append(host.ProductFields(), "BUILD_ID") {
		if got.Field(name) != want[name] {
			t.Errorf("%s = %q, want %q", name, got.Field(name), want[name])
		}
	}
	if changed.Field("VARIANT_ID") != "other" || got.Field("VARIANT_ID") != "transactional" {
		t.Error("WithField did not make a copy with the field changed")
	}
}

func TestProbeNames(t *testing.T) {
	t.Parallel()
	answers := rootOf(t, tree{}).Probes(host.Mounts{})
	answers[host.ProbeCgroup2] = host.FileSystems{}.ProbeCgroup2()
	if got := slices.Sorted(maps.Keys(answers)); !slices.Equal(got, host.ProbeNames()) {
		t.Errorf("the probes are %v, ProbeNames is %v", got, host.ProbeNames())
	}
}

func TestOSFails(t *testing.T) {
	t.Parallel()
	for name, files := range map[string]tree{
		"empty":     {"etc/os-release": "", "usr/lib/os-release": "ID=never\n"},
		"garbage":   {"etc/os-release": "\x7fELF\x00\x01\x02", "usr/lib/os-release": "ID=never\n"},
		"directory": {"etc/os-release/x": "", "usr/lib/os-release": "ID=never\n"},
		"too large": {"etc/os-release": "ID=a\n" + strings.Repeat("#\n", 64<<10)},
		"loop":      {"etc/os-release@": "os-release"},
	} {
		f := rootOf(t, files)
		got, err := f.OS()
		if err == nil || !reflect.DeepEqual(got, host.OS{}) || errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %+v, %v; want an error other than absence", name, got, err)
		} else if !strings.Contains(err.Error(), f.Path("etc/os-release")) {
			t.Errorf("%s: the error does not name the file: %v", name, err)
		}
	}
	if _, err := rootOf(t, nil).OS(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("none: %v", err)
	}
}

// A pipe without a writer would be waited for without end.
func TestOSPipe(t *testing.T) {
	t.Parallel()
	f := rootOf(t, tree{"etc/x": ""})
	if err := unix.Mkfifo(f.Path("etc/os-release"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got, err := f.OS(); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestOSLinks(t *testing.T) {
	t.Parallel()
	const file = "ID=inside\n"
	for name, files := range map[string]tree{
		"relative": {"etc/os-release@": "../usr/lib/os-release", "usr/lib/os-release": file},
		"absolute": {"etc/os-release@": "/usr/lib/os-release", "usr/lib/os-release": file},
		"nixos": {
			"etc/os-release@": "/etc/static/os-release", "etc/static@": "/nix/store/1-etc/etc",
			"nix/store/1-etc/etc/os-release@": "/nix/store/2-os-release", "nix/store/2-os-release": file,
		},
		"above the root":   {"etc/os-release@": "../../../../../../../usr/lib/os-release", "usr/lib/os-release": file},
		"merged usr":       {"etc@": "usr/etc", "usr/etc/os-release@": "./../lib/.//os-release", "usr/lib/os-release": file},
		"dangling, in etc": {"etc/os-release@": "/nowhere", "usr/lib/os-release": file},
	} {
		got, err := rootOf(t, files).OS()
		if err != nil || got.ID != "inside" {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func FuzzParseOSRelease(f *testing.F) {
	f.Add("NAME=\"CentOS Linux\"\nID=\"centos\"\nID_LIKE=\"rhel fedora\"\nVERSION_ID=\"7\"\nSUPPORT_END=2029-06-30\n")
	f.Add("ID='a'\\''b' # c\nNAME=\"\\\"\n")
	f.Add("ID=\\\nID=\"\\")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := host.ParseOSRelease(text)
		if err != nil {
			if !reflect.DeepEqual(got, host.OS{}) {
				t.Fatalf("%q: %+v with the error %v", text, got, err)
			}
			return
		}
		for _, value := range []string{got.ID, got.VersionID, got.Name} {
			if !utf8.ValidString(value) || strings.ContainsAny(value, "\n\r\x00") || len(value) > len(text) {
				t.Fatalf("%q: value %q", text, value)
			}
		}
		// A line that is none changes nothing.
		more, err := host.ParseOSRelease(text + "\n?\n#x=\n")
		if err != nil || !reflect.DeepEqual(more, got) {
			t.Fatalf("%q: %+v; with bad lines behind it %+v, %v", text, got, more, err)
		}
	})
}
