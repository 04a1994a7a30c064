// Package grafana holds what watches Leadline: dashboards, alerts and what
// Prometheus scrapes. It has no code but the tests, which compare what those
// name with what the roles register.
package grafana
