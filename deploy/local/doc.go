// Package local runs Kafka and a schema registry inside the process, for people who have nothing but Go.
//
// The broker is franz-go's kfake: a test broker that speaks the real protocol and keeps a real log on disk. It keeps
// acknowledged records over kill -9, and it has traps. This package is where each of them is closed, so that nobody else
// has to know them:
//
//	trap in kfake                                             closed in
//	two processes write into one directory                    lock.go
//	compaction deletes segments before it writes new ones     guard.go (refused), fold.go (done before the broker opens)
//	a partition trimmed to nothing restarts at offset 0       guard.go (no time retention), retention.go (by bytes, last segment stays)
//	retention asks nobody whether he has read                 retention.go (by its own timer), readers.go
//	the cleaner does not run after a restart                  retention.go (own timer)
//	a cut transaction of a fixed id is committed by the next  engines.go (BootID)
//	an open transaction or group member outlives its process  repair.go (session state is dropped)
//	a torn tail of groups.log hides every later commit        repair.go
//	nothing says that a log's end is reached                  tail.go
//	a start reads the whole log into memory                   retention.go (cap), engines.go (memory limit)
//
// What it is: a single node, not replicated, at-least-once. A kill inside the end of a transaction can leave a part of that
// transaction visible, after which its input is processed again. Sinks must write by deterministic id.
//
// A start reads the whole log once. Measured on 2 cores with a log of 500 MB: 0.3 s and a peak of 530 MB resident, of which 20 MB
// stay; with a fold of 250 MB of state, 0.5 s. TestMeasureStart measures it.
//
// What is on disk below Config.Dir:
//
//	lock, lock.pid      held by the one process that may write, and its process id
//	schemas.json        the schemas of every build that ran here, so that an earlier one reads what a later one wrote
//	log-NNNNNN/         the broker's data directory; the highest number wins, the others are left-overs
//	log-NNNNNN.tmp/     a fold that was cut short; removed at the next start
package local
