package archive

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/klauspost/compress/zstd"
)

// ErrNotEmpty says that there is something where an archive should go.
var ErrNotEmpty = errors.New("is not empty")

// Restore unpacks an archive of at most so many bytes into a directory that does not exist, or is empty. It appears there by one rename,
// whole and on the disk; until then it is beside it, under a name that begins with the directory's and ".restoring-".
func Restore(from io.Reader, dir string, most int64) (_ Manifest, err error) {
	if err := vacant(dir); err != nil {
		return Manifest{}, err
	}
	parent, name := filepath.Split(filepath.Clean(dir))
	if err := os.MkdirAll(filepath.Clean(parent), 0o700); err != nil {
		return Manifest{}, fmt.Errorf("restoring: %w", err)
	}
	next, err := os.MkdirTemp(parent, name+".restoring-")
	if err != nil {
		return Manifest{}, fmt.Errorf("restoring: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(next))
		}
	}()
	m, err := Unpack(from, next, most)
	if err != nil {
		return m, err
	}
	if err := syncDirs(next); err != nil {
		return m, fmt.Errorf("restoring: %w", err)
	}
	// Only an empty directory can be removed, whatever was put there meanwhile.
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return m, fmt.Errorf("restoring: %w", err)
	}
	if err := os.Rename(next, dir); err != nil {
		return m, fmt.Errorf("restoring: %w", err)
	}
	return m, syncDir(filepath.Clean(parent))
}

func vacant(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("restoring: %w", err)
	}
	if len(entries) > 0 {
		return fmt.Errorf("%s %w", dir, ErrNotEmpty)
	}
	return nil
}

// Unpack writes the files of an archive below dir. After an error some of them may be there.
func Unpack(from io.Reader, dir string, most int64) (Manifest, error) {
	m, err := unpack(from, dir, most)
	if err != nil {
		err = fmt.Errorf("reading the archive: %w", err)
	}
	return m, err
}

func unpack(from io.Reader, dir string, most int64) (Manifest, error) {
	plain, err := zstd.NewReader(from, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(window), zstd.WithDecoderLowmem(true))
	if err != nil {
		return Manifest{}, err
	}
	defer plain.Close()
	packed := tar.NewReader(plain)
	first, err := packed.Next()
	if err != nil {
		return Manifest{}, notOurs(err)
	}
	if first.Typeflag != tar.TypeReg || first.Name != manifestName || first.Size > manifestBytes {
		return Manifest{}, fmt.Errorf("it begins with %.80q, and not with a manifest", first.Name)
	}
	raw, err := io.ReadAll(io.LimitReader(packed, manifestBytes))
	if err != nil {
		return Manifest{}, notOurs(err)
	}
	m, err := readManifest(raw, most)
	if err != nil {
		return m, err
	}
	for _, f := range m.Files {
		h, err := packed.Next()
		if err != nil {
			return m, fmt.Errorf("before %s: %w", f.Path, notOurs(err))
		}
		if h.Typeflag != tar.TypeReg || h.Name != f.Path || h.Size != f.Size {
			return m, fmt.Errorf("where the manifest has %s of %d bytes, there is %.200q of %d", f.Path, f.Size, h.Name, h.Size)
		}
		if err := unpackFile(packed, dir, f); err != nil {
			return m, err
		}
	}
	switch _, err := packed.Next(); {
	case err == nil:
		return m, errBehind
	case !errors.Is(err, io.EOF):
		return m, notOurs(err)
	}
	// The end of the tar is not that of the stream, whose own sum is to be read.
	if n, err := io.Copy(io.Discard, io.LimitReader(plain, 1<<20)); err != nil || n == 1<<20 {
		return m, notOurs(errors.Join(err, errBehind))
	}
	return m, nil
}

func unpackFile(from io.Reader, dir string, f File) (err error) {
	path := filepath.Join(dir, filepath.FromSlash(f.Path))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	to, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	sum := sha256.New()
	if n, err := io.Copy(io.MultiWriter(to, sum), from); err != nil || n != f.Size {
		return fmt.Errorf("%s: %d bytes of %d: %w", f.Path, n, f.Size, notOurs(errors.Join(err, io.ErrUnexpectedEOF)))
	}
	if hex.EncodeToString(sum.Sum(nil)) != f.SHA256 {
		return fmt.Errorf("%s is damaged: it does not have the sum of the manifest", f.Path)
	}
	return to.Sync()
}

// notOurs says what the libraries' errors mean.
func notOurs(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("it is cut off: %w", err)
	}
	return fmt.Errorf("it is no archive of Leadline, or is damaged: %w", err)
}

// syncDirs makes the names below a directory durable.
func syncDirs(dir string) error {
	return filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.IsDir() {
			return err
		}
		return syncDir(path)
	})
}

func syncDir(dir string) error {
	if runtime.GOOS == "windows" { // has no such call
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
