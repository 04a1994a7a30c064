package simulator

import (
	"encoding/json"
	"fmt"
	"maps"

	"leadline/ingress/zoom"
)

// Record lets a meeting have its recording: from now on it is listed. Each of the three steps fires its event when it is
// taken for the first time, and returns to how many endpoints.
func (s *Simulator) Record(uuid string) (fired int, err error) {
	return s.step(uuid, zoom.EventRecording, func(at *stage) *bool { return &at.recorded })
}

// Transcribe lets it have its transcripts.
func (s *Simulator) Transcribe(uuid string) (fired int, err error) {
	return s.step(uuid, zoom.EventTranscript, func(at *stage) *bool { return &at.transcribed })
}

// Summarize lets it have its summary.
func (s *Simulator) Summarize(uuid string) (fired int, err error) {
	return s.step(uuid, zoom.EventSummary, func(at *stage) *bool { return &at.summarized })
}

// End takes all steps, and fires their events when the last is taken: what is delivered late tells of what has been there
// for long.
func (s *Simulator) End(uuid string) (fired int, err error) {
	m, before, _, err := s.archive.advance(uuid, func(at *stage) { *at = stage{true, true, true} })
	if err != nil {
		return 0, err
	}
	for _, step := range []struct {
		event string
		taken bool
	}{{zoom.EventRecording, before.recorded}, {zoom.EventTranscript, before.transcribed}, {zoom.EventSummary, before.summarized}} {
		if step.taken {
			continue
		}
		n, err := s.announce(m, step.event)
		if err != nil {
			return fired, err
		}
		fired += n
	}
	return fired, nil
}

// EndAll ends every meeting that has not ended, the oldest first, and returns how many there are and to how many
// endpoints their events go.
func (s *Simulator) EndAll() (meetings, fired int) {
	waiting := s.archive.list(func(_ *meeting, at stage) bool { return at != stage{true, true, true} })
	for i := len(waiting) - 1; i >= 0; i-- {
		// The only error says that somebody deleted the meeting meanwhile; then there is nothing to end.
		n, _ := s.End(waiting[i].uuid)
		fired += n
	}
	return len(waiting), fired
}

// Deliver fires an event of a meeting again.
func (s *Simulator) Deliver(uuid, event string) (fired int, err error) {
	m, at := s.archive.get(uuid)
	if m == nil || !at.recorded {
		return 0, errUnknownMeeting
	}
	return s.fire(m, event)
}

// Put adds a meeting, or replaces the one of the same UUID. A new one has ended or not as told and fires nothing; a
// replaced one keeps its stage.
func (s *Simulator) Put(m Meeting, ended bool) (added bool, err error) {
	made, err := newMeeting(m)
	if err != nil {
		return false, err
	}
	return s.archive.put(made, ended), nil
}

func (s *Simulator) step(uuid, event string, part func(*stage) *bool) (int, error) {
	m, before, after, err := s.archive.advance(uuid, func(at *stage) { *part(at) = true })
	if err != nil || before == after {
		return 0, err
	}
	return s.announce(m, event)
}

// announce fires an event of what there is: a meeting may have neither transcript nor summary.
func (s *Simulator) announce(m *meeting, event string) (int, error) {
	if event == zoom.EventTranscript && len(m.VTT) == 0 || event == zoom.EventSummary && m.Summary == nil {
		return 0, nil
	}
	return s.fire(m, event)
}

func (s *Simulator) fire(m *meeting, event string) (int, error) {
	var object map[string]any
	token := s.tokens.giveForFiles()
	switch event {
	case zoom.EventRecording, zoom.EventTranscript:
		object = m.recording(webHost, event == zoom.EventTranscript)
		if event == zoom.EventTranscript {
			files := []map[string]any{}
			for _, f := range object["recording_files"].([]map[string]any) {
				if f["file_type"] == "TRANSCRIPT" {
					files = append(files, f)
				}
			}
			object["recording_files"], object["recording_count"] = files, len(files)
		}
		maps.Copy(object, map[string]any{
			"account_id": s.credential.AccountID, "host_email": m.Host.Email, "type": m.kind(), "password": "pass-" + token[len(token)-8:],
			"share_url": webHost + "/rec/share/" + m.uuid[len(m.uuid)/2:],
		})
	case zoom.EventSummary, zoom.EventEdited:
		object, token = m.summary(), ""
	default:
		return 0, fmt.Errorf("event %.40q is none of the simulator's", event)
	}
	envelope := map[string]any{
		"event": event, "event_ts": s.clock().UnixMilli(),
		"payload": map[string]any{"account_id": s.credential.AccountID, "object": object},
	}
	if token != "" {
		envelope["download_token"] = token
	}
	body, err := json.Marshal(envelope)
	if err != nil {
		return 0, fmt.Errorf("encoding event: %w", err)
	}
	return s.courier.dispatch(event, m.uuid, body), nil
}
