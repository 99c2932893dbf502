// Package limit counts calls by GCRA: so many a second in the long run, so many at once. Counts are shared through Redis
// where one is configured, and local when it is gone or there is none; a limit is never a reason to fail.
package limit
