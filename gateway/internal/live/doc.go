// Package live wakes those who wait for something new: streams of the feed, the sender of web-hooks, caches that must look
// again. A wake-up is a hint, never a fact: whoever waits reads the rows, and reads them also now and then without a hint.
// With Redis the hints reach every gateway; without, or while it is gone, those of the same process.
package live
