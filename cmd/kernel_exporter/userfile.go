package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// maxUserFile bounds a file that a flag names.
	maxUserFile = 1 << 20
	// fileTime is how long such a file, or a directory of them, may take to be read.
	fileTime = 3 * time.Second
)

// readUserFile reads a file that a flag names. A FIFO, a device and a file without
// end are errors.
func readUserFile(path string) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY, 0) // does not wait for the writer of a FIFO
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // nothing was written
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: not a regular file", path)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxUserFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxUserFile {
		return nil, fmt.Errorf("%s: larger than %d bytes", path, maxUserFile)
	}
	return data, nil
}

// within returns what f returns, or an error after a time: the disk of a file
// may not answer, and nobody can interrupt a read that hangs.
func within[T any](limit time.Duration, what string, f func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := f()
		done <- result{value, err}
	}()
	late := time.NewTimer(limit)
	defer late.Stop()
	select {
	case r := <-done:
		return r.value, r.err
	case <-late.C:
		var none T
		return none, fmt.Errorf("%s did not answer within %s", what, limit)
	}
}
