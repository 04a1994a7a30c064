package zoom

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"leadline/schemas"
)

// Parts of a meeting that may be missing.
const (
	partTranscript   = "transcript"
	partPast         = "past_meeting"
	partParticipants = "participants"
	partReport       = "report"
	partSummary      = "summary"
)

// gathering is one meeting while its parts come in.
type gathering struct {
	*Client
	m schemas.ZoomRecording
}

// Meeting fetches everything that Zoom has of one meeting: five calls, one more for each transcript, and one for the
// report where the list of participants lacks an address. What cannot be had for good is left out and listed in Missing;
// any other error is the whole call's, so that half a meeting does not replace a whole one.
func (c *Client) Meeting(ctx context.Context, uuid string) (*schemas.ZoomRecording, error) {
	g := &gathering{Client: c, m: schemas.ZoomRecording{Format: schemas.ZoomRecordingFormat, UUID: uuid}}
	files, err := g.get(ctx, limitLight, meetingPath("/meetings/", uuid, "/recordings"), nil)
	if err != nil {
		return nil, fmt.Errorf("fetching the recording: %w", err)
	}
	if g.m.Recording, err = redact(files); err != nil {
		return nil, err
	}
	for _, step := range []func(context.Context) error{
		func(ctx context.Context) error { return g.transcripts(ctx, files) },
		func(ctx context.Context) (err error) {
			g.m.Past, err = g.object(ctx, partPast, limitLight, meetingPath("/past_meetings/", uuid, ""))
			return err
		},
		g.participants,
		func(ctx context.Context) (err error) {
			g.m.Summary, err = g.object(ctx, partSummary, limitMedium, meetingPath("/meetings/", uuid, "/meeting_summary"))
			return err
		},
	} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return &g.m, nil
}

// miss notes a part that cannot be had, and passes on every other error.
func (g *gathering) miss(part string, err error) error {
	if left, ok := errors.AsType[*fileError](err); ok {
		g.m.Missing = append(g.m.Missing, schemas.ZoomMissing{Part: part, Reason: left.reason})
		return nil
	}
	status, ok := errors.AsType[*StatusError](err)
	if !ok || status.Temporary() || status.credential || status.expired() {
		return fmt.Errorf("fetching the %s: %w", part, err)
	}
	g.m.Missing = append(g.m.Missing, schemas.ZoomMissing{Part: part, Status: status.Status, Code: status.Code})
	return nil
}

func (g *gathering) object(ctx context.Context, part, limit, path string) (json.RawMessage, error) {
	body, err := g.get(ctx, limit, path, nil)
	if err != nil {
		return nil, g.miss(part, err)
	}
	return redact(body)
}

// file is one of a recording.
type file struct {
	ID          string `json:"id"`
	Type        string `json:"file_type"`
	Status      string `json:"status"`
	Start       moment `json:"recording_start"`
	DownloadURL string `json:"download_url"`
}

// transcripts downloads those that are listed; where none is, another call says why, or has one all the same.
func (g *gathering) transcripts(ctx context.Context, answer []byte) error {
	var list struct {
		Files []json.RawMessage `json:"recording_files"`
	}
	if err := json.Unmarshal(answer, &list); err != nil {
		return fmt.Errorf("decoding the recording: %w", err)
	}
	var found []file
	for _, raw := range list.Files {
		var f file
		_ = json.Unmarshal(raw, &f) // what cannot be read of a file is not there
		if f.Type == "TRANSCRIPT" && f.DownloadURL != "" && (f.Status == "" || f.Status == "completed") {
			found = append(found, f)
		}
	}
	if len(found) == 0 {
		address, err := g.transcriptLink(ctx)
		if err != nil || address == "" {
			return err
		}
		found = append(found, file{DownloadURL: address})
	}
	// A recording that was stopped and begun again has a file for each part.
	slices.SortFunc(found, func(a, b file) int { return cmp.Or(compareStarts(a.Start.Time, b.Start.Time), cmp.Compare(a.ID, b.ID)) })
	for _, f := range found {
		vtt, err := g.download(ctx, f.DownloadURL)
		if err != nil {
			if err := g.miss(partTranscript, err); err != nil {
				return err
			}
			continue
		}
		g.m.Transcripts = append(g.m.Transcripts, schemas.ZoomTranscript{FileID: f.ID, Start: f.Start.Time, VTT: vtt})
	}
	return nil
}

// compareStarts puts files without a start behind the others: the meeting's clock is that of the first.
func compareStarts(a, b time.Time) int {
	if a.IsZero() != b.IsZero() {
		return -a.Compare(b)
	}
	return a.Compare(b)
}

func (g *gathering) transcriptLink(ctx context.Context) (string, error) {
	body, err := g.get(ctx, limitMedium, meetingPath("/meetings/", g.m.UUID, "/transcript"), nil)
	if err != nil {
		return "", g.miss(partTranscript, err)
	}
	var link struct {
		CanDownload bool   `json:"can_download"`
		URL         string `json:"download_url"`
		Reason      string `json:"download_restriction_reason"`
	}
	if err := json.Unmarshal(body, &link); err != nil {
		return "", fmt.Errorf("decoding the link of the transcript: %w", err)
	}
	if !link.CanDownload || link.URL == "" {
		g.m.Missing = append(g.m.Missing, schemas.ZoomMissing{Part: partTranscript, Status: http.StatusOK, Reason: printable(link.Reason)})
		return "", nil
	}
	return link.URL, nil
}

// participants reads who was there. The report says the same by a heavy call, and is asked only where it may know more:
// it can have the address of somebody whom the first list leaves without one, and it is there where the first is not.
func (g *gathering) participants(ctx context.Context) (err error) {
	if g.m.Participants, err = g.rows(ctx, partParticipants, limitMedium, meetingPath("/past_meetings/", g.m.UUID, "/participants")); err != nil {
		return err
	}
	if len(g.m.Participants) > 0 && !slices.ContainsFunc(g.m.Participants, nameless) {
		return nil
	}
	g.m.Report, err = g.rows(ctx, partReport, limitHeavy, meetingPath("/report/meetings/", g.m.UUID, "/participants"))
	return err
}

func nameless(row json.RawMessage) bool {
	var p struct {
		Email  string `json:"user_email"`
		Status string `json:"status"`
	}
	_ = json.Unmarshal(row, &p) // unreadable: it has none
	return strings.TrimSpace(p.Email) == "" && p.Status != "in_waiting_room"
}

func (g *gathering) rows(ctx context.Context, part, limit, path string) ([]json.RawMessage, error) {
	var all []json.RawMessage
	err := g.pages(ctx, limit, path, url.Values{}, func(body []byte) error {
		clean, err := redact(body)
		if err != nil {
			return err
		}
		var page struct {
			Participants []json.RawMessage `json:"participants"`
		}
		if err := json.Unmarshal(clean, &page); err != nil {
			return fmt.Errorf("decoding the %s: %w", part, err)
		}
		all = append(all, page.Participants...)
		return nil
	})
	if err != nil {
		return nil, g.miss(part, err)
	}
	return all, nil
}
