// Probe asks the process in its container whether it is ready: the image has no
// shell and no curl that a health check could use. It exits with 0 for a 200.
package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"
)

// limit is below the time that the Dockerfile gives a check, so that a role
// that hangs is told apart from a probe that was killed.
const limit = 2 * time.Second

func main() {
	url, err := address(os.Args[1:], os.Getenv("LEADLINE_HEALTH_LISTEN"))
	if err == nil {
		err = ask(context.Background(), url)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "probe:", err)
		os.Exit(1)
	}
}

// address is the argument, or else where the role says that it serves health.
func address(args []string, listen string) (string, error) {
	switch {
	case len(args) > 1:
		return "", fmt.Errorf("want one address or none, got %d", len(args))
	case len(args) == 1:
		return args[0], nil
	case listen == "":
		listen = ":8429"
	}
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return "", fmt.Errorf("reading LEADLINE_HEALTH_LISTEN: %w", err)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1" // it listens everywhere; this is one of the places
	}
	return "http://" + net.JoinHostPort(host, port) + "/readyz", nil
}

func ask(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil) //nolint:gosec // the container's own settings say whom to ask
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req) //nolint:gosec // likewise
	if err != nil {
		return err
	}
	if err := res.Body.Close(); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, res.Status)
	}
	return nil
}
