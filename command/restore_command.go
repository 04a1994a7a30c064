package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"leadline/deploy/archive"
)

type restoreCommand struct {
	File  string `arg:"" help:"The archive; - is the standard input."`
	MaxGB int64  `name:"max-gb" default:"64" help:"An archive with more data is refused."`
}

// Validate names the flag that is wrong.
func (c *restoreCommand) Validate() error {
	if c.MaxGB < 1 || c.MaxGB > 1<<20 {
		return fmt.Errorf("--max-gb=%d: want 1 to %d", c.MaxGB, 1<<20)
	}
	return nil
}

// Help says what happens.
func (*restoreCommand) Help() string {
	return `Makes --data of an archive of leadline backup; it must not exist, or be empty. Every file is checked against the sum that the archive
has of it, and the directory appears at once, whole: what was cut off leaves only DIR.restoring-..., which can be removed.

leadline up goes on from there as after a kill at the moment of the backup. What recorders have told since comes again: with the
next poll, or leadline sync.

Examples:
  leadline restore /backups/leadline-2026-11-30.tar.zst --data ~/.local/share/leadline
  age -d -i KEY backup.age | leadline restore - --data /srv/leadline`
}

// Run restores.
func (c *restoreCommand) Run(ctx context.Context, g *Globals) (err error) {
	from := os.Stdin
	if c.File != "-" {
		if from, err = os.Open(c.File); err != nil {
			return &usageError{err}
		}
		defer func() { err = errors.Join(err, from.Close()) }()
	}
	m, err := archive.Restore(&stoppable{ctx, from}, g.Data, c.MaxGB<<30)
	if errors.Is(err, archive.ErrNotEmpty) {
		return &usageError{fmt.Errorf("%w: a backup is restored where nothing is; move that away, or name another directory with --data", err)}
	}
	if err != nil {
		return err
	}
	fmt.Printf("Restored to %s: %d files, %.1f MB, as it was at %s (%s).\n", g.Data, len(m.Files), float64(m.Size())/1e6, m.Made.Format(time.RFC3339), m.Program)
	if !m.WithKeys {
		fmt.Println("The keyset is not among them: put it to keys.json there, or in LEADLINE_KEYSET, before leadline up; without it recorders are connected anew.")
	}
	return nil
}

// stoppable ends a read when the command is told to stop.
type stoppable struct {
	ctx  context.Context
	from io.Reader
}

func (s *stoppable) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.from.Read(p)
}
