package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/gorilla/mux"
)

const maxControlBody = 64 << 10

// control routes what a developer does to the simulated account. UUIDs are in bodies, for they have slashes in them.
//
//	GET    /control/meetings      every meeting, ended or not
//	PUT    /control/meetings      add or replace one: {"meeting": {...}, "ended": true|false}
//	DELETE /control/meetings      {"uuid": "..."}
//	POST   /control/end           {"uuid": "...", "step": "recording"|"transcript"|"summary"}; without a step all three
//	POST   /control/end-all
//	POST   /control/deliver       {"uuid": "...", "event": "recording.transcript_completed"}
//	GET    /control/deliveries    every delivery with its attempts
//	POST   /control/subscribe     {"url": "..."}: challenge an endpoint and deliver to it
//	POST   /control/limits        {"light": n, "medium": n, "heavy": n, "daily": n}; {} switches them off
//	POST   /control/expire-tokens
//	POST   /control/fault         {"path": "...", "status": 503, "code": 0, "times": 1}
func (s *Simulator) control() http.Handler {
	router := mux.NewRouter()
	handle := func(method, path string, do func(r *http.Request) (any, error)) {
		router.HandleFunc("/control/"+path, func(w http.ResponseWriter, r *http.Request) {
			r.Body = http.MaxBytesReader(w, r.Body, maxMeeting)
			answer, err := do(r)
			switch {
			case errors.Is(err, errUnknownMeeting):
				answerError(w, http.StatusNotFound, 0, err.Error())
			case err != nil:
				answerError(w, http.StatusBadRequest, 0, err.Error())
			default:
				answerJSON(w, http.StatusOK, answer)
			}
		}).Methods(method)
	}
	handle(http.MethodGet, "meetings", s.showMeetings)
	handle(http.MethodPut, "meetings", s.putMeeting)
	handle(http.MethodDelete, "meetings", s.deleteMeeting)
	handle(http.MethodPost, "end", s.endMeeting)
	handle(http.MethodPost, "end-all", func(*http.Request) (any, error) {
		meetings, fired := s.EndAll()
		return map[string]int{"ended": meetings, "fired": fired}, nil
	})
	handle(http.MethodPost, "deliver", s.deliverAgain)
	handle(http.MethodGet, "deliveries", func(*http.Request) (any, error) {
		return map[string]any{"deliveries": s.courier.snapshot()}, nil
	})
	handle(http.MethodPost, "subscribe", s.subscribe)
	handle(http.MethodPost, "limits", s.changeLimits)
	handle(http.MethodPost, "expire-tokens", func(*http.Request) (any, error) {
		return map[string]int{"given": s.ExpireTokens()}, nil
	})
	handle(http.MethodPost, "fault", s.orderFault)
	return router
}

// local refuses everybody but programs on this machine. The Host check stops a web page whose name was made to
// resolve to 127.0.0.1; the origin check stops one that posts here directly.
func local(next http.Handler) http.Handler {
	sameOrigin := http.NewCrossOriginProtection().Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		remote, _, err := net.SplitHostPort(r.RemoteAddr)
		if err != nil || !isLoopback(remote) || !isLoopback(hostOnly(r.Host)) {
			answerError(w, http.StatusForbidden, 0, "control endpoints answer this machine only")
			return
		}
		sameOrigin.ServeHTTP(w, r)
	})
}

func hostOnly(hostport string) string {
	if host, _, err := net.SplitHostPort(hostport); err == nil {
		return host
	}
	return hostport
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// order decodes a body, and refuses unknown properties and anything after the value.
func order(r *http.Request, into any) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return errors.New("body could not be read")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil || d.More() {
		return errors.New("body is not what this endpoint takes")
	}
	return nil
}

func (s *Simulator) showMeetings(*http.Request) (any, error) {
	type shown struct {
		UUID        string    `json:"uuid"`
		ID          int64     `json:"id"`
		Topic       any       `json:"topic"`
		Start       time.Time `json:"start_time"`
		Recorded    bool      `json:"recorded"`
		Transcribed bool      `json:"transcribed"`
		Summarized  bool      `json:"summarized"`
	}
	list := []shown{}
	for _, m := range s.archive.list(func(*meeting, stage) bool { return true }) {
		_, at := s.archive.get(m.uuid)
		list = append(list, shown{m.uuid, m.id, m.Recording["topic"], m.start, at.recorded, at.transcribed, at.summarized})
	}
	return map[string]any{"meetings": list}, nil
}

func (s *Simulator) putMeeting(r *http.Request) (any, error) {
	var o struct {
		Meeting Meeting `json:"meeting"`
		Ended   bool    `json:"ended"`
	}
	if err := order(r, &o); err != nil {
		return nil, err
	}
	added, err := s.Put(o.Meeting, o.Ended)
	return map[string]bool{"added": added}, err
}

// named is an order about one meeting.
type named struct {
	UUID  string `json:"uuid"`
	Step  string `json:"step"`
	Event string `json:"event"`
}

func (s *Simulator) deleteMeeting(r *http.Request) (any, error) {
	var o named
	if err := order(r, &o); err != nil {
		return nil, err
	}
	if !s.archive.remove(o.UUID) {
		return nil, errUnknownMeeting
	}
	return o, nil
}

func (s *Simulator) endMeeting(r *http.Request) (any, error) {
	var o named
	if err := order(r, &o); err != nil {
		return nil, err
	}
	step, known := map[string]func(string) (int, error){
		"": s.End, "recording": s.Record, "transcript": s.Transcribe, "summary": s.Summarize,
	}[o.Step]
	if !known {
		return nil, errors.New("step is none of recording, transcript, summary")
	}
	fired, err := step(o.UUID)
	return map[string]any{"uuid": o.UUID, "fired": fired}, err
}

func (s *Simulator) deliverAgain(r *http.Request) (any, error) {
	var o named
	if err := order(r, &o); err != nil {
		return nil, err
	}
	fired, err := s.Deliver(o.UUID, o.Event)
	return map[string]any{"uuid": o.UUID, "fired": fired}, err
}

func (s *Simulator) subscribe(r *http.Request) (any, error) {
	var o struct {
		URL string `json:"url"`
	}
	if err := order(r, &o); err != nil {
		return nil, err
	}
	return o, s.Subscribe(o.URL)
}

func (s *Simulator) changeLimits(r *http.Request) (any, error) {
	var o struct{ Light, Medium, Heavy, Daily int }
	if err := order(r, &o); err != nil {
		return nil, err
	}
	return o, s.SetLimits(Limits(o))
}

func (s *Simulator) orderFault(r *http.Request) (any, error) {
	var f Fault
	if err := order(r, &f); err != nil {
		return nil, err
	}
	s.Break(f)
	return f, nil
}
