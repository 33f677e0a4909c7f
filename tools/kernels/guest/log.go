package main

import (
	"errors"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"kernel_exporter/tools/kernels/wire"
)

// A logReader reads /dev/kmsg from its start on, without any of the exporter's
// code.
type logReader struct {
	mu      sync.Mutex
	records []logRecord
	err     error
}

type logRecord struct {
	raw      string // of the whole record
	facility int
	level    int
	seq      uint64
	text     string // unescaped
}

func readLog() *logReader {
	l := &logReader{}
	go l.read()
	return l
}

func (l *logReader) read() {
	f, err := os.Open("/dev/kmsg")
	if err != nil {
		l.fail(err)
		return
	}
	defer f.Close()
	buf := make([]byte, 16<<10)
	for {
		n, err := unix.Read(int(f.Fd()), buf)
		switch {
		case errors.Is(err, unix.EPIPE), errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			l.fail(err)
			return
		}
		r, err := parse(string(buf[:n]))
		if err != nil {
			l.fail(err)
			return
		}
		l.mu.Lock()
		l.records = append(l.records, r)
		l.mu.Unlock()
	}
}

func (l *logReader) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.err = err
}

func parse(raw string) (logRecord, error) {
	head, rest, ok := strings.Cut(raw, ";")
	fields := strings.Split(head, ",")
	if !ok || len(fields) < 4 {
		return logRecord{}, errors.New("not a record: " + raw)
	}
	priority, err := strconv.Atoi(fields[0])
	if err != nil {
		return logRecord{}, err
	}
	seq, err := strconv.ParseUint(fields[1], 10, 64)
	if err != nil {
		return logRecord{}, err
	}
	text, _, _ := strings.Cut(rest, "\n")
	return logRecord{raw: raw, facility: priority >> 3, level: priority & 7, seq: seq, text: unescape(text)}, nil
}

// unescape undoes the \xNN of the kernel.
func unescape(s string) string {
	return regexp.MustCompile(`\\x[0-9a-f]{2}`).ReplaceAllStringFunc(s, func(e string) string {
		n, err := strconv.ParseUint(e[2:], 16, 8)
		if err != nil {
			return e
		}
		return string([]byte{byte(n)})
	})
}

// all returns the records so far.
func (l *logReader) all() ([]logRecord, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clip(l.records), l.err
}

func (l *logReader) length() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.records)
}

// since returns the kernel's own records from a position on.
func (l *logReader) since(position int) (own []logRecord) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range l.records[position:] {
		if r.facility == 0 {
			own = append(own, r)
		}
	}
	return own
}

// matching returns the kernel's own records from a position on that match.
func (l *logReader) matching(position int, pattern *regexp.Regexp) (lines []wire.Line) {
	for _, r := range l.since(position) {
		if pattern.MatchString(r.text) {
			raw, _, _ := strings.Cut(r.raw, "\n")
			lines = append(lines, wire.Line{Raw: raw, Text: r.text})
		}
	}
	return lines
}

// await waits until a record matches, and returns whether one did in time.
func (l *logReader) await(position int, pattern *regexp.Regexp, limit time.Duration) bool {
	for end := time.Now().Add(limit); time.Now().Before(end); pause(100 * time.Millisecond) {
		if len(l.matching(position, pattern)) > 0 {
			return true
		}
	}
	return false
}
