package main

// dice rolls what looks like chance and depends on nothing but the seed, the
// node and the question.
type dice uint64

func newDice(seed, node uint64) dice { return dice(mix(mix(seed) + node)) }

// topic is what a roll is about.
type topic uint64

const (
	topicBroken topic = iota
	topicStraggler
	// By stage.
	topicRoot
	topicUpgrade
	// Of the node.
	topicPeriod
	topicPhase
	topicMemory
	topicLoad
	// By life.
	topicPods
	topicGrowth
	topicLeaky
	topicChurn
	topicHeavyChurn
	// By window of time.
	topicWobble
	topicDark
	topicDarkFrom
	topicDarkFor
	topicDuration  // and this number times 256 and more, for each collector
	topicsSymptoms // what the topics of symptoms are mixed from
)

// roll returns a number in [0, 1), always the same for a topic and a number.
func (d dice) roll(about topic, number int) float64 {
	return float64(mix(mix(uint64(d)+uint64(about))+uint64(number))>>11) / (1 << 53)
}

// mix is the finalizer of SplitMix64: every bit of the input changes about half
// of the output's.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
