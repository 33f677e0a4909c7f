package host

// ParseSlabInfo lets the tests of the outside parse without a file.
func ParseSlabInfo(data []byte, pageSize uint64) ([]SlabCache, error) {
	return parseSlabInfo(data, pageSize, nil)
}

// ParseSlabInfoInto is ParseSlabInfo into a slice to reuse.
func ParseSlabInfoInto(data []byte, pageSize uint64, dst []SlabCache) ([]SlabCache, error) {
	return parseSlabInfo(data, pageSize, dst)
}

// SlabFamily lets the tests of the outside ask any name.
func SlabFamily(name string) string { return string(slabFamily([]byte(name))) }
