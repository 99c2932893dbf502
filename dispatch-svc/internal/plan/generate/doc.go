// Package generate makes problems: in the manner of Solomon (1987) and Gehring and Homberger (1999), of Pillac's technician
// routing set, days of 1,000 jobs, tiny ones with every constraint, and crews with booked weeks. All are functions of a seed.
package generate
