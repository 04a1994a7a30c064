package simulator

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/gorilla/mux"
)

const maxControlBody = 64 << 10

// control routes what a developer does to the simulated account:
//
//	GET    /control/meetings              every meeting, ended or not, with its deliveries
//	PUT    /control/meetings/{id}         add or replace a meeting (?ended=true|false for a new one; default false)
//	DELETE /control/meetings/{id}
//	POST   /control/meetings/{id}/end     end it: it is listed and fires webhooks
//	POST   /control/end-all               {"per_second": n}; 0 or absent: all at once
//	POST   /control/deliver/{id}          fire a recording's webhooks again: {"same_id": true|false}
//	GET    /control/deliveries            every delivery with its attempts; ?state=pending|delivered|given_up
//	POST   /control/limits                {"calls": n, "heavy": n, "window_seconds": n}; {} switches them off
func (s *Simulator) control() http.Handler {
	router := mux.NewRouter()
	router.NotFoundHandler = http.HandlerFunc(notFound)
	router.MethodNotAllowedHandler = http.HandlerFunc(notAllowed)
	router.HandleFunc("/control/meetings", s.showMeetings).Methods(http.MethodGet)
	router.HandleFunc("/control/meetings/{id}", s.putMeeting).Methods(http.MethodPut)
	router.HandleFunc("/control/meetings/{id}", s.deleteMeeting).Methods(http.MethodDelete)
	router.HandleFunc("/control/meetings/{id}/end", s.endMeeting).Methods(http.MethodPost)
	router.HandleFunc("/control/end-all", s.endAll).Methods(http.MethodPost)
	router.HandleFunc("/control/deliver/{id}", s.deliverAgain).Methods(http.MethodPost)
	router.HandleFunc("/control/deliveries", s.showDeliveries).Methods(http.MethodGet)
	router.HandleFunc("/control/limits", s.changeLimits).Methods(http.MethodPost)
	return router
}

// local refuses everybody but programs on this machine. The Host check stops a web page whose name was made to
// resolve to 127.0.0.1; the origin check stops one that posts here directly.
func local(next http.Handler) http.Handler {
	sameOrigin := http.NewCrossOriginProtection().Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		remote, _, err := net.SplitHostPort(r.RemoteAddr)
		if err != nil || !isLoopback(remote) || !isLoopback(hostOnly(r.Host)) {
			answerError(w, http.StatusForbidden, "control endpoints answer this machine only")
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

func (s *Simulator) showMeetings(w http.ResponseWriter, _ *http.Request) {
	type shown struct {
		RecordingID int64      `json:"recording_id"`
		Title       string     `json:"title"`
		CreatedAt   time.Time  `json:"created_at"`
		Ended       bool       `json:"ended"`
		Deliveries  []delivery `json:"deliveries"`
	}
	deliveries := map[int64][]delivery{}
	for _, d := range s.courier.snapshot(func(*delivery) bool { return true }) {
		deliveries[d.RecordingID] = append(deliveries[d.RecordingID], d)
	}
	list := []shown{}
	for _, m := range s.archive.list(func(*meeting, bool) bool { return true }) {
		_, ended := s.archive.get(m.RecordingID)
		sent := append([]delivery{}, deliveries[m.RecordingID]...)
		list = append(list, shown{m.RecordingID, m.Title, m.CreatedAt, ended, sent})
	}
	answerJSON(w, http.StatusOK, map[string]any{"meetings": list})
}

func (s *Simulator) showDeliveries(w http.ResponseWriter, r *http.Request) {
	state := r.URL.Query().Get("state")
	answerJSON(w, http.StatusOK, map[string]any{
		"deliveries": s.courier.snapshot(func(d *delivery) bool { return state == "" || d.State == state }),
	})
}

func (s *Simulator) putMeeting(w http.ResponseWriter, r *http.Request) {
	id, ok := pathID(w, r)
	if !ok {
		return
	}
	raw, ok := readBody(w, r, maxMeeting)
	if !ok {
		return
	}
	m, err := parseMeeting(raw)
	if err == nil && m.RecordingID != id {
		err = fmt.Errorf("recording_id of the body is %d", m.RecordingID)
	}
	if err != nil {
		answerError(w, http.StatusBadRequest, err.Error())
		return
	}
	status := http.StatusOK
	if s.archive.put(m, r.URL.Query().Get("ended") == "true") {
		status = http.StatusCreated
	}
	_, ended := s.archive.get(id)
	answerJSON(w, status, map[string]any{"recording_id": id, "ended": ended})
}

func (s *Simulator) deleteMeeting(w http.ResponseWriter, r *http.Request) {
	id, ok := pathID(w, r)
	if !ok {
		return
	}
	if !s.archive.remove(id) {
		notFound(w, r)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *Simulator) endMeeting(w http.ResponseWriter, r *http.Request) {
	id, ok := pathID(w, r)
	if !ok {
		return
	}
	fired, err := s.End(id)
	answerFired(w, id, fired, err)
}

func (s *Simulator) deliverAgain(w http.ResponseWriter, r *http.Request) {
	var order struct {
		SameID bool `json:"same_id"`
	}
	id, ok := pathID(w, r)
	if !ok || !readOrder(w, r, &order) {
		return
	}
	fired, err := s.Deliver(id, order.SameID)
	answerFired(w, id, fired, err)
}

func (s *Simulator) endAll(w http.ResponseWriter, r *http.Request) {
	var order struct {
		PerSecond float64 `json:"per_second"`
	}
	if !readOrder(w, r, &order) {
		return
	}
	answerJSON(w, http.StatusAccepted, map[string]any{"ending": s.EndAll(order.PerSecond)})
}

func (s *Simulator) changeLimits(w http.ResponseWriter, r *http.Request) {
	var order struct {
		Calls         int `json:"calls"`
		Heavy         int `json:"heavy"`
		WindowSeconds int `json:"window_seconds"`
	}
	if !readOrder(w, r, &order) {
		return
	}
	limits := Limits{order.Calls, order.Heavy, time.Duration(order.WindowSeconds) * time.Second}
	if err := s.SetLimits(limits); err != nil {
		answerError(w, http.StatusBadRequest, err.Error())
		return
	}
	answerJSON(w, http.StatusOK, order)
}

func answerFired(w http.ResponseWriter, id int64, fired int, err error) {
	switch {
	case errors.Is(err, errUnknownMeeting):
		answerError(w, http.StatusNotFound, err.Error())
	case err != nil:
		answerError(w, http.StatusConflict, err.Error())
	default:
		answerJSON(w, http.StatusOK, map[string]any{"recording_id": id, "fired": fired})
	}
}

func pathID(w http.ResponseWriter, r *http.Request) (int64, bool) {
	id, err := strconv.ParseInt(mux.Vars(r)["id"], 10, 64)
	if err != nil {
		answerError(w, http.StatusBadRequest, "the id in the path is not a recording's")
		return 0, false
	}
	return id, true
}

// readOrder decodes a body that may be empty.
func readOrder(w http.ResponseWriter, r *http.Request, order any) bool {
	body, ok := readBody(w, r, maxControlBody)
	if !ok {
		return false
	}
	if len(body) > 0 && decodeStrict(body, order) != nil {
		answerError(w, http.StatusBadRequest, "body is not what this endpoint takes")
		return false
	}
	return true
}
