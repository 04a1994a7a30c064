package simulator

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"

	"github.com/gorilla/mux"
)

func (s *Simulator) getTranscript(w http.ResponseWriter, r *http.Request) {
	s.answerRecording(w, r, "transcript", func(m *meeting) json.RawMessage {
		if isNull(m.Transcript) {
			return json.RawMessage("[]")
		}
		return m.Transcript
	})
}

func (s *Simulator) getSummary(w http.ResponseWriter, r *http.Request) {
	s.answerRecording(w, r, "summary", func(m *meeting) json.RawMessage {
		if isNull(m.Summary) {
			return json.RawMessage("null")
		}
		return m.Summary
	})
}

// answerRecording sends one part of a recording, or promises to post it when the caller names a destination.
func (s *Simulator) answerRecording(w http.ResponseWriter, r *http.Request, name string, part func(*meeting) json.RawMessage) {
	id, err := strconv.ParseInt(mux.Vars(r)["id"], 10, 64)
	if err != nil {
		answerError(w, http.StatusBadRequest, "recording_id is not an integer")
		return
	}
	m, ended := s.archive.get(id)
	if m == nil || !ended || !accountOf(r).sees(m) {
		notFound(w, r)
		return
	}
	body := []byte(`{"` + name + `":` + string(part(m)) + `}`)

	// The TypeScript SDK insists on the parameter, and its users pass ''; so an empty one is none.
	destination := r.URL.Query().Get("destination_url")
	if destination == "" {
		answerRaw(w, http.StatusOK, body)
		return
	}
	if !isWebURL(destination) {
		answerError(w, http.StatusBadRequest, "destination_url is not a URL")
		return
	}
	s.courier.post(id, name, destination, body)
	answerJSON(w, http.StatusOK, map[string]string{"destination_url": destination})
}

func isNull(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }

func isWebURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != ""
}
