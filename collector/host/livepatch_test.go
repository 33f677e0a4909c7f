package host_test

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
)

func TestLivePatches(t *testing.T) {
	t.Parallel()
	const dir = "sys/kernel/livepatch/"
	for name, tt := range map[string]struct {
		files   tree
		want    []string
		absent  bool
		wantErr string
	}{
		"none":                   {files: tree{dir + "README": ""}},
		"a kernel without":       {files: tree{"sys/kernel/oops_count": "0"}},
		"no sys":                 {files: tree{"proc/x": ""}, absent: true},
		"two":                    {files: tree{dir + "kpatch_5_14_0_2/enabled": "1\n", dir + "kpatch_5_14_0_1/enabled": "1\n"}, want: []string{"kpatch_5_14_0_1", "kpatch_5_14_0_2"}},
		"in transition":          {files: tree{dir + "lkp_Ubuntu_6_8_0/enabled": "1\n", dir + "lkp_Ubuntu_6_8_0/transition": "1\n"}, want: []string{"lkp_Ubuntu_6_8_0"}},
		"disabled":               {files: tree{dir + "livepatch_a/enabled": "0\n"}},
		"recorded in part":       {files: tree{dir + "livepatch_a/transition": "0\n"}, want: []string{"livepatch_a"}},
		"a name for a terminal":  {files: tree{dir + "a\x1b[31m/enabled": "1\n"}, want: []string{`a\x1b[31m`}},
		"a file in its place":    {files: tree{"sys/kernel/livepatch": ""}, wantErr: "not a directory"},
		"a link out of the root": {files: tree{"sys/kernel/x": "", "sys/kernel/livepatch@": "/etc"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := rootOf(t, tt.files).LivePatches()
			switch {
			case tt.absent:
				if !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("%v, want an error of absence", err)
				}
			case tt.wantErr != "":
				if err == nil || !strings.Contains(err.Error(), tt.wantErr) {
					t.Errorf("%v, want an error with %q", err, tt.wantErr)
				}
			case err != nil:
				t.Error(err)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}
