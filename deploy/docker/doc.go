// Package docker holds the image that every role runs in, its health probe, and
// what makes a .env. It has no code but the tests, which compare what
// docker-compose.yml and deploy/kubernetes say with what the program reads.
package docker
