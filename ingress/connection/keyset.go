package connection

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"

	"leadline/schemas"
)

// Key is a key of a keyset, without its material.
type Key struct {
	ID      uint32
	Primary bool // it seals; the others only open
}

// Keys lists the keys of a keyset file.
func Keys(path string) ([]Key, error) {
	handle, err := readKeyset(path)
	if err != nil {
		return nil, err
	}
	info := handle.KeysetInfo()
	keys := make([]Key, 0, len(info.GetKeyInfo()))
	for _, k := range info.GetKeyInfo() {
		keys = append(keys, Key{ID: k.GetKeyId(), Primary: k.GetKeyId() == info.GetPrimaryKeyId()})
	}
	return keys, nil
}

// PrepareKey puts a new key into a keyset file, which seals nothing yet: processes that have copies of the file can have
// it before anything is sealed with it. The file is replaced in one step.
func PrepareKey(path string) (id uint32, err error) {
	return id, changeKeyset(path, func(m *keyset.Manager) error {
		id, err = m.Add(aead.AES256GCMKeyTemplate())
		return err
	})
}

// RotateKeyset lets the key that was prepared last seal from now on, or a new one where none was. What the others sealed
// still opens. Processes that have read the file before read it again when they seal or meet the new key.
func RotateKeyset(path string) (primary uint32, err error) {
	keys, err := Keys(path)
	if err != nil {
		return 0, err
	}
	// Keys stand in the order in which they were added.
	if last := keys[len(keys)-1]; !last.Primary {
		primary = last.ID
	} else if primary, err = PrepareKey(path); err != nil {
		return 0, err
	}
	return primary, changeKeyset(path, func(m *keyset.Manager) error { return m.SetPrimary(primary) })
}

// DropKeys removes the keys that are older than the one before the primary and not used, and returns how many. The one
// before stays until the next rotation: what a process sealed with it while the keyset was rotated must still open.
func DropKeys(path string, used func(id uint32) bool) (dropped int, err error) {
	keys, err := Keys(path)
	if err != nil {
		return 0, err
	}
	primary := slices.IndexFunc(keys, func(k Key) bool { return k.Primary })
	return dropped, changeKeyset(path, func(m *keyset.Manager) error {
		for _, k := range keys[:max(0, primary-1)] {
			if used(k.ID) {
				continue
			}
			if err := m.Delete(k.ID); err != nil {
				return err
			}
			dropped++
		}
		return nil
	})
}

// SealedWith returns the keys that a connection's secrets are sealed with.
func SealedWith(c schemas.Connection) []uint32 {
	var ids []uint32
	for _, sealed := range [][]byte{c.SealedAPIKey, c.SealedSecret} {
		// Tink begins what it encrypts with a 1 and the key's id.
		if len(sealed) > 5 && sealed[0] == 1 {
			ids = append(ids, binary.BigEndian.Uint32(sealed[1:5]))
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func readKeyset(path string) (*keyset.Handle, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening the keyset: %w", err)
	}
	defer func() { _ = file.Close() }() // read only
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(file))
	if err != nil {
		return nil, fmt.Errorf("reading the keyset %s: %w", path, errKeyset)
	}
	return handle, nil
}

func changeKeyset(path string, change func(*keyset.Manager) error) error {
	handle, err := readKeyset(path)
	if err != nil {
		return err
	}
	manager := keyset.NewManagerFromHandle(handle)
	if err := change(manager); err != nil {
		return fmt.Errorf("changing the keyset: %w", err)
	}
	if handle, err = manager.Handle(); err != nil {
		return fmt.Errorf("changing the keyset: %w", err)
	}
	return writeKeyset(handle, path, os.Rename)
}

// createKeyset makes a keyset of one key. The file is linked to its path: the second of two processes that start at the
// same time finds the first one's.
func createKeyset(path string) error {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return fmt.Errorf("making a key: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	err = writeKeyset(handle, path, os.Link)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

// writeKeyset writes a whole file beside the path and then puts it there: nobody sees half of it.
func writeKeyset(handle *keyset.Handle, path string, put func(from, to string) error) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".keyset-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }() // that name only: the file lives on under the path
	err = insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(file))
	// Secrets that are sealed with a key which a power cut then takes away are lost.
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return put(file.Name(), path)
}
