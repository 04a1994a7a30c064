package local

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
)

// schemasFile holds the schemas of every build that ran on a directory. A record names its schema by id; without this, a build that is rolled
// back to could not read what a later one has written.
const schemasFile = "schemas.json"

// keepSchemas returns those of this build and of all before, and writes them down. What this build says of an id, or of a version of a
// subject, holds.
func keepSchemas(dir string, own []Schema, log *slog.Logger) (manifest, error) {
	path := filepath.Join(dir, schemasFile)
	all := append([]Schema(nil), own...)
	raw, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading the schemas of earlier builds: %w", err)
	}
	var kept []Schema
	if err == nil {
		if err := json.Unmarshal(raw, &kept); err != nil {
			log.Warn("schemas of other builds are lost; their records become dead letters", "file", path, "error", err)
		}
	}
	type place struct {
		subject string
		version int
	}
	ids, places := make(map[int]bool), make(map[place]bool)
	for _, s := range own {
		ids[s.ID], places[place{s.Subject, s.Version}] = true, true
	}
	for _, s := range kept {
		if !ids[s.ID] && !places[place{s.Subject, s.Version}] {
			all = append(all, s)
		}
	}
	m, err := newManifest(all)
	if err != nil {
		log.Warn("schemas of other builds do not go with those of this one; their records become dead letters", "file", path, "error", err)
		all = own
		if m, err = newManifest(own); err != nil {
			return nil, fmt.Errorf("schema manifest: %w", err)
		}
	}
	next, err := json.Marshal(all)
	if err != nil {
		return nil, fmt.Errorf("writing the schemas: %w", err)
	}
	if bytes.Equal(next, raw) {
		return m, nil
	}
	if err := replaceFile(path, next); err != nil {
		return nil, fmt.Errorf("writing the schemas: %w", err)
	}
	return m, nil
}
