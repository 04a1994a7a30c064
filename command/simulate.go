package command

import (
	"context"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strconv"

	"leadline/deploy/demo"
	"leadline/ingress/fathom/simulator"
)

type simulateCommand struct {
	Fathom simulateFathomCommand `cmd:"" help:"Serve Fathom's external API from a folder of meetings."`
	Zoom   simulateZoomCommand   `cmd:"" help:"Serve Zoom's API for cloud recordings from a folder of meetings."`
}

type simulateFathomCommand struct {
	Port     int    `env:"LEADLINE_SIMULATOR_PORT" default:"8430" help:"Port on 127.0.0.1; 0 is any."`
	Listen   string `env:"LEADLINE_LISTEN" help:"Address instead, for a container: 0.0.0.0:8430. The control endpoints answer the loopback interface only."`
	Key      string `env:"LEADLINE_SIMULATOR_KEY" default:"simulated-key" help:"The API key to accept."`
	Meetings string `env:"LEADLINE_SIMULATOR_MEETINGS" type:"existingdir" help:"Folder of files, each one Fathom meeting. Default: the sample that comes with the program."`
	Pending  bool   `env:"LEADLINE_SIMULATOR_PENDING" help:"The meetings have not ended yet: end them by the control endpoint."`
	Limits   bool   `env:"LEADLINE_SIMULATOR_LIMITS" help:"Apply Fathom's rate limits."`
}

// Help shows examples.
func (*simulateFathomCommand) Help() string {
	return `Examples:
  leadline simulate fathom --pending
  leadline connect fathom --key simulated-key --base-url http://127.0.0.1:8430/external/v1
  curl -X POST http://127.0.0.1:8430/control/end-all -d '{"per_second": 2}'
  curl http://127.0.0.1:8430/control/deliveries`
}

// Run serves until it is interrupted.
func (c *simulateFathomCommand) Run(ctx context.Context) error {
	options := simulator.Options{Keys: map[string]string{c.Key: ""}, Meetings: orFolder(demo.Meetings(), c.Meetings), Pending: c.Pending}
	if c.Limits {
		options.Limits = simulator.FathomLimits()
	}
	s, err := simulator.New(options)
	if err != nil {
		return &usageError{err}
	}
	return serveSimulator(ctx, s, c.Listen, c.Port, "Fathom API", simulator.BasePath)
}

// orFolder is the folder that is named, or else the sample.
func orFolder(sample fs.FS, folder string) fs.FS {
	if folder == "" {
		return sample
	}
	return os.DirFS(folder)
}

type simulating interface {
	Run(ctx context.Context, ln net.Listener) error
}

// serveSimulator serves on an address or, without one, on a port of this machine.
func serveSimulator(ctx context.Context, s simulating, address string, port int, name, basePath string) error {
	if address == "" {
		address = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	}
	ln, err := front(ctx, address)
	if err != nil {
		return err
	}
	fmt.Printf("%s  http://%s%s\n", name, ln.Addr(), basePath)
	fmt.Printf("%-*s  http://%s/control/meetings\n", len(name), "control", ln.Addr())
	return s.Run(ctx, ln)
}
