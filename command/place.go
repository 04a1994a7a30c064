package command

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"leadline/console"
	"leadline/console/token"
	"leadline/sinks/embedded"
)

// place is where a Leadline runs, or last ran: what commands need to find it.
// It stands in the data directory, beside the token, for those who may read
// that.
type place struct {
	URL      string   `json:"url"`
	Brokers  []string `json:"brokers"`
	Registry string   `json:"registry"`
	Org      string   `json:"org"`
	PID      int      `json:"pid"`
}

func placeFile(data string) string { return filepath.Join(data, "place.json") }
func storeFile(data string) string { return filepath.Join(data, "store.db") }
func keysFile(data string) string  { return filepath.Join(data, "keys.json") }
func tokenFile(data string) string { return filepath.Join(data, "token") }

// write replaces the file in one step: a reader sees the old one or the new.
func (p place) write(data string) error {
	raw, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	next := placeFile(data) + ".new"
	if err := os.WriteFile(next, append(raw, '\n'), 0o600); err != nil {
		return fmt.Errorf("writing where this runs: %w", err)
	}
	return os.Rename(next, placeFile(data))
}

func readPlace(data string) (place, error) {
	var p place
	raw, err := os.ReadFile(placeFile(data))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return p, fmt.Errorf("there is no Leadline in %s: start one with leadline up, or name its directory with --data", data)
	}
	if err != nil {
		return p, fmt.Errorf("finding the Leadline of --data: %w", err)
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		return p, fmt.Errorf("reading %s: %w", placeFile(data), err)
	}
	return p, nil
}

// running says whether that Leadline answers.
func (p place) running(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.URL+"/livez", nil)
	if err != nil {
		return false
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	return res.Body.Close() == nil && res.StatusCode == http.StatusOK
}

// orgElsewhere is the organisation that a Leadline at --url is asked for when
// none is named: the token's, which is good for no other.
func (g *Globals) orgElsewhere() string { return cmp.Or(token.Org(g.APIToken), "main") }

// openReader finds what to read from: the Leadline that runs on the data
// directory, or else the directory itself.
func openReader(ctx context.Context, g *Globals) (r console.Reader, closeReader func() error, err error) {
	if g.URL != "" {
		g.Org = cmp.Or(g.Org, g.orgElsewhere())
		client, err := console.NewClient(g.URL, g.APIToken)
		if err != nil {
			err = &usageError{fmt.Errorf("--url: %w", err)}
		}
		return client, func() error { return nil }, err
	}
	p, err := readPlace(g.Data)
	if err != nil {
		return nil, nil, err
	}
	if g.Org == "" {
		g.Org = p.Org
	}
	if p.running(ctx) {
		secret, err := os.ReadFile(tokenFile(g.Data))
		if err != nil {
			return nil, nil, fmt.Errorf("reading the token: %w", err)
		}
		client, err := console.NewClient(p.URL, strings.TrimSpace(string(secret)))
		return client, func() error { return nil }, err
	}
	store, err := embedded.OpenReadOnly(ctx, storeFile(g.Data))
	if err != nil {
		return nil, nil, err
	}
	return console.Local{Store: store}, store.Close, nil
}

// listen opens a port on the loopback interface: what else may reach it is for
// a proxy to decide.
func listen(ctx context.Context, port int, what string) (net.Listener, error) {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, fmt.Errorf("listening for %s: %w", what, err)
	}
	return ln, nil
}

// portTaken says what to do where another program has a port of up's.
func portTaken(err error) error {
	if !errors.Is(err, syscall.EADDRINUSE) {
		return err
	}
	return fmt.Errorf("%w: another program has it, perhaps another Leadline; choose others with --port, --kafka-port and --registry-port, or 0 for any", err)
}
