package simulator

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// route is an endpoint: what it answers, and how its calls are counted.
type route struct {
	class  class
	answer func(s *Simulator, w http.ResponseWriter, r *http.Request, id string)
}

// routes are found by the parts of a path, * being an id.
var routes = map[string]route{
	"/users":                          {medium, (*Simulator).listUsers},
	"/users/*/recordings":             {medium, (*Simulator).listRecordings},
	"/meetings/*/recordings":          {light, (*Simulator).getRecording},
	"/meetings/*/transcript":          {medium, (*Simulator).getTranscript},
	"/meetings/*/meeting_summary":     {medium, (*Simulator).getSummary},
	"/past_meetings/*":                {light, (*Simulator).getPast},
	"/past_meetings/*/instances":      {medium, (*Simulator).listInstances},
	"/past_meetings/*/participants":   {medium, (*Simulator).listParticipants},
	"/report/meetings/*/participants": {heavy, (*Simulator).listReport},
}

// api answers what is below BasePath. The path is split as it came over the wire: an id may have a slash in it.
func (s *Simulator) api(w http.ResponseWriter, r *http.Request, path string) {
	if !s.authorized(w, r, false) {
		return
	}
	parts := strings.Split(path, "/")
	id, idAt := "", 2
	if len(parts) > 1 && parts[1] == "report" {
		idAt = 3
	}
	if len(parts) > idAt {
		id, parts[idAt] = parts[idAt], "*"
	}
	found, known := routes[strings.Join(parts, "/")]
	if !known || r.Method != http.MethodGet {
		answerError(w, http.StatusNotFound, 2300, "This API endpoint is not recognized.")
		return
	}
	if s.quota.take(w, found.class) {
		found.answer(s, w, r, unescape(id))
	}
}

// unescape undoes one escape, as Zoom's front does; where that leaves a slash in front or two in a row, the rest of Zoom
// sees another path. Then it undoes the second, if there is one.
func unescape(id string) string {
	once, err := url.PathUnescape(id)
	if err != nil || strings.HasPrefix(once, "/") || strings.Contains(once, "//") {
		return ""
	}
	if twice, err := url.PathUnescape(once); err == nil {
		return twice
	}
	return once
}

// find looks a recorded meeting up by UUID or, for its last occurrence, by number.
func (s *Simulator) find(w http.ResponseWriter, id string) (*meeting, stage, bool) {
	m, at := s.archive.get(id)
	if n, err := strconv.ParseInt(id, 10, 64); m == nil && err == nil {
		m, at = s.archive.latest(n)
	}
	if m == nil || !at.recorded {
		answerError(w, http.StatusNotFound, 3001, "Meeting does not exist: "+id+".")
		return nil, stage{}, false
	}
	return m, at, true
}

// pageToken is where a list goes on and when it was said, for tokens live 15 minutes.
const pageTokenLife = 15 * time.Minute

// page answers one page of a list.
func page[T any](s *Simulator, w http.ResponseWriter, r *http.Request, name string, all []T, more map[string]any) {
	query := r.URL.Query()
	size, from := 30, 0
	if text := query.Get("page_size"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			answerError(w, http.StatusBadRequest, 300, "Invalid page_size.")
			return
		}
		size = min(n, 300)
	}
	if token := query.Get("next_page_token"); token != "" {
		raw, err := base64.RawURLEncoding.DecodeString(token)
		given, offset, _ := strings.Cut(string(raw), " ")
		at, failed := strconv.ParseInt(given, 10, 64)
		n, wrong := strconv.Atoi(offset)
		if err != nil || failed != nil || wrong != nil || n < 0 || s.clock().Sub(time.Unix(at, 0)) > pageTokenLife {
			answerError(w, http.StatusBadRequest, 300, "The next page token is either invalid or expired.")
			return
		}
		from = n
	}
	begin, end := min(from, len(all)), min(from+size, len(all))
	next := ""
	if end < len(all) {
		next = base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(s.clock().Unix(), 10) + " " + strconv.Itoa(end)))
	}
	answer := map[string]any{
		"page_size": size, "page_count": (len(all) + size - 1) / size, "total_records": len(all), "next_page_token": next,
		name: append([]T{}, all[begin:end]...),
	}
	for key, value := range more {
		answer[key] = value
	}
	answerJSON(w, http.StatusOK, answer)
}

func (s *Simulator) listUsers(w http.ResponseWriter, r *http.Request, _ string) {
	users := s.archive.users()
	if status := r.URL.Query().Get("status"); status != "" && status != "active" {
		users = nil
	}
	page(s, w, r, "users", users, nil)
}

func (s *Simulator) listRecordings(w http.ResponseWriter, r *http.Request, user string) {
	known := false
	for _, u := range s.archive.users() {
		known = known || u["id"] == user || u["email"] == user
	}
	if !known {
		answerError(w, http.StatusNotFound, 1001, "User does not exist: "+user+".")
		return
	}
	today := s.clock().UTC().Format(time.DateOnly)
	query := r.URL.Query()
	day := func(name string) (time.Time, error) {
		if text := query.Get(name); text != "" {
			return time.Parse(time.DateOnly, text)
		}
		return time.Parse(time.DateOnly, today)
	}
	from, err := day("from")
	to, wrong := day("to")
	if err != nil || wrong != nil || to.After(from.AddDate(0, 1, 0)) {
		answerError(w, http.StatusBadRequest, 300, "The date range defined by the \"from\" and \"to\" fields should only be one month.")
		return
	}
	list := []map[string]any{}
	for _, m := range s.archive.list(func(m *meeting, at stage) bool {
		return at.recorded && (m.Host.ID == user || m.Host.Email == user) && !m.start.Before(from) && m.start.Before(to.AddDate(0, 0, 1))
	}) {
		_, at := s.archive.get(m.uuid)
		entry := m.recording(base(r), at.transcribed)
		entry["account_id"] = s.credential.AccountID
		list = append(list, entry)
	}
	page(s, w, r, "meetings", list, map[string]any{"from": from.Format(time.DateOnly), "to": to.Format(time.DateOnly)})
}

// base is where the caller found the simulator, for the links in its answers.
func base(r *http.Request) string { return "http://" + r.Host }
