package main

// share is how much of a stage is like a root of collector/testdata.
type share struct {
	root   string
	weight int
}

// stages are the fleet before, in and after the migration. A node takes one
// root of each stage.
func stages() [][]share {
	return [][]share{
		{
			{"centos-7.9-3.10-leaking", 35},
			{"centos-7.9-3.10-quiet", 20},
			{"centos-7.9-3.10-nokmem", 19},
			{"centos-7.6-3.10", 6},
			{"ubuntu-16.04-4.4", 10},
			{"debian-11-5.10", 10},
		},
		{
			{"ubuntu-22.04-5.15-cgroupv2", 35},
			{"rhel-9-5.14", 25},
			{"debian-11-5.10", 15},
			{"rancheros-1.5-4.14", 20},
			{"mainline-5.10", 5},
		},
		{
			{"debian-12-6.1", 60},
			{"mainline-6.12", 20},
			{"linux-6.18-fc", 12},
			{"debian-sid-7.2", 8},
		},
	}
}

const (
	// brokenRoot is a node of which almost nothing can be read.
	brokenRoot  = "unreadable"
	brokenShare = 0.01
	// stragglerShare of the nodes are left out of the migration.
	stragglerShare = 0.07
)

// pick returns the root that lies at a chance in [0, 1) of the weights.
func pick(of []share, chance float64) string {
	sum := 0
	for _, s := range of {
		sum += s.weight
	}
	at := int(chance * float64(sum))
	for _, s := range of {
		if at < s.weight {
			return s.root
		}
		at -= s.weight
	}
	return of[len(of)-1].root
}
