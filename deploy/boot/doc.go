// Package boot is how a process lives: it builds the Kafka clients' options,
// makes sure of the topics, starts the roles in order, tells whether they are
// ready, and stops them in reverse.
package boot
