package simulator

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"time"
)

// maxMeeting bytes are read of one file.
const maxMeeting = 16 << 20

var errUnknownMeeting = errors.New("no such meeting")

// stage is how much of a meeting there is. Zoom makes the recording first, and the others when it has understood it.
type stage struct{ recorded, transcribed, summarized bool }

// archive holds the meetings.
type archive struct {
	mu       sync.RWMutex
	meetings map[string]*meeting // by UUID
	stages   map[string]stage
}

func newArchive() *archive {
	return &archive{meetings: map[string]*meeting{}, stages: map[string]stage{}}
}

func (a *archive) load(folder fs.FS, ended bool) error {
	names, err := fs.Glob(folder, "*.json")
	if err != nil {
		return err
	}
	for _, name := range names {
		raw, err := readFile(folder, name)
		if err != nil {
			return err
		}
		var vtt []string
		for part := 1; ; part++ {
			beside := strings.TrimSuffix(name, ".json") + ".vtt"
			if part > 1 {
				beside = fmt.Sprintf("%s.%d.vtt", strings.TrimSuffix(name, ".json"), part)
			}
			text, err := readFile(folder, beside)
			if errors.Is(err, fs.ErrNotExist) {
				break
			}
			if err != nil {
				return err
			}
			vtt = append(vtt, string(text))
		}
		m, err := parseMeeting(raw, vtt...)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if !a.put(m, ended) {
			return fmt.Errorf("%s: UUID %q is in another file, too", name, m.uuid)
		}
	}
	return nil
}

func readFile(folder fs.FS, name string) ([]byte, error) {
	file, err := folder.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // read only
	raw, err := io.ReadAll(io.LimitReader(file, maxMeeting+1))
	if err == nil && len(raw) > maxMeeting {
		err = fmt.Errorf("%s: larger than %d bytes", name, maxMeeting)
	}
	return raw, err
}

// put adds a meeting or replaces the one of the same UUID, which then keeps its stage.
func (a *archive) put(m *meeting, ended bool) (added bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	_, known := a.meetings[m.uuid]
	a.meetings[m.uuid] = m
	if !known {
		a.stages[m.uuid] = stage{ended, ended, ended}
	}
	return !known
}

func (a *archive) remove(uuid string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	_, known := a.meetings[uuid]
	delete(a.meetings, uuid)
	delete(a.stages, uuid)
	return known
}

// advance changes a meeting's stage and returns what it was and is.
func (a *archive) advance(uuid string, change func(*stage)) (m *meeting, before, after stage, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	m, known := a.meetings[uuid]
	if !known {
		return nil, stage{}, stage{}, errUnknownMeeting
	}
	before = a.stages[uuid]
	after = before
	change(&after)
	a.stages[uuid] = after
	return m, before, after, nil
}

func (a *archive) get(uuid string) (*meeting, stage) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.meetings[uuid], a.stages[uuid]
}

// latest finds the last recorded occurrence by the meeting's number.
func (a *archive) latest(id int64) (*meeting, stage) {
	found := a.list(func(m *meeting, s stage) bool { return m.id == id && s.recorded })
	if len(found) == 0 {
		return nil, stage{}
	}
	return a.get(found[0].uuid)
}

// byFile finds the meeting of a file.
func (a *archive) byFile(id string) (*meeting, stage) {
	found := a.list(func(m *meeting, _ stage) bool {
		return slices.ContainsFunc(m.files(""), func(f map[string]any) bool { return f["id"] == id })
	})
	if len(found) == 0 {
		return nil, stage{}
	}
	return a.get(found[0].uuid)
}

// list returns the meetings for which keep says yes, newest first.
func (a *archive) list(keep func(*meeting, stage) bool) []*meeting {
	a.mu.RLock()
	defer a.mu.RUnlock()
	list := []*meeting{}
	for uuid, m := range a.meetings {
		if keep(m, a.stages[uuid]) {
			list = append(list, m)
		}
	}
	slices.SortFunc(list, func(x, y *meeting) int { return cmp.Or(y.start.Compare(x.start), cmp.Compare(x.uuid, y.uuid)) })
	return list
}

// users are the hosts, as old as their first meeting.
func (a *archive) users() []map[string]any {
	first := map[Host]time.Time{}
	hosts := []Host{}
	for _, m := range a.list(func(*meeting, stage) bool { return true }) {
		if _, known := first[m.Host]; !known {
			hosts = append(hosts, m.Host)
		}
		first[m.Host] = m.start
	}
	slices.SortFunc(hosts, func(x, y Host) int { return cmp.Compare(x.Email, y.Email) })
	users := []map[string]any{}
	for _, h := range hosts {
		users = append(users, map[string]any{
			"id": h.ID, "email": h.Email, "display_name": h.Name, "type": 2, "status": "active", "created_at": stamp(first[h]),
		})
	}
	return users
}
