package command

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"leadline/deploy/archive"
	"leadline/deploy/local"
)

type backupCommand struct {
	File        string `arg:"" help:"Where the archive goes, a file that does not exist; - is the standard output."`
	WithoutKeys bool   `help:"Leave out the keyset and the token: who has the archive alone opens no recorder."`
}

// Help says what is in it.
func (*backupCommand) Help() string {
	return `Makes an archive of --data from which leadline restore makes a directory that leadline up goes on from: meetings, entries, the log
with all that is on its way, connections, users. It works beside a Leadline that runs, which stands still for some milliseconds,
and where none does.

The archive holds meetings in clear, the keyset that opens recorders' keys, and the token of the API: keep it as you keep those.
Its file can be read by you alone. A keyset that is in LEADLINE_KEYSET is not in it.

Examples:
  leadline backup /backups/leadline-2026-11-30.tar.zst
  leadline backup - | age -r KEY > backup.age`
}

// Run asks the Leadline that runs for a snapshot, or makes one, and packs it.
func (c *backupCommand) Run(ctx context.Context, g *Globals) error {
	if c.File == "-" {
		if info, err := os.Stdout.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			return &usageError{errors.New("an archive is nothing for a terminal: name a file")}
		}
	}
	if _, err := os.Stat(filepath.Join(g.Data, "kafka")); err != nil {
		return &usageError{fmt.Errorf("there is no Leadline in %s: %w", g.Data, err)}
	}
	to, err := c.open()
	if err != nil {
		return err
	}
	m, err := c.pack(ctx, g, to)
	if err := to.done(err); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "Backed up: %d files, %.1f MB of data as it was at %s.%s\n", len(m.Files), float64(m.Size())/1e6, m.Made.Format(time.RFC3339), c.keysNote(m))
	return nil
}

func (c *backupCommand) keysNote(m archive.Manifest) string {
	switch {
	case c.WithoutKeys:
		return " The keyset and the token are not in it."
	case !m.WithKeys:
		return " The keyset is not in it, since it is not in the data directory: keep it, too."
	}
	return " It holds the keyset and the token: keep it as a secret."
}

// pack holds the snapshot for as long as it takes.
func (c *backupCommand) pack(ctx context.Context, g *Globals, to io.Writer) (m archive.Manifest, err error) {
	var s *snapshot
	s, err = takeStopped(ctx, g.Data)
	release := func() error { return s.remove() }
	if errors.Is(err, local.ErrInUse) {
		s, release, err = askForSnapshot(ctx, g.Data, err)
	}
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, release()) }()
	m = archive.Manifest{Program: version(), Made: time.Now().UTC().Truncate(time.Second)}
	for _, p := range s.Parts {
		secret := p.Path == "keys.json" || p.Path == "token"
		if secret && c.WithoutKeys {
			continue
		}
		m.WithKeys = m.WithKeys || p.Path == "keys.json"
		m.Files = append(m.Files, archive.File{Path: p.Path, Size: p.Size})
	}
	return m, archive.Write(to, s.path(), m)
}

// askForSnapshot asks the Leadline that holds the directory. release ends the
// connection for which it keeps the snapshot.
func askForSnapshot(ctx context.Context, data string, held error) (s *snapshot, release func() error, err error) {
	p, err := readPlace(data)
	if err != nil {
		return nil, nil, errors.Join(held, err)
	}
	token, err := os.ReadFile(tokenFile(data))
	if err != nil {
		return nil, nil, fmt.Errorf("reading the token: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL+snapshotPath, http.NoBody)
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, nil, fmt.Errorf("asking the Leadline that runs for a snapshot: %w (%w)", err, held)
	}
	defer func() {
		if err != nil {
			_ = res.Body.Close()
		}
	}()
	if res.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(io.LimitReader(res.Body, 500))
		return nil, nil, fmt.Errorf("the Leadline that runs made no snapshot: %s: %s", res.Status, strings.TrimSpace(string(said)))
	}
	s = &snapshot{data: data}
	// The answer is one line; what follows it is the end of the connection.
	if err := json.NewDecoder(bufio.NewReader(res.Body)).Decode(s); err != nil {
		return nil, nil, fmt.Errorf("asking the Leadline that runs for a snapshot: %w", err)
	}
	if filepath.Base(s.Dir) != s.Dir || !strings.HasPrefix(s.Dir, snapshotPrefix) {
		return nil, nil, fmt.Errorf("the Leadline that runs made a snapshot at %.100q, which is no place for one", s.Dir)
	}
	return s, res.Body.Close, nil
}

// archiveFile appears when it is whole; or it is the standard output.
type archiveFile struct {
	*os.File
	name string // "": standard output
}

func (c *backupCommand) open() (*archiveFile, error) {
	if c.File == "-" {
		return &archiveFile{File: os.Stdout}, nil
	}
	if _, err := os.Lstat(c.File); !errors.Is(err, fs.ErrNotExist) {
		return nil, &usageError{fmt.Errorf("%s is there already: name another file", c.File)}
	}
	f, err := os.CreateTemp(filepath.Dir(c.File), filepath.Base(c.File)+".partial-") // with mode 0600
	if err != nil {
		return nil, fmt.Errorf("making the archive: %w", err)
	}
	return &archiveFile{f, c.File}, nil
}

// done puts the file in its place, or takes it away.
func (f *archiveFile) done(err error) error {
	if f.name == "" {
		return err
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		// Unlike a rename, a link takes nobody's place; not every file system has them.
		if err = os.Link(f.Name(), f.name); err != nil && !errors.Is(err, fs.ErrExist) {
			return os.Rename(f.Name(), f.name)
		}
	}
	return errors.Join(err, os.Remove(f.Name()))
}
