// Package command is the command line: it opens what a command or role needs, and wires the parts together.
package command

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"reflect"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
	kongcompletion "github.com/jotaen/kong-completion"

	"leadline/deploy/boot"
)

// command is the whole command line. Every flag has an environment variable
// that its help names.
type command struct {
	Globals

	Up       upCommand       `cmd:"" help:"Run everything in this process, with nothing else installed."`
	Simulate simulateCommand `cmd:"" help:"Pretend to be a recorder, for trying and testing."`

	Ingress    ingressCommand    `cmd:"" group:"roles" help:"Receive webhooks."`
	Poller     pollerCommand     `cmd:"" group:"roles" help:"Read recorders' listings."`
	Processors processorsCommand `cmd:"" group:"roles" help:"Run the stages."`
	Sinks      sinksCommand      `cmd:"" group:"roles" help:"Carry meetings and entries into the stores."`
	Console    consoleCommand    `cmd:"" group:"roles" help:"Answer the API and serve the pages."`

	Schemas schemasCommand `cmd:"" group:"setup" help:"Register and check the schemas."`
	Topics  topicsCommand  `cmd:"" group:"setup" help:"Make and check the topics."`
	Stores  storesCommand  `cmd:"" group:"setup" help:"Prepare and check the stores."`
	Reindex reindexCommand `cmd:"" group:"setup" help:"Move the knowledge to an index with this build's mapping."`

	Connect     connectCommand     `cmd:"" help:"Connect a recorder to an organisation."`
	Sync        syncCommand        `cmd:"" help:"Read a recorder's meetings now instead of at the next hour."`
	Connections connectionsCommand `cmd:"" help:"Watch, pause, resume and end connections."`
	Backup      backupCommand      `cmd:"" help:"Make an archive of the data directory."`
	Restore     restoreCommand     `cmd:"" help:"Make a data directory of an archive."`
	Secrets     secretsCommand     `cmd:"" help:"Rotate the key that seals the secrets of connections."`
	Directory   directoryCommand   `cmd:"" help:"Say who the customers are."`
	Rules       rulesCommand       `cmd:"" help:"Say what is learned from meetings."`
	Replay      replayCommand      `cmd:"" help:"Take stored meetings through a stage once more, under today's rules."`
	Own         ownCommand         `cmd:"" help:"Say whose domains are our own, outside or ignored."`
	Link        linkCommand        `cmd:"" help:"Put a meeting on a customer by hand."`
	Unlink      unlinkCommand      `cmd:"" help:"Take a meeting off a customer by hand."`
	Same        sameCommand        `cmd:"" help:"Say that two recordings are of one call."`
	Apart       apartCommand       `cmd:"" help:"Say that two recordings are of two calls."`
	Unmatched   unmatchedCommand   `cmd:"" help:"List and resolve meetings that are nobody's."`
	Match       matchCommand       `cmd:"" help:"Try other rules."`

	Meetings meetingsCommand `cmd:"" help:"List meetings."`
	Meeting  meetingCommand  `cmd:"" help:"Show one meeting: whose it is and why, its stages, its entries."`
	Why      whyCommand      `cmd:"" help:"Say why a meeting is a customer's, or why it is not."`
	Search   searchCommand   `cmd:"" help:"Search what was said."`
	Customer customerCommand `cmd:"" help:"Show one customer."`
	Context  contextCommand  `cmd:"" help:"Gather what an assistant should know of a customer."`
	MCP      mcpCommand      `cmd:"" name:"mcp" help:"Let an assistant read meetings, over the Model Context Protocol."`
	SignIn   signInCommand   `cmd:"" name:"signin" help:"Make a link that signs in to the console in a browser."`
	Tokens   tokensCommand   `cmd:"" help:"Make, list and revoke tokens of the API."`
	Eval     evalCommand     `cmd:"" help:"Measure what is found on labelled data."`
	Bench    benchCommand    `cmd:"" help:"Measure speed and size beside yardsticks."`
	Chaos    chaosCommand    `cmd:"" help:"Disturb a Leadline of its own, and judge what became of its meetings."`

	Completion kongcompletion.Completion `cmd:"" help:"Print the commands that switch completion on in your shell."`
	Version    kong.VersionFlag          `env:"-" help:"Print the version."`
}

// Globals are the flags that every command takes.
type Globals struct {
	Data     string     `env:"LEADLINE_DATA" type:"path" default:"${data}" help:"Directory that everything lives in."`
	Org      string     `env:"LEADLINE_ORG" help:"Organisation: 1 to 63 of a-z, 0-9, _ and -. Default: that of --api-token, or of the Leadline that runs; up: main, or demo with --demo."`
	URL      string     `name:"url" env:"LEADLINE_URL" help:"Where reading commands ask. Default: the Leadline of --data."`
	APIToken string     `env:"LEADLINE_API_TOKEN" help:"What --url wants to hear."`
	LogLevel slog.Level `env:"LEADLINE_LOG_LEVEL" default:"warn" help:"debug, info, warn or error."`
}

// exitUsage is for what the user typed or configured; 1 is for what went wrong
// later.
const exitUsage = 2

// Main runs the command that os.Args names, and returns the exit code.
func Main() int {
	if err := boot.Undumpable(); err != nil {
		fmt.Fprintln(os.Stderr, "leadline: keys in memory are less well kept:", err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return run(ctx, os.Args[1:])
}

func run(ctx context.Context, args []string) int {
	var cmd command
	parser, err := kong.New(&cmd,
		kong.Name("leadline"),
		kong.Description("Turns recorded customer meetings into knowledge about customers."),
		kong.Vars{"version": version(), "data": dataDir()},
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.DefaultEnvars("LEADLINE"), // for the flags that name none themselves
		kong.TypeMapper(reflect.TypeFor[time.Time](), kong.MapperFunc(typedDay)),
		kong.TypeMapper(reflect.TypeFor[slog.Level](), kong.MapperFunc(typedLevel)),
		kong.TypeMapper(reflect.TypeFor[netip.Prefix](), kong.MapperFunc(typedPrefix)),
		kong.ExplicitGroups([]kong.Group{
			{Key: "roles", Title: "Roles, each a process of its own, on real Kafka:"},
			{Key: "setup", Title: "For deployment:"},
		}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.UsageOnError(),
	)
	if err != nil {
		fmt.Fprintln(os.Stderr, "leadline:", err)
		return exitUsage
	}
	kongcompletion.Register(parser)
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintln(os.Stderr, "leadline:", err)
		return exitUsage
	}
	if err := parsed.Run(&cmd.Globals); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "leadline:", err)
		if usage := (*usageError)(nil); errors.As(err, &usage) {
			return exitUsage
		}
		return 1
	}
	return 0
}

// usageError is a bad value that only became known when the command ran.
type usageError struct{ err error }

func (u *usageError) Error() string { return u.err.Error() }
func (u *usageError) Unwrap() error { return u.err }

func (g *Globals) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: g.LogLevel}))
}

// dataDir is where data lives by default: below XDG_DATA_HOME, or where the
// system's users keep it.
func dataDir() string {
	if d := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(d) {
		return filepath.Join(d, "leadline")
	}
	if home, err := os.UserHomeDir(); err == nil {
		return filepath.Join(home, ".local", "share", "leadline")
	}
	return "leadline-data"
}

// version is the module's where it was installed by one, else the commit.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "leadline (unknown)"
	}
	v, rev := info.Main.Version, ""
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			rev = " " + s.Value
		}
	}
	return "leadline " + v + rev
}
