package exposition

import (
	"bytes"
	"net/http"
	"sync/atomic"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// format is a format of metrics with its parameters: the Content-Type of an answer.
type format expfmt.Format

// formats negotiates the format of an answer. The same client asks for the same at each
// scrape, so the last result is kept.
type formats struct {
	last atomic.Pointer[negotiated]
}

type negotiated struct {
	accept string
	format format
}

func (f *formats) negotiate(h http.Header) format {
	accept := h.Get("Accept")
	if last := f.last.Load(); last != nil && last.accept == accept {
		return last.format
	}
	n := &negotiated{accept, format(expfmt.NegotiateAccept(h, expfmt.DefaultOpenMetricsAcceptedFormats()...))}
	f.last.Store(n)
	return n.format
}

// encode writes metrics. No name or label of ours has to be escaped, by any scheme, so
// the text format, which most clients ask for, is spared the copy that expfmt makes of
// each metric to do so.
func (f format) encode(to *bytes.Buffer, metrics []*dto.MetricFamily, texts *texts) error {
	if expfmt.Format(f).FormatType() == expfmt.TypeTextPlain {
		return texts.write(to, metrics)
	}
	encoder := expfmt.NewEncoder(to, expfmt.Format(f))
	for _, m := range metrics {
		if err := encoder.Encode(m); err != nil {
			return err
		}
	}
	if closer, ok := encoder.(expfmt.Closer); ok {
		return closer.Close()
	}
	return nil
}
