package pages

import (
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"leadline/console"
	"leadline/console/tail"
	"leadline/schemas"
)

// DeadLetters reads and replays dead letters of an organisation. The pages call
// it, and may call it again: twice replayed is twice processed, which changes
// nothing more. tail.ErrNoDeadLetter is the visitor's mistake.
type DeadLetters interface {
	DeadLetters(ctx context.Context, org string, most int) (last []tail.DeadLetter, all bool, err error)
	DeadLetter(ctx context.Context, org string, p tail.Place) (tail.DeadLetter, error)
	Replay(ctx context.Context, org string, places []tail.Place) error
}

const (
	pageDeadLetters = 100
	maxPayload      = 16 << 10 // bytes that are shown
)

// reasons say what a dead letter's reason means, and what to do.
var reasons = map[schemas.Reason]string{
	schemas.ReasonMalformed:     "It is not the format that it should be. Replaying helps after a newer Leadline understands it.",
	schemas.ReasonUnknownSchema: "The schema registry did not know its schema. Replay it when the registry has it again.",
	schemas.ReasonInvalid:       "A field breaks the rules; the error names it.",
	schemas.ReasonUnknownEvent:  "No stage handles this kind. Replaying helps after a newer Leadline does.",
	schemas.ReasonTooLarge:      "What it becomes does not fit into a record.",
}

// deadRow is a dead letter in the list.
type deadRow struct {
	tail.DeadLetter
	Path  string // of its page
	Value string // of its box in the form
}

// dead lists them, and says what is not in the list. Kafka may be away while the
// rest can be shown.
func (s *Site) dead(ctx context.Context, v *visit) (rows []deadRow, unread string) {
	if s.DeadLetters == nil {
		return nil, "This process does not read Kafka."
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	last, all, err := s.DeadLetters.DeadLetters(ctx, v.session.org, pageDeadLetters)
	if err != nil {
		s.Log.Warn("reading dead letters failed", "err", err)
		return nil, "They could not be read this time. The log says more."
	}
	for _, l := range last {
		value := placeText(l.Place)
		rows = append(rows, deadRow{l, "/deadletter?" + url.Values{"at": {value}}.Encode(), value})
	}
	if !all {
		unread = "There may be earlier ones: only the last were looked at."
	}
	return rows, unread
}

type deadPage struct {
	tail.DeadLetter
	Means   string
	Text    string // of the payload, or its bytes
	Binary  bool
	Cut     bool
	Value   string
	Records string // where the topic is in Kafka UI
}

func (s *Site) deadLetter(ctx context.Context, v *visit) (answer, error) {
	p, err := placeIn(v.URL.Query().Get("at"))
	if err == nil && s.DeadLetters == nil {
		err = tail.ErrNoDeadLetter
	}
	var l tail.DeadLetter
	if err == nil {
		l, err = s.DeadLetters.DeadLetter(ctx, v.session.org, p)
	}
	if errors.Is(err, tail.ErrNoDeadLetter) {
		return answer{}, &console.NotFound{What: "dead letter", Name: v.URL.Query().Get("at")}
	}
	if err != nil {
		return answer{}, err
	}
	made := deadPage{DeadLetter: l, Means: reasons[l.Reason], Value: placeText(l.Place), Records: kafkaUI(s.KafkaUI).Messages(l.Topic)}
	made.Text, made.Binary, made.Cut = payload(l.Payload)
	return answer{name: "deadletter", title: "Dead letter", data: made}, nil
}

// payload is what is shown of the bytes: as they are where they are text.
func payload(raw []byte) (text string, binary, cut bool) {
	cut = len(raw) > maxPayload
	raw = raw[:min(len(raw), maxPayload)]
	for cut && len(raw) > 0 && !utf8.Valid(raw[max(0, len(raw)-utf8.UTFMax):]) && utf8.Valid(raw[:max(0, len(raw)-utf8.UTFMax)]) {
		raw = raw[:len(raw)-1] // a character that the limit halved
	}
	if !utf8.Valid(raw) || strings.ContainsRune(string(raw), 0) {
		return hex.Dump(raw[:min(len(raw), maxPayload/4)]), true, cut || len(raw) > maxPayload/4
	}
	return string(raw), false, cut
}

// replay sends the letters that were picked to where they were.
func (s *Site) replay(ctx context.Context, v *visit) (answer, error) {
	if s.DeadLetters == nil {
		return s.flow(ctx, v)
	}
	var places []tail.Place
	for _, text := range v.PostForm["at"] {
		p, err := placeIn(text)
		if err != nil {
			return s.notReplayed(ctx, v, "This names no dead letter. Nothing was replayed.")
		}
		places = append(places, p)
	}
	if len(places) == 0 {
		return s.notReplayed(ctx, v, "Pick the dead letters to replay.")
	}
	v.about = strings.Join(v.PostForm["at"], " ")
	err := s.DeadLetters.Replay(ctx, v.session.org, places)
	if errors.Is(err, tail.ErrNoDeadLetter) {
		return s.notReplayed(ctx, v, "One of them is gone. Nothing was replayed.")
	}
	if err != nil {
		return answer{}, err
	}
	v.session.tell(strconv.Itoa(len(places)) + " replayed. What dies again comes back to the list.")
	return answer{to: "/flow"}, nil
}

func (s *Site) notReplayed(ctx context.Context, v *visit, why string) (answer, error) {
	a, err := s.flow(ctx, v)
	a.status, a.problem = http.StatusUnprocessableEntity, why
	return a, err
}

func placeText(p tail.Place) string {
	return p.Topic + ":" + strconv.Itoa(int(p.Partition)) + ":" + strconv.FormatInt(p.Offset, 10)
}

func placeIn(text string) (p tail.Place, err error) {
	parts := strings.Split(text, ":")
	if len(parts) != 3 {
		return p, tail.ErrNoDeadLetter
	}
	partition, bad := strconv.ParseInt(parts[1], 10, 32)
	offset, worse := strconv.ParseInt(parts[2], 10, 64)
	if bad != nil || worse != nil {
		return p, tail.ErrNoDeadLetter
	}
	return tail.Place{Topic: parts[0], Partition: int32(partition), Offset: offset}, nil
}
