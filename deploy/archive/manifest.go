package archive

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// Format is raised when an earlier reader would misunderstand an archive.
const Format = 1

const (
	manifestName  = "manifest.json"
	manifestBytes = 32 << 20 // a file takes some 150 of them
	mostFiles     = 100_000
	longestPath   = 400
)

// Manifest says what an archive holds.
type Manifest struct {
	Format   int       `json:"format"`
	Program  string    `json:"program"` // that made it, with its version
	Made     time.Time `json:"made"`
	WithKeys bool      `json:"with_keys"` // whether secrets are in it
	Files    []File    `json:"files"`
}

// File is one entry.
type File struct {
	Path   string `json:"path"` // with slashes
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Size is that of all files together.
func (m Manifest) Size() (n int64) {
	for _, f := range m.Files {
		n += f.Size
	}
	return n
}

func readManifest(raw []byte, most int64) (Manifest, error) {
	var m Manifest
	if err := json.Unmarshal(raw, &m); err != nil {
		return m, fmt.Errorf("the manifest cannot be read: %w", err)
	}
	if m.Format != Format {
		return m, fmt.Errorf("it has format %d, and this build (%d) reads no other: use the Leadline that made it, %.80q", m.Format, Format, m.Program)
	}
	return m, m.check(most)
}

// check refuses what no archive of ours has: a path that leads out of the directory, or is written differently from what it means; two
// files of which one would take the place of the other; more than there is room for.
func (m Manifest) check(most int64) error {
	if len(m.Files) == 0 || len(m.Files) > mostFiles {
		return fmt.Errorf("it has %d files, want 1 to %d", len(m.Files), mostFiles)
	}
	seen := make(map[string]bool) // and every folder above, which may be no file
	folders := make(map[string]bool)
	var total int64
	for _, f := range m.Files {
		if err := f.check(); err != nil {
			return err
		}
		// Some file systems do not tell upper case from lower.
		name := strings.ToLower(f.Path)
		if seen[name] || folders[name] || name == manifestName {
			return fmt.Errorf("%.200q is there twice", f.Path)
		}
		seen[name] = true
		for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
			if seen[dir] {
				return fmt.Errorf("%.200q is a file and a folder", dir)
			}
			folders[dir] = true
		}
		if total += f.Size; total > most {
			return fmt.Errorf("its files have more than %d bytes", most)
		}
	}
	return nil
}

func (f File) check() error {
	switch sum, err := hex.DecodeString(f.SHA256); {
	case f.Size < 0 || f.Size > 1<<50:
		return fmt.Errorf("%.200q has %d bytes", f.Path, f.Size)
	case err != nil || len(sum) != 32:
		return fmt.Errorf("%.200q has no SHA-256", f.Path)
	case len(f.Path) > longestPath || !filepath.IsLocal(filepath.FromSlash(f.Path)) || path.Clean(f.Path) != f.Path || f.Path == ".":
		return fmt.Errorf("%.200q is no path of an archive", f.Path)
	case strings.ContainsFunc(f.Path, func(r rune) bool { return r < ' ' || r > '~' || strings.ContainsRune(`\:*?"<>|`, r) }):
		return fmt.Errorf("%.200q is no path of an archive", f.Path)
	}
	return nil
}

var errBehind = errors.New("there is something behind its last file")
