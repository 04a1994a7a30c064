package simulator

import (
	"encoding/json"
	"net/http"
	"time"
)

// named is a team, a member or a meeting type. The simulator has no such lists of its own: it derives them from the
// meetings, and takes the first meeting's time for the time of creation.
type named struct {
	Name      string    `json:"name"`
	Email     string    `json:"email,omitempty"`
	Status    string    `json:"status,omitempty"`
	CreatedAt time.Time `json:"created_at"`
}

func (s *Simulator) listMeetingTypes(w http.ResponseWriter, r *http.Request) {
	s.answerNamed(w, r, func(m *meeting) named { return named{Name: m.MeetingType, Status: "active"} })
}

func (s *Simulator) listTeams(w http.ResponseWriter, r *http.Request) {
	s.answerNamed(w, r, func(m *meeting) named { return named{Name: m.RecordedBy.Team} })
}

func (s *Simulator) listTeamMembers(w http.ResponseWriter, r *http.Request) {
	team := r.URL.Query().Get("team")
	s.answerNamed(w, r, func(m *meeting) named {
		if team != "" && team != m.RecordedBy.Team {
			return named{}
		}
		return named{Name: m.RecordedBy.Name, Email: m.RecordedBy.Email}
	})
}

// answerNamed lists the distinct things that the visible meetings name, the oldest first. Without a name there is none.
func (s *Simulator) answerNamed(w http.ResponseWriter, r *http.Request, of func(*meeting) named) {
	at, err := parseCursor(r.URL.Query())
	if err != nil {
		answerError(w, http.StatusBadRequest, err.Error())
		return
	}
	who := accountOf(r)
	meetings := s.archive.list(func(m *meeting, ended bool) bool { return ended && who.sees(m) })
	seen := map[named]bool{}
	var list []named
	for i := len(meetings) - 1; i >= 0; i-- {
		thing := of(meetings[i])
		if thing.Name == "" || seen[thing] {
			continue
		}
		seen[thing] = true
		thing.CreatedAt = meetings[i].CreatedAt.UTC().Truncate(time.Second)
		list = append(list, thing)
	}
	answerPage(w, at, list, func(n named) []byte {
		encoded, err := json.Marshal(n)
		if err != nil {
			return []byte("null")
		}
		return encoded
	})
}
