// Package schemas is the contract between the roles: the topics, the records
// they hold, the headers beside them and the registered schema of each value.
//
// Whoever wants to read or write Leadline's topics from outside needs this
// package, or the .avsc files in avro/, and nothing else.
package schemas
