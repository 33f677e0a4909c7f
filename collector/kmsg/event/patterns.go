package event

import "slices"

// A pattern is one format that the kernel opens a report with: what a record
// says from its first byte to the end of its first line.
//
// A new event is a constant in events.go and a pattern. The heads of all
// patterns are told apart first, so a long head is a cheap one.
type pattern struct {
	event Event

	// head is the literal that the line begins with. One %s in it stands for
	// the name of a device or file system, without spaces and parentheses.
	head string

	// tail is a regular expression for all that follows head on the line.
	tail string

	// lead is a regular expression for what stands in front of head, of up to
	// leadMax bytes, in the few formats that begin with a name.
	lead    string
	leadMax int
}

// patterns returns every pattern.
//
// Beside each stand the file and function of the kernel that prints it and the
// versions that do, of those that were read: 2.6.32, el6 (2.6.32-642), 3.10,
// el7 (3.10.0-1160), 4.4, 4.15, el8 (4.18.0-147), 4.19, 5.4, 5.10, 5.15, 6.1,
// 6.6, 6.12, 6.18 and 7.1. Where none stand, all do. A record that only goes on
// with a report has no pattern, nor has a format that the kernel uses for both.
//
// A format that ends in text of its own choice ends in .* here. What stands
// before that is longer than a process name, and Match looks for a packet.
func patterns() []pattern {
	return slices.Concat(
		memoryPatterns(),
		slabPatterns(),
		lockupPatterns(),
		oopsPatterns(),
		networkPatterns(),
		overlayPatterns(),
		filesystemPatterns(),
		hardwarePatterns(),
	)
}
