package host_test

import (
	"testing"

	"kernel_exporter/collector/host"
)

func TestAnswer(t *testing.T) {
	t.Parallel()
	var zero host.Answer
	if zero != host.Unknown || zero.Known() || zero.String() != "unknown" {
		t.Errorf("zero: %v", zero)
	}
	for b, want := range map[bool]string{false: "no", true: "yes"} {
		if a := host.AnswerOf(b); !a.Known() || a.String() != want {
			t.Errorf("%v: %v", b, a)
		}
	}
}
