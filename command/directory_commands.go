package command

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"leadline/console"
	"leadline/ingress/directory"
	"leadline/schemas"
)

type directoryCommand struct {
	Import    directoryImportCommand    `cmd:"" help:"Add companies and end users from a file, or replace those of the same id."`
	Export    directoryExportCommand    `cmd:"" help:"Print the directory, one entry a line, as import reads it."`
	Diff      directoryDiffCommand      `cmd:"" help:"Say what importing a file would change."`
	Conflicts directoryConflictsCommand `cmd:"" help:"List domains that several companies claim: none of them gets a meeting by it."`
}

// format is that of a file: said, or told by its name.
type format struct {
	Format string `enum:"json,ndjson,csv," default:"" help:"json, ndjson or csv. Default: what the file's name ends with, or else json."`
}

func (f format) of(name string) string {
	if f.Format != "" {
		return f.Format
	}
	switch ending := strings.TrimPrefix(strings.ToLower(filepath.Ext(name)), "."); ending {
	case "jsonl", directory.NDJSON:
		return directory.NDJSON
	case directory.CSV:
		return ending
	}
	return "json"
}

type directoryImportCommand struct {
	cluster
	format
	File string `arg:"" type:"existingfile" help:"JSON: {\"companies\": [{id, name, domains}], \"end_users\": [{id, company_id, name, emails}]}; NDJSON or CSV: an entry a line."`
}

// Help shows examples.
func (*directoryImportCommand) Help() string {
	return `Earlier meetings find the customers that are added later. A JSON file goes in whole or not at all. Of NDJSON and CSV the good
lines go in and the others are told of, with exit code 1; files of any length are read line by line. docs/directory.md has the columns.

Examples:
  leadline directory import customers.json
  leadline directory import people.csv
  leadline directory export > all.ndjson; leadline directory import all.ndjson`
}

// Run writes to Kafka or, with --url, to the API.
func (c *directoryImportCommand) Run(ctx context.Context, g *Globals) error {
	file, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // read only
	kind := c.of(c.File)
	if g.URL != "" && len(c.Brokers) == 0 {
		return importByAPI(ctx, g, file, kind)
	}
	r, err := c.reach(ctx, g)
	if err != nil {
		return err
	}
	w, err := directory.NewWriter(r.kafka, r.codec, prometheus.NewRegistry())
	if err != nil {
		return err
	}
	defer w.Close()
	if kind == "json" {
		lines, err := wholeFile(g.Org, file)
		if err != nil {
			return err
		}
		report, err := w.Import(ctx, g.Org, directory.NDJSON, lines, nil)
		return reportImport(report, r.noted(ctx, g, "directory import", entries(report), err))
	}
	b := newBar(file)
	report, err := w.Import(ctx, g.Org, kind, b, nil)
	b.done()
	return reportImport(report, r.noted(ctx, g, "directory import", entries(report), err))
}

func entries(report schemas.ImportReport) string { return fmt.Sprintf("%d entries", report.Accepted) }

func importByAPI(ctx context.Context, g *Globals, file *os.File, kind string) error {
	return asking(ctx, g, func(client *console.Client) error {
		if kind == "json" {
			lines, err := wholeFile(g.Org, file)
			if err != nil {
				return err
			}
			return reportImport(client.Import(ctx, g.Org, "application/x-ndjson", lines))
		}
		b := newBar(file)
		media := "application/x-ndjson"
		if kind == directory.CSV {
			media = "text/csv"
		}
		report, err := client.Import(ctx, g.Org, media, b)
		b.done()
		return reportImport(report, err)
	})
}

// wholeFile reads a file of JSON and gives it back a line each, or every reason
// why not.
func wholeFile(org string, file io.Reader) (io.Reader, error) {
	entries, err := directory.ReadFile(org, file)
	if err != nil {
		return nil, &usageError{err}
	}
	r, w := io.Pipe()
	go func() {
		out := json.NewEncoder(w)
		for i := range entries {
			if out.Encode(schemas.LineOf(&entries[i])) != nil {
				return // nobody reads any more
			}
		}
		_ = w.Close() // returns nil
	}()
	return r, nil
}

func reportImport(report schemas.ImportReport, err error) error {
	for _, l := range report.Lines {
		at := ""
		if l.Field != "" {
			at = l.Field + ": "
		}
		fmt.Fprintf(os.Stderr, "line %d: %s\n", l.Line, console.Safe(at+l.Problem))
	}
	if err != nil {
		return fmt.Errorf("after %d lines: %w", report.Accepted+report.Refused, err)
	}
	fmt.Printf("%d entries were taken in.\n", report.Accepted)
	if report.Refused > 0 {
		return fmt.Errorf("%d lines were refused", report.Refused)
	}
	return nil
}

