package archive

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/zstd"
)

// window is how far back the compressor looks, and what a reader of any archive must hold.
const window = 8 << 20

// Write packs files below dir. Of each it takes as many bytes as its Size says; the sums are filled in. Nobody else may change
// these bytes meanwhile.
func Write(to io.Writer, dir string, m Manifest) (err error) {
	m.Format = Format
	m.Files = append([]File(nil), m.Files...)
	for i := range m.Files {
		sum := sha256.New()
		if err := copyPart(sum, dir, m.Files[i]); err != nil {
			return err
		}
		m.Files[i].SHA256 = hex.EncodeToString(sum.Sum(nil))
	}
	if err := m.check(1 << 60); err != nil {
		return err
	}
	raw, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if len(raw) > manifestBytes {
		return fmt.Errorf("the manifest has %d bytes, at most %d are read", len(raw), manifestBytes)
	}
	compressed, err := zstd.NewWriter(to, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(window))
	if err != nil {
		return err
	}
	packed := tar.NewWriter(compressed)
	defer func() { err = errors.Join(err, packed.Close(), compressed.Close()) }()
	if err := packed.WriteHeader(header(m, manifestName, int64(len(raw)))); err != nil {
		return err
	}
	if _, err := packed.Write(raw); err != nil {
		return err
	}
	for _, f := range m.Files {
		if err := packed.WriteHeader(header(m, f.Path, f.Size)); err != nil {
			return fmt.Errorf("packing %s: %w", f.Path, err)
		}
		if err := copyPart(packed, dir, f); err != nil {
			return err
		}
	}
	return nil
}

func header(m Manifest, name string, size int64) *tar.Header {
	return &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: m.Made.Round(0)}
}

func copyPart(to io.Writer, dir string, f File) (err error) {
	from, err := os.Open(filepath.Join(dir, filepath.FromSlash(f.Path)))
	if err != nil {
		return fmt.Errorf("packing: %w", err)
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	if n, err := io.Copy(to, io.LimitReader(from, f.Size)); err != nil || n != f.Size {
		return fmt.Errorf("packing %s: %d bytes of %d: %w", f.Path, n, f.Size, errors.Join(err, io.ErrUnexpectedEOF))
	}
	return nil
}
