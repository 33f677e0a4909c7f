package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
)

// A tree is the files of an initramfs by their paths. A directory comes before
// what is in it by itself.
type tree map[string]node

type node struct {
	mode uint32 // with the type, as in stat(2)
	data []byte // of a link, where it leads
}

const (
	directory = 0o040755
	program   = 0o100755
	plain     = 0o100644
	link      = 0o120777
)

func (t tree) add(name string, mode uint32, data []byte) {
	name = strings.TrimPrefix(path.Clean(name), "/")
	t[name] = node{mode: mode, data: data}
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if _, ok := t[dir]; !ok {
			t[dir] = node{mode: directory}
		}
	}
}

func (t tree) addFile(name string, mode uint32, from string) error {
	text, err := os.ReadFile(from)
	t.add(name, mode, text)
	return err
}

// addProgram adds a program of this machine with the libraries that it loads.
func (t tree) addProgram(ctx context.Context, from, name string) error {
	if err := t.addFile(name, program, from); err != nil {
		return err
	}
	text, err := output(ctx, "/", "ldd", from)
	if err != nil {
		return err
	}
	for _, m := range regexp.MustCompile(`(/\S+) \(0x`).FindAllStringSubmatch(text, -1) {
		if err := t.addFile(m[1], program, m[1]); err != nil {
			return err
		}
	}
	return nil
}

// addModules adds modules, where the guest looks for them.
func (t tree) addModules(ctx context.Context, m modules, names []string) error {
	files, index, err := m.gather(ctx, names)
	if err != nil {
		return err
	}
	for name, text := range files {
		t.add("modules/"+name+".ko", plain, text)
	}
	text, err := json.Marshal(index)
	t.add("modules/index", plain, text)
	return err
}

// write writes the tree to a file as Documentation/driver-api/early-userspace/buffer-format.rst
// of the kernel has it: a compressed cpio archive in the format newc.
func (t tree) write(name string) (err error) {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	z, err := gzip.NewWriterLevel(f, gzip.BestSpeed)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(z)
	for i, name := range slices.Sorted(maps.Keys(t)) {
		entry(w, i+1, name, t[name])
	}
	entry(w, 0, "TRAILER!!!", node{})
	return errors.Join(w.Flush(), z.Close())
}

// entry writes one file; w keeps the first error.
func entry(w io.Writer, inode int, name string, n node) {
	padded := func(s []byte, before int) {
		w.Write(s)
		w.Write(make([]byte, (4-(before+len(s))%4)%4))
	}
	header := fmt.Appendf(nil, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x",
		inode, n.mode, 0, 0, 1, 0, len(n.data), 0, 0, 0, 0, len(name)+1, 0)
	padded(append(header, name+"\x00"...), 0)
	padded(n.data, 0)
}
