package simulator

import (
	"crypto/rand"
	"net/http"
	"strings"
)

func (s *Simulator) getRecording(w http.ResponseWriter, r *http.Request, id string) {
	m, at, ok := s.find(w, id)
	if !ok {
		return
	}
	answer := m.recording(base(r), at.transcribed)
	answer["account_id"] = s.credential.AccountID
	answer["password"], answer["recording_play_passcode"], answer["participant_audio_files"] = "pass-"+rand.Text(), "code-"+rand.Text(), []any{}
	if r.URL.Query().Get("include_fields") == "download_access_token" {
		answer["download_access_token"] = s.tokens.giveForFiles()
	}
	answerJSON(w, http.StatusOK, answer)
}

func (s *Simulator) getTranscript(w http.ResponseWriter, r *http.Request, id string) {
	m, at, ok := s.find(w, id)
	if !ok {
		return
	}
	answer := map[string]any{
		"meeting_id": m.uuid, "account_id": s.credential.AccountID, "meeting_topic": m.Recording["topic"], "host_id": m.Host.ID,
	}
	files := m.files("TRANSCRIPT")
	switch {
	case len(files) == 0:
		answer["can_download"], answer["download_restriction_reason"] = false, "NO_TRANSCRIPT_DATA"
	case !at.transcribed:
		answer["can_download"], answer["download_restriction_reason"] = false, "NOT_READY"
	default:
		file, _ := files[0]["id"].(string)
		answer["can_download"], answer["download_url"] = true, base(r)+"/rec/download/"+file
	}
	answerJSON(w, http.StatusOK, answer)
}

func (s *Simulator) getSummary(w http.ResponseWriter, _ *http.Request, id string) {
	m, at, ok := s.find(w, id)
	if !ok {
		return
	}
	if m.Summary == nil || !at.summarized {
		answerError(w, http.StatusNotFound, 3001, "Meeting summary does not exist.")
		return
	}
	answerJSON(w, http.StatusOK, m.summary())
}

func (s *Simulator) getPast(w http.ResponseWriter, _ *http.Request, id string) {
	if m, _, ok := s.find(w, id); ok {
		answerJSON(w, http.StatusOK, m.past())
	}
}

func (s *Simulator) listInstances(w http.ResponseWriter, _ *http.Request, id string) {
	m, _, ok := s.find(w, id)
	if !ok {
		return
	}
	instances := []map[string]string{}
	for _, other := range s.archive.list(func(x *meeting, at stage) bool { return x.id == m.id && at.recorded }) {
		instances = append(instances, map[string]string{"uuid": other.uuid, "start_time": stamp(other.start)})
	}
	answerJSON(w, http.StatusOK, map[string]any{"meetings": instances})
}

func (s *Simulator) listParticipants(w http.ResponseWriter, r *http.Request, id string) {
	if m, _, ok := s.find(w, id); ok {
		page(s, w, r, "participants", m.Participants, nil)
	}
}

func (s *Simulator) listReport(w http.ResponseWriter, r *http.Request, id string) {
	m, _, ok := s.find(w, id)
	if !ok {
		return
	}
	// Reports go back six months.
	if m.start.Before(s.clock().AddDate(0, -6, 0)) {
		answerError(w, http.StatusBadRequest, 300, "The report is only available for the past six months.")
		return
	}
	page(s, w, r, "participants", m.report(), nil)
}

// download serves a transcript: the link that answers name redirects to one that carries its own permission, and would
// rather not see a token.
func (s *Simulator) download(w http.ResponseWriter, r *http.Request) {
	if id, ok := strings.CutPrefix(r.URL.Path, "/rec/download/"); ok {
		if !s.authorized(w, r, true) {
			return
		}
		w.Header().Set("Location", base(r)+"/rec/file/"+id+"?sig="+s.tokens.giveForFiles())
		w.WriteHeader(http.StatusFound)
		return
	}
	id, ok := strings.CutPrefix(r.URL.Path, "/rec/file/")
	m, at := s.archive.byFile(id)
	if !ok || m == nil || !s.tokens.good(r.URL.Query().Get("sig"), true) {
		answerError(w, http.StatusNotFound, 3301, "This recording does not exist.")
		return
	}
	text, found := m.vttOf(id)
	if !found || !at.transcribed {
		answerError(w, http.StatusNotFound, 3301, "This recording does not exist.")
		return
	}
	w.Header().Set("Content-Type", "text/vtt;charset=utf-8")
	_, _ = w.Write([]byte(text)) // who has gone away is no business of ours
}