type directoryExportCommand struct {
	Format string   `enum:"ndjson,csv" default:"ndjson" help:"ndjson, or csv: companies, end users and sides with all their traits."`
	Type   []string `enum:"company,end_user,decision,side,setting,same_call" help:"Only these types."`
}

// Help shows examples.
func (*directoryExportCommand) Help() string {
	return `Examples:
  leadline directory export > directory.ndjson
  leadline directory export --type end_user --format csv > people.csv`
}

// Validate refuses a file that would lack what was asked for.
func (c *directoryExportCommand) Validate() error {
	for _, sort := range c.Type {
		if c.Format == directory.CSV && slices.Contains([]string{schemas.SortDecision, schemas.SortSetting, schemas.SortSameCall}, sort) {
			return fmt.Errorf("--type=%s: csv has no columns for it: want --format=ndjson", sort)
		}
	}
	return nil
}

// Run prints.
func (c *directoryExportCommand) Run(ctx context.Context, g *Globals) error {
	return reading(ctx, g, func(r console.Reader) error {
		out := bufio.NewWriterSize(os.Stdout, 64<<10)
		sorts := schemas.DirectorySorts
		if len(c.Type) > 0 {
			sorts = c.Type
		}
		write := directory.WriteNDJSON(out)
		if c.Format == directory.CSV {
			names := make(map[string]bool)
			err := eachOf(ctx, r, g.Org, sorts, func(l schemas.DirectoryLine) error {
				for name := range l.Traits {
					names[name] = true
				}
				return nil
			})
			if err != nil {
				return err
			}
			write = directory.WriteCSV(out, slices.Sorted(maps.Keys(names)))
		}
		return errors.Join(eachOf(ctx, r, g.Org, sorts, write), out.Flush())
	})
}

func eachOf(ctx context.Context, r console.DirectoryReader, org string, sorts []string, yield func(schemas.DirectoryLine) error) error {
	for _, sort := range sorts {
		if err := console.EachEntry(ctx, r, org, sort, yield); err != nil {
			return err
		}
	}
	return nil
}

type directoryDiffCommand struct {
	format
	File string `arg:"" type:"existingfile" help:"As for import."`
	Full bool   `help:"The file is the whole directory of the types that it holds: also list entries that it does not have."`
}

// Help shows an example.
func (*directoryDiffCommand) Help() string {
	return `Prints + for entries that the file adds, ~ for those that it changes and - for those that it removes; exit code 1 where there are any.

Example:
  leadline directory diff crm.ndjson --full`
}

// Run compares. It holds some hundred bytes of each entry of the file.
func (c *directoryDiffCommand) Run(ctx context.Context, g *Globals) error {
	file, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // read only
	return reading(ctx, g, func(r console.Reader) error {
		wanted, sorts := make(map[string][sha256.Size]byte), make(map[string]bool)
		put := func(key string, e *schemas.DirectoryEntry) error {
			_, rest, _ := strings.Cut(key, "/")
			sort, _, _ := strings.Cut(rest, "/")
			sorts[sort] = true
			wanted[rest] = [sha256.Size]byte{}
			if e != nil {
				wanted[rest] = sumOf(schemas.LineOf(e))
			}
			return nil
		}
		if err := directory.Each(g.Org, c.of(c.File), file, put); err != nil {
			return &usageError{err}
		}
		differences := 0
		say := func(sign, name string) {
			differences++
			fmt.Println(sign, console.Safe(name))
		}
		err := eachOf(ctx, r, g.Org, slices.Sorted(maps.Keys(sorts)), func(l schemas.DirectoryLine) error {
			id, _ := l.Identity()
			name := l.Type + "/" + id
			want, there := wanted[name]
			delete(wanted, name)
			switch {
			case there && want == [sha256.Size]byte{}, !there && c.Full:
				say("-", name)
			case there && want != sumOf(l):
				say("~", name)
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, name := range slices.Sorted(maps.Keys(wanted)) {
			if wanted[name] != [sha256.Size]byte{} {
				say("+", name)
			}
		}
		if differences > 0 {
			return fmt.Errorf("%d differences", differences)
		}
		return nil
	})
}

// sumOf names what an entry says, but for when a decision was made.
func sumOf(l schemas.DirectoryLine) [sha256.Size]byte {
	l.At = nil
	raw, _ := json.Marshal(l) // texts, lists of texts and a flag
	return sha256.Sum256(raw)
}

type directoryConflictsCommand struct{ output }

// Help shows an example.
func (*directoryConflictsCommand) Help() string {
	return "Example:\n  leadline directory conflicts --json"
}

// Run lists.
func (c *directoryConflictsCommand) Run(ctx context.Context, g *Globals) error {
	return reading(ctx, g, func(r console.Reader) error {
		all, err := r.Conflicts(ctx, g.Org)
		if err != nil {
			return err
		}
		return show(c.output, all, func(s console.Style) error { return console.PrintConflicts(os.Stdout, all, s) })
	})
}
