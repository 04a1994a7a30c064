package archive

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
)

var sample = map[string]string{"kafka/log-000001/groups.log": "offsets", "kafka/log-000001/partitions/a-0/0.dat": strings.Repeat("batch", 1000), "store.db": "", "token": "secret"}

// sampleArchive is of files that go on behind what is packed.
func sampleArchive(t testing.TB) []byte {
	t.Helper()
	dir := t.TempDir()
	m := Manifest{Program: "leadline test", Made: time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)}
	for _, path := range []string{"kafka/log-000001/groups.log", "kafka/log-000001/partitions/a-0/0.dat", "store.db", "token"} {
		full := filepath.Join(dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(sample[path]+"written later"), 0o600); err != nil {
			t.Fatal(err)
		}
		m.Files = append(m.Files, File{Path: path, Size: int64(len(sample[path]))})
	}
	var out bytes.Buffer
	if err := Write(&out, dir, m); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func filesOf(t testing.TB, dir string) map[string]string {
	t.Helper()
	all := make(map[string]string)
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		all[filepath.ToSlash(rel)] = string(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestWhatIsPackedIsUnpacked(t *testing.T) {
	t.Parallel()
	packed := sampleArchive(t)
	parent := t.TempDir()
	for _, dir := range []string{filepath.Join(parent, "a", "new"), filepath.Join(parent, "empty")} {
		if strings.HasSuffix(dir, "empty") {
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
		}
		m, err := Restore(bytes.NewReader(packed), dir, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		if got := filesOf(t, dir); !maps.Equal(got, sample) || m.Program != "leadline test" {
			t.Errorf("%v of %+v", got, m)
		}
		if info, err := os.Stat(filepath.Join(dir, "token")); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info.Mode(), err)
		}
		if _, err := Restore(bytes.NewReader(packed), dir, 1<<20); !errors.Is(err, ErrNotEmpty) {
			t.Errorf("over what is there: %v", err)
		}
	}
}

// An archive that ends anywhere, or of which a byte is another, leaves nothing. (A few bits mean nothing to the compression; with those it
// is what it was.)
func TestADamagedArchiveLeavesNothing(t *testing.T) {
	t.Parallel()
	packed := sampleArchive(t)
	parent := t.TempDir()
	dir := filepath.Join(parent, "data")
	refused := 0
	for at := range packed {
		raw := packed[:at]
		if at%4 != 0 {
			raw = bytes.Clone(packed)
			raw[at] ^= 0x41
		}
		if _, err := Restore(bytes.NewReader(raw), dir, 1<<20); err != nil {
			refused++
			if left, err := os.ReadDir(parent); err != nil || len(left) > 0 {
				t.Fatalf("byte %d: left %v, %v", at, left, err)
			}
			continue
		}
		if got := filesOf(t, dir); at%4 == 0 || !maps.Equal(got, sample) {
			t.Fatalf("byte %d of %d: restored %v", at, len(packed), got)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}
	if refused < len(packed)*9/10 {
		t.Errorf("%d of %d were refused", refused, len(packed))
	}
}

type entry struct {
	name, content string
	kind          byte
}

// forged is an archive of a manifest and whatever entries.
func forged(t testing.TB, m any, entries ...entry) []byte {
	t.Helper()
	var out bytes.Buffer
	compressed, err := zstd.NewWriter(&out)
	if err != nil {
		t.Fatal(err)
	}
	packed := tar.NewWriter(compressed)
	raw, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range append([]entry{{name: manifestName, content: string(raw)}}, entries...) {
		h := &tar.Header{Typeflag: tar.TypeReg, Name: e.name, Size: int64(len(e.content)), Mode: 0o777}
		if e.kind != 0 {
			h = &tar.Header{Typeflag: e.kind, Name: e.name, Linkname: e.content, Mode: 0o777}
			e.content = ""
		}
		if err := packed.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := packed.Write([]byte(e.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(packed.Close(), compressed.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func fileOf(path, content string) File {
	sum := sha256.Sum256([]byte(content))
	return File{Path: path, Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:])}
}

func TestAForgedArchiveIsRefused(t *testing.T) {
	t.Parallel()
	of := func(files ...File) Manifest { return Manifest{Format: Format, Files: files} }
	x := entry{name: "x", content: "x"}
	if _, err := Unpack(bytes.NewReader(forged(t, of(fileOf("x", "x")), x)), t.TempDir(), 1<<20); err != nil {
		t.Fatalf("one that is right: %v", err)
	}
	for what, c := range map[string]struct {
		says    string
		archive []byte
	}{
		"a file more":             {"behind its last file", forged(t, of(fileOf("x", "x")), x, entry{name: "y", content: "y"})},
		"a file less":             {"cut off", forged(t, of(fileOf("x", "x"), fileOf("y", "y")), x)},
		"another order":           {"where the manifest has", forged(t, of(fileOf("x", "x"), fileOf("y", "y")), entry{name: "y", content: "y"}, x)},
		"another size":            {"where the manifest has", forged(t, of(fileOf("x", "xx")), x)},
		"another content":         {"damaged", forged(t, of(fileOf("x", "y")), x)},
		"a symbolic link":         {"where the manifest has", forged(t, of(fileOf("x", "")), entry{"x", "/etc/passwd", tar.TypeSymlink})},
		"a hard link":             {"where the manifest has", forged(t, of(fileOf("x", "")), entry{"x", "/etc/passwd", tar.TypeLink})},
		"a way out":               {"no path", forged(t, of(fileOf("../x", "x")), entry{name: "../x", content: "x"})},
		"a way out from within":   {"no path", forged(t, of(fileOf("a/../../x", "x")), entry{name: "a/../../x", content: "x"})},
		"an absolute path":        {"no path", forged(t, of(fileOf("/x", "x")), entry{name: "/x", content: "x"})},
		"a path of Windows":       {"no path", forged(t, of(fileOf(`..\x`, "x")), entry{name: `..\x`, content: "x"})},
		"a drive":                 {"no path", forged(t, of(fileOf(`C:x`, "x")), entry{name: `C:x`, content: "x"})},
		"a path with a zero":      {"no path", forged(t, of(fileOf("x\x00", "x")))},
		"a file twice":            {"twice", forged(t, of(fileOf("x", "x"), fileOf("X", "x")), x, x)},
		"a file below a file":     {"file and a folder", forged(t, of(fileOf("x", "x"), fileOf("x/y", "y")), x)},
		"a file that is a folder": {"twice", forged(t, of(fileOf("x/y", "x"), fileOf("x", "y")), x)},
		"more than is wanted":     {"more than", forged(t, of(File{Path: "x", Size: 2 << 20, SHA256: fileOf("", "").SHA256}), x)},
		"sizes that overflow": {"bytes", forged(t, of(File{Path: "x", Size: 1<<63 - 1, SHA256: fileOf("", "").SHA256},
			File{Path: "y", Size: 1<<63 - 1, SHA256: fileOf("", "").SHA256}), x)},
		"no files":         {"has 0 files", forged(t, of())},
		"another format":   {"use the Leadline that made it", forged(t, Manifest{Format: Format + 1, Program: "leadline v9"})},
		"no manifest":      {"cannot be read", forged(t, "none")},
		"no archive":       {"no archive", []byte("PK\x03\x04 and so on")},
		"an empty archive": {"cut off", nil},
	} {
		dir := t.TempDir()
		_, err := Unpack(bytes.NewReader(c.archive), filepath.Join(dir, "in"), 1<<20)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", what, err)
		}
		for path := range filesOf(t, dir) {
			if !strings.HasPrefix(path, "in/") {
				t.Errorf("%s: wrote %s", what, path)
			}
		}
	}
}

// What an archive expands to is bounded before it expands.
func TestABombIsNotUnpacked(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	compressed, err := zstd.NewWriter(&out)
	if err != nil {
		t.Fatal(err)
	}
	packed := tar.NewWriter(compressed)
	if err := packed.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: manifestName, Size: 1 << 40}); err != nil {
		t.Fatal(err)
	}
	if _, err := io.CopyN(packed, zeros{}, 64<<20); err != nil {
		t.Fatal(err)
	}
	if err := compressed.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Unpack(&out, t.TempDir(), 1<<20); err == nil || !strings.Contains(err.Error(), "not with a manifest") {
		t.Error(err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// FuzzUnpack: whatever it is given, nothing is written outside the directory, and what is accepted is what the manifest says.
func FuzzUnpack(f *testing.F) {
	f.Add(sampleArchive(f), false)
	f.Add(plainOf(f, sampleArchive(f)), true)
	f.Add(plainOf(f, forged(f, Manifest{Format: Format, Files: []File{fileOf("../x", "x")}}, entry{name: "../x", content: "x"})), true)
	f.Add(plainOf(f, forged(f, Manifest{Format: Format, Files: []File{fileOf("x", "")}}, entry{"x", "/etc", tar.TypeSymlink})), true)
	f.Fuzz(func(t *testing.T, raw []byte, plain bool) {
		if plain { // so that the fuzzer reaches what is inside
			encoder, err := zstd.NewWriter(nil)
			if err != nil {
				t.Fatal(err)
			}
			raw = encoder.EncodeAll(raw, nil)
		}
		const most = 1 << 16
		root := t.TempDir()
		m, err := Unpack(bytes.NewReader(raw), filepath.Join(root, "in"), most)
		var total int64
		found := filesOf(t, root)
		for path, content := range found {
			total += int64(len(content))
			if !strings.HasPrefix(path, "in/") {
				t.Errorf("wrote %s", path)
			}
		}
		if total > most {
			t.Errorf("wrote %d bytes", total)
		}
		if err != nil {
			return
		}
		if len(found) != len(m.Files) {
			t.Errorf("%d files of %d", len(found), len(m.Files))
		}
		for _, want := range m.Files {
			if got := fileOf(want.Path, found["in/"+want.Path]); got.Size != want.Size || !strings.EqualFold(got.SHA256, want.SHA256) {
				t.Errorf("%+v, want %+v", got, want)
			}
		}
	})
}

func plainOf(f *testing.F, packed []byte) []byte {
	f.Helper()
	decoder, err := zstd.NewReader(nil)
	if err != nil {
		f.Fatal(err)
	}
	defer decoder.Close()
	plain, err := decoder.DecodeAll(packed, nil)
	if err != nil {
		f.Fatal(err)
	}
	return plain
}
