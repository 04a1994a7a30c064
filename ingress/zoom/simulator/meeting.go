package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Meeting is one occurrence as a file of the folder has it. Recording is the answer of GET /meetings/{uuid}/recordings
// without links, which the simulator makes. What is absent is made of the rest, but for Summary: without one, there is
// none. A file x.json has its transcripts beside it, x.vtt, x.2.vtt and so on, one for each file of type TRANSCRIPT.
type Meeting struct {
	Host         Host             `json:"host"`
	Recording    map[string]any   `json:"recording"`
	Past         map[string]any   `json:"past_meeting,omitempty"`
	Participants []map[string]any `json:"participants"`
	Report       []map[string]any `json:"report,omitempty"`
	Summary      map[string]any   `json:"summary,omitempty"`
	VTT          []string         `json:"vtt,omitempty"`
}

// Host is the user whose recording it is.
type Host struct {
	ID    string `json:"id"`
	Email string `json:"email"`
	Name  string `json:"display_name"`
}

// meeting never changes once made.
type meeting struct {
	Meeting
	uuid     string
	id       int64
	start    time.Time
	duration float64 // minutes
}

func newMeeting(m Meeting) (*meeting, error) {
	out := &meeting{Meeting: m}
	out.uuid, _ = m.Recording["uuid"].(string)
	id, _ := m.Recording["id"].(float64)
	out.id = int64(id)
	start, _ := m.Recording["start_time"].(string)
	out.duration, _ = m.Recording["duration"].(float64)
	var err error
	if out.start, err = time.Parse(time.RFC3339, start); err != nil {
		return nil, fmt.Errorf("recording.start_time: %w", err)
	}
	switch transcripts := out.files("TRANSCRIPT"); {
	case out.uuid == "" || out.id <= 0:
		return nil, errors.New("recording: want uuid and id")
	case m.Host.ID == "" || m.Host.Email == "":
		return nil, errors.New("host: want id and email")
	case len(transcripts) != len(m.VTT):
		return nil, fmt.Errorf("recording: %d files of type TRANSCRIPT, and %d transcripts", len(transcripts), len(m.VTT))
	}
	return out, nil
}

func parseMeeting(raw []byte, vtt ...string) (*meeting, error) {
	var m Meeting
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, fmt.Errorf("decoding meeting: %w", err)
	}
	m.VTT = append(m.VTT, vtt...)
	return newMeeting(m)
}

// files are those of a type, or all.
func (m *meeting) files(kind string) []map[string]any {
	list, _ := m.Recording["recording_files"].([]any)
	var found []map[string]any
	for _, f := range list {
		if f, ok := f.(map[string]any); ok && (kind == "" || f["file_type"] == kind) {
			found = append(found, f)
		}
	}
	return found
}

// webHost is where the links for people lead.
const webHost = "https://us02web.zoom.us"

// recording is the answer for the meeting, or its entry in a list. Transcripts are in it once there are any.
func (m *meeting) recording(base string, transcribed bool) map[string]any {
	out := maps.Clone(m.Recording)
	files := []map[string]any{}
	size := 0.0
	for _, f := range m.files("") {
		if f["file_type"] == "TRANSCRIPT" && !transcribed {
			continue
		}
		f = maps.Clone(f)
		id, _ := f["id"].(string)
		f["meeting_id"] = m.uuid
		f["status"] = "completed"
		f["download_url"] = base + "/rec/download/" + id
		f["play_url"] = webHost + "/rec/play/" + id // a page for people, which is not served here
		n, _ := f["file_size"].(float64)
		size += n
		files = append(files, f)
	}
	out["host_id"], out["recording_files"], out["recording_count"], out["total_size"] = m.Host.ID, files, len(files), size
	return out
}

func (m *meeting) past() map[string]any {
	out := map[string]any{
		"uuid": m.uuid, "id": m.id, "host_id": m.Host.ID, "type": m.kind(), "topic": m.Recording["topic"],
		"user_name": m.Host.Name, "user_email": m.Host.Email, "start_time": stamp(m.start),
		"end_time": stamp(m.start.Add(time.Duration(m.duration) * time.Minute)), "duration": m.duration,
		"participants_count": len(m.Participants), "dept": "", "source": "Zoom",
	}
	maps.Copy(out, m.Past)
	return out
}

// report is the list of participants as a report has it.
func (m *meeting) report() []map[string]any {
	if m.Report != nil {
		return m.Report
	}
	rows := []map[string]any{}
	for _, p := range m.Participants {
		row := maps.Clone(p)
		delete(row, "internal_user")
		row["participant_user_id"], row["customer_key"], row["bo_mtg_id"] = p["id"], "", ""
		rows = append(rows, row)
	}
	return rows
}

// kind is the type as a number; lists have it as text.
func (m *meeting) kind() int {
	text, _ := m.Recording["type"].(string)
	n := 0
	for _, c := range text {
		n = 10*n + int(c-'0')
	}
	return n
}

// summary is Zoom's answer, with what it knows of the meeting.
func (m *meeting) summary() map[string]any {
	out := map[string]any{
		"meeting_host_id": m.Host.ID, "meeting_host_email": m.Host.Email, "meeting_uuid": m.uuid, "meeting_id": m.id,
		"meeting_topic": m.Recording["topic"], "meeting_start_time": stamp(m.start),
		"meeting_end_time": stamp(m.start.Add(time.Duration(m.duration) * time.Minute)),
	}
	maps.Copy(out, m.Summary)
	return out
}

// vttOf finds a transcript by the id of its file.
func (m *meeting) vttOf(id string) (string, bool) {
	i := slices.IndexFunc(m.files("TRANSCRIPT"), func(f map[string]any) bool { return f["id"] == id })
	if i < 0 {
		return "", false
	}
	return m.VTT[i], true
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }
