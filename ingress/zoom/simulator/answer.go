package simulator

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
)

func answerJSON(w http.ResponseWriter, status int, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`{"code":500,"message":"encoding the answer failed"}`)
	}
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	// A caller who has gone away is no business of ours.
	_, _ = w.Write(body)
}

func answerError(w http.ResponseWriter, status, code int, text string) {
	answerJSON(w, status, map[string]any{"code": code, "message": text})
}

// Fault is trouble that somebody ordered: the next calls whose path has Path in it are answered with Status, or are cut
// off without an answer where that is 0.
type Fault struct {
	Path   string `json:"path"`
	Status int    `json:"status"`
	Code   int    `json:"code"` // in the body
	Times  int    `json:"times"`
}

type faults struct {
	mu   sync.Mutex
	list []Fault
}

// Break orders a fault.
func (s *Simulator) Break(f Fault) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.list = append(s.faults.list, f)
}

func (f *faults) answer(w http.ResponseWriter, r *http.Request) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.list {
		fault := &f.list[i]
		if fault.Times <= 0 || !strings.Contains(r.URL.EscapedPath(), fault.Path) {
			continue
		}
		fault.Times--
		if fault.Status > 0 {
			answerError(w, fault.Status, fault.Code, "This fault was ordered.")
			return true
		}
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_ = conn.Close()
		}
		return true
	}
	return false
}
