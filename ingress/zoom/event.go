package zoom

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// Events of Zoom that say something of a recording.
const (
	EventValidation = "endpoint.url_validation"
	EventRecording  = "recording.completed"
	EventTranscript = "recording.transcript_completed"
	EventRecovered  = "recording.recovered" // from the bin, up to a month after it went there
	EventTrashed    = "recording.trashed"   // into the bin
	EventDeleted    = "recording.deleted"   // for good
	EventSummary    = "meeting.summary_completed"
	EventEdited     = "meeting.summary_updated"
)

// Events are those that an app subscribes to.
func Events() []string {
	return []string{EventRecording, EventTranscript, EventTrashed, EventDeleted, EventRecovered, EventSummary, EventEdited}
}

// maxChallenge is some ten times what Zoom sends.
const maxChallenge = 256

// notice is what a delivery says.
type notice struct {
	Event   string          `json:"event"`
	At      json.RawMessage `json:"event_ts"`
	Payload struct {
		AccountID  string `json:"account_id"`
		PlainToken string `json:"plainToken"`
		Object     struct {
			UUID        string `json:"uuid"`
			MeetingUUID string `json:"meeting_uuid"` // of summaries
		} `json:"object"`
	} `json:"payload"`
}

// parseNotice does not look at what is of no interest: ids there are numbers in some events and text in others.
func parseNotice(body []byte) (n notice, err error) {
	if err := json.Unmarshal(body, &n); err != nil || n.Event == "" {
		return notice{}, errors.New("delivery is not an event of Zoom")
	}
	return n, nil
}

// id is made of what Zoom tells deliveries apart by; it has no id of its own for them.
func (n notice) id() string {
	return fmt.Sprintf("%.64s %.20s %.64s", n.Event, n.At, n.Payload.Object.UUID+n.Payload.Object.MeetingUUID)
}

// recording is the UUID of the meeting to fetch; empty where the event asks for none.
func (n notice) recording() string {
	switch n.Event {
	case EventRecording, EventTranscript, EventRecovered, EventTrashed, EventDeleted:
		return n.Payload.Object.UUID
	case EventSummary, EventEdited:
		return n.Payload.Object.MeetingUUID
	}
	return ""
}

func (n notice) wantsRecording() bool { return slices.Contains(Events(), n.Event) }

// gone is a question and no answer: single files of a recording can be deleted, too, and deliveries come in any order.
// Whether the recording is there is seen when it is asked for.
func (n notice) gone() bool { return n.Event == EventTrashed || n.Event == EventDeleted }

// challenge answers the validation of the endpoint: by that, Zoom sees that whoever listens there knows the secret.
func (n notice) challenge(secret []byte) ([]byte, error) {
	plain := n.Payload.PlainToken
	if plain == "" || len(plain) > maxChallenge {
		return nil, errors.New("challenge of " + strconv.Itoa(len(plain)) + " bytes")
	}
	return json.Marshal(map[string]string{"plainToken": plain, "encryptedToken": EncryptToken(string(secret), plain)})
}
