package pages

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"leadline/console"
	"leadline/console/tail"
	"leadline/schemas"
)

// Deliveries says what a connection brought last. The pages call it for each
// request of its page; it may be called again.
type Deliveries interface {
	Deliveries(ctx context.Context, org, recorder, name string, most int) ([]tail.Delivery, error)
}

const lastDeliveries = 20

// delivery is one with what became of it.
type delivery struct {
	tail.Delivery
	Result  string // the outcome of the first stage; empty while it waits
	Meeting string // where its meeting is
	Dead    string // where its dead letter is
}

type integrationPage struct {
	schemas.ConnectionStatus
	Deliveries []delivery
	Unread     string // why there are no deliveries
	Admin      bool
	Member     bool
	Live       string // where its state is sent again
	Path       string
}

// connection finds the one that the request names.
func (s *Site) connection(ctx context.Context, v *visit) (schemas.ConnectionStatus, error) {
	recorder, name := v.FormValue("recorder"), v.FormValue("name")
	if s.Connections == nil {
		return schemas.ConnectionStatus{}, &console.NotFound{What: "connection", Name: recorder + "/" + name}
	}
	return console.ConnectionNamed(ctx, s.Connections, v.session.org, recorder, name)
}

func connectionPath(page string, c schemas.ConnectionStatus) string {
	return page + "?" + url.Values{"recorder": {c.Provider}, "name": {c.Name}}.Encode()
}

func (s *Site) integration(ctx context.Context, v *visit) (answer, error) {
	return s.integrationWith(ctx, v, 0, "")
}

func (s *Site) integrationWith(ctx context.Context, v *visit, status int, problem string) (answer, error) {
	c, err := s.connection(ctx, v)
	if err != nil {
		return answer{}, err
	}
	made := integrationPage{
		ConnectionStatus: c, Live: connectionPath("/integration/live", c), Path: connectionPath("/integration", c),
		Admin: v.session.may(schemas.RoleAdmin), Member: v.session.may(schemas.RoleMember),
	}
	made.Deliveries, made.Unread = s.deliveries(ctx, v, c)
	return answer{status: status, name: "integration", title: recorderName(c.Provider) + ", " + c.Name, problem: problem, data: made}, nil
}

// integrationNow is what changes while one looks.
func (s *Site) integrationNow(ctx context.Context, v *visit) (answer, error) {
	c, err := s.connection(ctx, v)
	return answer{name: "integration", data: c}, err
}

