package main

// nearest returns the known name that a mistyped one is likely meant to be: the one
// with the fewest letters to change, add or leave out, if these are few. It is empty
// where there is none.
func nearest(typed string, known []string) string {
	best, least := "", 1+min(3, len(typed)/3)
	for _, name := range known {
		if d := distance(typed, name); d < least {
			best, least = name, d
		}
	}
	return best
}

// distance is Levenshtein's: how many letters have to be changed, added or left out
// to make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1) // of the letters of a so far, to each start of b
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
