package main

import (
	"path/filepath"
)

// build is what a vendor says of its own builds of a bug.
type build struct {
	bug, stream              string
	from, below, fixed, line string
	clear                    bool // the whole of the range, or of the line
	later                    bool // later minors of the stream are clear
}

func findBuilds(from string, bugs []bug) ([]build, error) {
	el, err := readErrata(filepath.Join(from, "almalinux"))
	if err != nil {
		return nil, err
	}
	debian, err := readUploads(filepath.Join(from, "debian"))
	if err != nil {
		return nil, err
	}
	var out []build
	for i := range bugs {
		b := &bugs[i]
		if !b.ubuntuOnly {
			out = append(out, el.builds(b)...)
			out = append(out, debian.builds(b)...)
		}
		ubuntu, err := ubuntuBuilds(filepath.Join(from, "ubuntu"), b)
		if err != nil {
			return nil, err
		}
		out = append(out, ubuntu...)
	}
	return out, nil
}
