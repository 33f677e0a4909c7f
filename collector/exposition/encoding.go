package exposition

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// encoding is a content coding.
type encoding string

const (
	identity  encoding = "identity"
	gzipped   encoding = "gzip"
	zstandard encoding = "zstd"
)

// negotiateEncoding returns the coding that a client likes best, in case of doubt the
// first of identity, gzip and zstd. One that accepts none is given what is not coded,
// as RFC 9110, 12.5.3, says.
func negotiateEncoding(h http.Header) encoding {
	best, bestQuality := identity, 0.0
	for _, offer := range []encoding{identity, gzipped, zstandard} {
		if q := quality(h["Accept-Encoding"], offer); q > bestQuality {
			best, bestQuality = offer, q
		}
	}
	return best
}

// quality returns how much a client likes a coding: between 0, not at all, and 1.
func quality(accept []string, of encoding) float64 {
	q, others := -1.0, 0.0
	for _, line := range accept {
		for item := range strings.SplitSeq(line, ",") {
			name, parameters, _ := strings.Cut(item, ";")
			switch name = strings.TrimSpace(name); {
			case strings.EqualFold(name, string(of)):
				q = qualityOf(parameters)
			case name == "*":
				others = qualityOf(parameters)
			}
		}
	}
	if q < 0 {
		return others
	}
	return q
}

// qualityOf returns the parameter q, 1 where it is not there, and 0 where it is
// no quality.
func qualityOf(parameters string) float64 {
	name, value, ok := strings.Cut(parameters, "=")
	if !ok || !strings.EqualFold(strings.TrimSpace(name), "q") {
		return 1
	}
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || !(q >= 0 && q <= 1) {
		return 0
	}
	return q
}

// zstdWindow is as much as one answer has at most; a larger one would cost memory only.
const zstdWindow = 64 << 10

// A packer compresses, with memory that it reuses. It must not be used concurrently.
type packer struct {
	stateless *gzip.Writer
	zipped    bytes.Buffer

	zstd  *zstd.Encoder
	coded []byte
}

// pack returns a copy of plain in a coding.
func (p *packer) pack(as encoding, plain []byte) ([]byte, error) {
	switch as {
	case gzipped:
		return p.gzip(plain)
	case zstandard:
		if p.zstd == nil {
			w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true),
				zstd.WithWindowSize(zstdWindow), zstd.WithEncoderLevel(zstd.SpeedFastest))
			if err != nil {
				return nil, err
			}
			p.zstd = w
		}
		p.coded = p.zstd.EncodeAll(plain, p.coded[:0])
		return bytes.Clone(p.coded), nil
	default:
		return bytes.Clone(plain), nil
	}
}

// gzip compresses without a window that is kept: the answer is as large as by the
// fastest level that has one, and half a megabyte of memory is spared. That needs 32 kB
// of stack, in a goroutine of its own so that not every connection's keeps them.
func (p *packer) gzip(plain []byte) (packed []byte, err error) {
	if p.stateless == nil {
		if p.stateless, err = gzip.NewWriterLevel(&p.zipped, gzip.StatelessCompression); err != nil {
			return nil, err
		}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.zipped.Reset()
		p.stateless.Reset(&p.zipped)
		if _, err = p.stateless.Write(plain); err == nil {
			err = p.stateless.Close()
		}
	}()
	<-done
	if err != nil {
		return nil, err
	}
	return bytes.Clone(p.zipped.Bytes()), nil
}