// deliveries are read from Kafka, which may be away while the rest of the page
// can be shown.
func (s *Site) deliveries(ctx context.Context, v *visit, c schemas.ConnectionStatus) (all []delivery, unread string) {
	if s.Deliveries == nil {
		return nil, "This process does not read Kafka."
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	last, err := s.Deliveries.Deliveries(ctx, v.session.org, c.Provider, c.Name, lastDeliveries)
	if err != nil {
		s.Log.Warn("reading the last deliveries failed", "err", err)
		return nil, "They could not be read this time. The log says more."
	}
	scope := v.scope()
	scope.HeldBack = true
	var refused map[tail.Place]string
	for _, d := range last {
		one := delivery{Delivery: d}
		if d.Recording == "" { // it names no meeting that would tell
			if refused == nil {
				refused = s.refused(ctx, v)
			}
			if one.Dead = refused[d.Place]; one.Dead != "" {
				one.Result = schemas.OutcomeRejected
			}
		}
		if d.Recording != "" {
			id := schemas.MeetingID(v.session.org, c.Provider, d.Recording)
			one.Meeting = meetingPath(id)
			one.Result = s.resultOf(ctx, scope, id, d.Place)
		}
		all = append(all, one)
	}
	return all, ""
}

// refused are the records that became dead letters, with where those are shown.
func (s *Site) refused(ctx context.Context, v *visit) map[tail.Place]string {
	paths := make(map[tail.Place]string)
	dead, _ := s.dead(ctx, v) // one that cannot be read now is not known
	for _, l := range dead {
		paths[l.From] = l.Path
	}
	return paths
}

// resultOf is what the first stage said of the record at the place. What the
// store cannot say now is not known.
func (s *Site) resultOf(ctx context.Context, scope schemas.Scope, id string, at tail.Place) string {
	progress, err := s.Store.MeetingProgress(ctx, scope, id)
	if err != nil {
		return ""
	}
	for _, p := range progress {
		if p.Topic == at.Topic && p.Partition == at.Partition && p.Offset == at.Offset {
			return p.Outcome
		}
	}
	return ""
}

// sync asks for a run, over the connection's look-back or one that was chosen.
func (s *Site) sync(ctx context.Context, v *visit) (answer, error) {
	c, err := s.connection(ctx, v)
	if err != nil {
		return answer{}, err
	}
	var since time.Time
	switch days := lookBacks[v.PostFormValue("look_back")]; {
	case days < 0:
		since = time.Unix(0, 0)
	case days > 0:
		since = time.Now().AddDate(0, 0, -int(days))
	}
	return s.change(ctx, v, c, console.ConnectionChange{Do: console.ConnectionSync, Since: since}, "A sync has been asked for.")
}

// ingest switches it.
func (s *Site) ingest(ctx context.Context, v *visit) (answer, error) {
	c, err := s.connection(ctx, v)
	if err != nil {
		return answer{}, err
	}
	if v.PostFormValue("do") == "on" {
		return s.change(ctx, v, c, console.ConnectionChange{Do: console.ConnectionResume}, "Resumed: what was missed is being read.")
	}
	return s.change(ctx, v, c, console.ConnectionChange{Do: console.ConnectionPause}, "Paused: nothing is taken in.")
}

type endingPage struct {
	schemas.ConnectionStatus
	Erase    bool
	Meetings int    // of the whole organisation, as a measure
	Word     string // to be typed
	Path     string
}

// eraseWord is typed by hand: a button alone is pressed too easily.
const eraseWord = "erase"

// ending says what disconnecting or erasing will do before it does it.
func (s *Site) ending(ctx context.Context, v *visit) (answer, error) {
	return s.endingWith(ctx, v, 0, "")
}

func (s *Site) endingWith(ctx context.Context, v *visit, status int, problem string) (answer, error) {
	c, err := s.connection(ctx, v)
	if err != nil {
		return answer{}, err
	}
	tally, err := s.local.Tally(ctx, v.session.org)
	made := endingPage{ConnectionStatus: c, Erase: v.FormValue("erase") != "", Word: eraseWord, Path: connectionPath("/integration", c)}
	for _, n := range tally.Meetings {
		made.Meetings += n
	}
	title := "Disconnect "
	if made.Erase {
		title = "Erase what came by "
	}
	return answer{status: status, name: "ending", title: title + recorderName(c.Provider) + ", " + c.Name, problem: problem, data: made}, err
}

// end disconnects, and erases only where the word was typed.
func (s *Site) end(ctx context.Context, v *visit) (answer, error) {
	c, err := s.connection(ctx, v)
	if err != nil {
		return answer{}, err
	}
	erase, note := v.PostFormValue("erase") != "", "Disconnected. What was recorded stays."
	if erase {
		note = "Disconnected. What came by it is being erased; the receipt will be here."
		if strings.TrimSpace(v.PostFormValue("word")) != eraseWord {
			return s.endingWith(ctx, v, http.StatusUnprocessableEntity, "Type the word "+eraseWord+" to confirm. Nothing was erased.")
		}
	}
	return s.change(ctx, v, c, console.ConnectionChange{Do: console.ConnectionDisconnect, Erase: erase}, note)
}

// change does it, and leads back to the connection's page.
func (s *Site) change(ctx context.Context, v *visit, c schemas.ConnectionStatus, change console.ConnectionChange, note string) (answer, error) {
	v.about = strings.TrimSpace(change.Do + " " + c.Provider + "/" + c.Name)
	_, err := s.Connections.Change(ctx, v.session.org, c.Provider, c.Name, change)
	if why, ok := refusal(err); ok {
		return s.integrationWith(ctx, v, http.StatusUnprocessableEntity, why)
	}
	if err != nil {
		return answer{}, err
	}
	v.session.tell(note)
	return answer{to: connectionPath("/integration", c)}, nil
}

// recorderName is how a recorder writes itself.
func recorderName(recorder string) string {
	switch recorder {
	case schemas.Fathom:
		return "Fathom"
	case schemas.Zoom:
		return "Zoom"
	}
	return recorder
}
