package host

import (
	"errors"
	"regexp"
	"time"
)

// The forms in which a version string has the date of the build. The first is that
// of the kernel's own scripts (init/Makefile, once scripts/mkcompile_h), the others
// are set with KBUILD_BUILD_TIMESTAMP: Arch's, and what Debian and Alpine write.
var (
	builtByDate = regexp.MustCompile(`\b[A-Z][a-z]{2} ([A-Z][a-z]{2}) +(\d{1,2}) (\d\d:\d\d:\d\d) (?:[A-Z+-][A-Z0-9+:-]* )?(\d{4})\b`)
	builtByMail = regexp.MustCompile(`\b[A-Z][a-z]{2}, +(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d\d:\d\d:\d\d)\b`)
	builtByDay  = regexp.MustCompile(`\b(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d:\d\d))?\b`)
)

var errNoDate = errors.New("no date")

// firstYear is that of Linux 2.6.0. An earlier date is one that is set to nothing,
// as NixOS does (1980).
const firstYear = 2003

// Built returns when the kernel was built, as its version string has it, and
// whether it has a real date. The time of day is taken for UTC, which is wrong by up
// to 14 hours where the string names another zone.
func (k Kernel) Built() (time.Time, bool) {
	var t time.Time
	err := errNoDate
	if m := builtByDate.FindStringSubmatch(k.Version); m != nil {
		t, err = time.Parse("Jan 2 15:04:05 2006", m[1]+" "+m[2]+" "+m[3]+" "+m[4])
	} else if m := builtByMail.FindStringSubmatch(k.Version); m != nil {
		t, err = time.Parse("Jan 2 15:04:05 2006", m[2]+" "+m[1]+" "+m[4]+" "+m[3])
	} else if m := builtByDay.FindStringSubmatch(k.Version); m != nil {
		t, err = time.Parse(time.DateOnly+" "+time.TimeOnly, m[1]+" "+orMidnight(m[2]))
	}
	if err != nil || t.Year() < firstYear {
		return time.Time{}, false
	}
	return t, true
}

func orMidnight(clock string) string {
	if clock == "" {
		return "00:00:00"
	}
	return clock
}
