package host

// ParseSlabInfo lets the tests of the outside parse without a file.
func ParseSlabInfo(data []byte, pageSize uint64) ([]SlabCache, error) {
	return parseSlabInfo(data, pageSize, nil)
}

// ParseSlabInfoInto is ParseSlabInfo into a slice to reuse.
func ParseSlabInfoInto(data []byte, pageSize uint64, dst []SlabCache) ([]SlabCache, error) {
	return parseSlabInfo(data, pageSize, dst)
}
