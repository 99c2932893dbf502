// Package plan is the planner: who goes where, when, with which skills and parts, for one job at once (Index) and for whole days
// (Solve, Replan).
//
// # Parts
//
//   - model: the data of problems and plans. check: the independent checker. exact: optimal answers to tiny problems.
//   - segment: the insertion evaluator. A row of stops is (least work, earliest begin, latest begin); two rows join in constant
//     time (Vidal, Crainic, Gendreau, Prins 2013). Index and search both stand on it.
//   - search: the optimiser. format: Solomon's and Pillac's files. generate: problems of those families. picture: SVG.
//
// # Immediate assignment
//
// Who cannot is found by bitmaps of skills at levels, territories, tools, parts, van loads, days on duty and free gaps; who can is
// searched in rings of grid cells around the job until nobody further out can score better. A cell keeps its gaps by day, the longest
// first; what a gap can score at best is known from 24 bytes by the triangle inequality, and the most promising of a ring are looked at
// exactly. The score is 100 plus the points of its reasons (suggest_score.go). A search that meets 4,000 gaps to look at exactly stops
// and says Truncated.
//
// Every class of engineers who cannot is counted and has the nearest change that would make one of them fit, as a sentence and as data
// (suggest_change.go). A change is only given when a search with it made finds somebody; TestEveryCounterfactualIsTrue makes each of
// thousands in an index of its own and asks again. How near it is depends on how far it looks: the best of the nearest cells, or of the
// eight nearest homes of a small class; a class for which none was found says so. Who is too far away is told by the circle around home
// that holds the week's bookings. When K are suggested and nobody else can score better, the rest are Others: not classified.
//
// Bookings count with their time, load and parts; Book, Cancel and Rebook compute one tour anew and touch nothing else.
//
// AssignBatch gives many jobs away: the best twelve engineers of each job (more when they are used up), prices for skills that many
// jobs of the batch need and few engineers have, three ways (one by one; regret of the second and third choice, Potvin and Rousseau
// 1993; rounds of best matchings by shortest augmenting paths, Jonker and Volgenant 1987), and moves of single jobs while the whole
// gains. The best way is taken and one by one is among them, so that the plan is never worth less than that: the test compares with a
// dispatcher who takes the first suggestion each time, by sums of its own over times of the independent checker.
//
// # Optimiser
//
// A step is slack induction by string removals (Christiaens and Vanden Berghe 2020) under simulated annealing, one in ten an
// exchange of tails (2-opt*, Potvin and Rousseau 1995). The best place of a visit in a tour is remembered with the tour's version, so
// that only changed tours are looked at again. Rounds of such steps make a population of five plans; children replace tours of one
// parent by those of another (route exchange, Nagata, Braysy and Dullaert 2010), are cooled down again, and replace the more similar
// parent when cheaper (deterministic crowding). A population that stops improving is made anew. Tours of good plans go into a
// pool; every few rounds a Lagrangian set partitioning over the pool (subgradient, fixing by reduced costs, bounded search) looks for
// a better combination. Large problems, or small budgets, cool one plan down over the whole budget instead.
//
// What a tour costs is decided in one place, search.settle: it chooses the stop at a depot (at most one, only when needed), the
// breaks (before leaving a stop or on arrival, or outside the tour) and the windows for the order of its visits, begins as early as
// possible and leaves home as late as neither the end nor a kept promise suffers. Problems that only know travel, one hard window
// and load use the same stops with two numbers of the segment (scanPlain).
//
// # What was tried, and what it gave
//
// Mean gap to best known on the 14 hardest of Solomon's instances (R104 R107 R108 R110-112 R203 R204 R207 R208 R211 RC106 RC203 RC208
// and those whose names these contain), 2 CPU seconds, one seed, on a busy two-core machine; differences below 0.05 are noise.
//
//	one annealing run, 10 removed, hot 0.5 to cold 0.005 mean legs    1.24 %
//	the same, hot 1 to cold 0.1                                       0.19-0.31 %
//	6 removed instead of 8-10; longer strings; more blinks            no clear difference
//	population with route exchange, worst replaced                    0.08-0.11 %
//	deterministic crowding, set partitioning                          0.04-0.11 %
//	exchange of tails                                                 no clear difference
//	rounds that vary in removal, heat and (time-aware) neighbourhood  solves R108 and R112, until then at 0.17-0.75 %
//
// Temperatures are measured in what a visit of a greedy plan costs; with mean legs as the unit the technician problems were cooled
// from much too low (1.65 % on their R1 files at 2 s, then 0.92 %). On them a child's first temperature of 0.4 instead of 0.2 units gave
// 0.17 % instead of 0.49 % on seven files at 5 s. For generated problems in Homberger's manner the population won at 200 customers and
// 10 s by 0.2-0.8 %, one long run won at 400 and 15 s by 0.4 %, and at 1,000 and 20 s by 1.1 %; starting that run cooler (0.3 instead of
// 1) gave another 0.3 %. Looking only at the tours of 40 neighbours made a day of 1,000 jobs six times faster.
//
// # Figures measured
//
// CPU seconds of all threads, one seed, one worker, while other work kept both cores busy (load 10 to 17):
//
//	Solomon 56, 2 s        mean 0.047 %, worst 0.656 % (R211); without R2: 0.012 %
//	Solomon 25             all optima known to the data set
//	TRSP, 28 files, 5 s    mean 0.258 % over the published values, worst 1.600 %; an earlier setting gave 0.213 %
//	1,000 jobs re-planned  0.74 s CPU with compilation; of 1,000, 0 moved after a new job; 29 after an engineer fell ill, before moves were bounded to one in twenty
//	exact agreement        1,500 of 1,500 tiny problems with every constraint (AFTERSALES_TINY=10000 runs them all)
//
// Of immediate assignment, plan assign-bench: 100,000 engineers with booked weeks, 4,000 jobs, half friendly, half scarce, remote, short,
// long or hopeless; CPU time of the asking thread, with explanation, in one run on a quiet machine (load 2 to 5) and one on a busy
// one (10 to 17):
//
//	a query, quiet         mean 0.36 ms, p50 0.33 ms, p99 1.09 ms, worst 2.3 ms; on the wall p50 0.33 ms, p99 1.45 ms
//	a query, busy          mean 0.45 ms, p50 0.41 ms, p99 1.49 ms, worst 3.3 ms; on the wall p99 10 ms and more: two cores, ten others
//	friendly jobs only     p99 0.82 ms quiet; remote ones, 40 km from a city where nobody fits, 1.9 ms
//	an earlier version     p99 6.8 ms, worst 13.6 ms of the same mix (friendly 1.0 ms, remote 11.4 ms)
//	memory                 6.0 kB an engineer (seven shifts, about 21 bookings); 73 allocations a query, nearly all of them texts
//	updates                book 20 us, move 10 us, cancel 10 us, a whole week 70 us (p50); p99 under 0.2 ms
//	batch of 1,000         2.0 s CPU quiet, 3.5 s busy; 741 served, 0.8 % more points than one by one
//
// What was tried: without the triangle bound on the way back, remote jobs took 10 ms; looking at gaps exactly in the order of cells
// instead of by what they promise, 0.9 instead of 0.4 ms; cells of two kilometres, 0.5 instead of 0.4 ms; for a batch, looking at every
// gap of every engineer who had changed, 13 s instead of 2.
//
// # What it does not do
//
// R211 stays 0.6 % above its optimum in most runs of up to 8 s. One stop at a depot per tour. Visits of different engineers are not
// synchronised within a day: Before holds inside a tour or from an earlier shift to a later one. Stock at depots is reserved by the
// parts service, not counted here. Travel by the hour is settled tour by tour, without segments, and slower. The index knows places
// by co-ordinates only (no Table), takes travel as the provider says without the hour, keeps breaks where they were, looks at no
// relations between visits and no driven prefix, and offers a depot only as a counterfactual.
package plan
