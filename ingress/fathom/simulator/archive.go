package simulator

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"sync"
)

// maxMeeting bytes are read of one meeting. Real ones have some hundred kilobytes.
const maxMeeting = 64 << 20

var errUnknownMeeting = errors.New("no such meeting")

// archive holds the meetings, ended and not.
type archive struct {
	mu       sync.RWMutex
	meetings map[int64]*meeting
	ended    map[int64]bool
}

func newArchive() *archive {
	return &archive{meetings: map[int64]*meeting{}, ended: map[int64]bool{}}
}

func (a *archive) load(folder fs.FS, ended bool) error {
	names, err := fs.Glob(folder, "*.json")
	if err != nil {
		return err
	}
	for _, name := range names {
		m, err := readMeeting(folder, name)
		if err != nil {
			return fmt.Errorf("%s: %w", path.Base(name), err)
		}
		if _, twice := a.meetings[m.RecordingID]; twice {
			return fmt.Errorf("%s: recording %d is in another file, too", name, m.RecordingID)
		}
		a.put(m, ended)
	}
	return nil
}

func readMeeting(folder fs.FS, name string) (*meeting, error) {
	file, err := folder.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // read only
	raw, err := io.ReadAll(io.LimitReader(file, maxMeeting+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > maxMeeting {
		return nil, fmt.Errorf("larger than %d bytes", maxMeeting)
	}
	return parseMeeting(raw)
}

// put adds a meeting or replaces the one of the same recording, which then keeps its state.
func (a *archive) put(m *meeting, ended bool) (added bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	_, known := a.meetings[m.RecordingID]
	a.meetings[m.RecordingID] = m
	if !known {
		a.ended[m.RecordingID] = ended
	}
	return !known
}

func (a *archive) remove(id int64) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	_, known := a.meetings[id]
	delete(a.meetings, id)
	delete(a.ended, id)
	return known
}

// end marks a meeting as ended and tells whether it was not before.
func (a *archive) end(id int64) (m *meeting, first bool, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	m, known := a.meetings[id]
	if !known {
		return nil, false, errUnknownMeeting
	}
	first = !a.ended[id]
	a.ended[id] = true
	return m, first, nil
}

func (a *archive) get(id int64) (m *meeting, ended bool) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.meetings[id], a.ended[id]
}

// list returns the meetings for which keep says yes, newest first.
func (a *archive) list(keep func(m *meeting, ended bool) bool) []*meeting {
	a.mu.RLock()
	defer a.mu.RUnlock()
	var list []*meeting
	for id, m := range a.meetings {
		if keep(m, a.ended[id]) {
			list = append(list, m)
		}
	}
	slices.SortFunc(list, func(x, y *meeting) int {
		return cmp.Or(y.CreatedAt.Compare(x.CreatedAt), cmp.Compare(y.RecordingID, x.RecordingID))
	})
	return list
}
