package webhook

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// The results that a delivery can have, for the metrics: a closed list, with the three reasons of a bad signature.
const stored = "stored"

// refusal is an answer other than "stored".
type refusal struct {
	status int
	result string
	text   string
	again  int // seconds for Retry-After; 0: none
}

var (
	dropped          = &refusal{status: http.StatusNoContent, result: "dropped"}
	refuseMethod     = &refusal{status: http.StatusMethodNotAllowed, result: "method", text: "only POST is allowed here"}
	refuseUnknown    = &refusal{status: http.StatusNotFound, result: "unknown", text: "no such webhook"}
	refuseEncoding   = &refusal{status: http.StatusUnsupportedMediaType, result: "encoding", text: "content encoding is not accepted"}
	refuseTooLarge   = &refusal{status: http.StatusRequestEntityTooLarge, result: "too_large", text: "body is too large"}
	refuseSlow       = &refusal{status: http.StatusRequestTimeout, result: "slow", text: "body did not arrive in time"}
	refuseIncomplete = &refusal{status: http.StatusBadRequest, result: "incomplete", text: "body could not be read"}
	refuseNotUTF8    = &refusal{status: http.StatusBadRequest, result: "not_utf8", text: "body is not UTF-8"}
	refuseNotObject  = &refusal{status: http.StatusBadRequest, result: "not_object", text: "body is not a JSON object"}
	refuseNotReady   = &refusal{status: http.StatusServiceUnavailable, result: "not_ready", text: "not ready, try again", again: 5}
	refuseSecret     = &refusal{status: http.StatusServiceUnavailable, result: "secret", text: "not ready, try again", again: 300}
	refuseBusy       = &refusal{status: http.StatusServiceUnavailable, result: "busy", text: "too much at a time, try again", again: 5}
	refuseKafka      = &refusal{status: http.StatusServiceUnavailable, result: "kafka", text: "could not be stored, try again", again: 30}
)

// results are all of them for a recorder whose deliveries can be refused for the reasons.
func results(reasons []string) []string {
	all := []string{stored}
	for _, f := range []*refusal{
		dropped, refuseMethod, refuseUnknown, refuseEncoding, refuseTooLarge, refuseSlow, refuseIncomplete, refuseNotUTF8,
		refuseNotObject, refuseNotReady, refuseSecret, refuseBusy, refuseKafka,
	} {
		all = append(all, f.result)
	}
	for _, reason := range reasons {
		all = append(all, refuseSignature(reason).result)
	}
	return all
}

// refuseSignature has one text for all reasons, so that nobody learns which check he failed; the metric tells them apart.
func refuseSignature(reason string) *refusal {
	return &refusal{status: http.StatusUnauthorized, result: "signature_" + reason, text: "signature refused"}
}

func (f *refusal) answer(w http.ResponseWriter) {
	body, err := json.Marshal(map[string]string{"error": f.text})
	if err != nil {
		body = []byte(`{"error":"unknown"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	if f.again > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(f.again))
	}
	w.WriteHeader(f.status)
	_, _ = w.Write(append(body, '\n')) // who has gone away is no business of ours
}
