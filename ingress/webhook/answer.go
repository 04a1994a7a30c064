package webhook

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strconv"

	"leadline/ingress/recorder"
)

// answer is one of those below. Its results, for the metrics, are a closed list, with the recorders' reasons of a bad
// signature.
type answer struct {
	status int
	result string
	text   string // of a refusal
	again  int    // seconds for Retry-After; 0: none
	body   []byte // JSON instead of the text
}

var (
	stored           = &answer{status: http.StatusAccepted, result: "stored"}
	requested        = &answer{status: http.StatusOK, result: "requested"}
	dropped          = &answer{status: http.StatusNoContent, result: "dropped"} // ingest is off
	ignored          = &answer{status: http.StatusNoContent, result: "ignored"} // verified, and of no interest
	refuseMethod     = &answer{status: http.StatusMethodNotAllowed, result: "method", text: "only POST is allowed here"}
	refuseUnknown    = &answer{status: http.StatusNotFound, result: "unknown", text: "no such webhook"}
	refuseGone       = &answer{status: http.StatusGone, result: "gone", text: "disconnected: stop sending"}
	refuseEncoding   = &answer{status: http.StatusUnsupportedMediaType, result: "encoding", text: "content encoding is not accepted"}
	refuseTooLarge   = &answer{status: http.StatusRequestEntityTooLarge, result: "too_large", text: "body is too large"}
	refuseSlow       = &answer{status: http.StatusRequestTimeout, result: "slow", text: "body did not arrive in time"}
	refuseIncomplete = &answer{status: http.StatusBadRequest, result: "incomplete", text: "body could not be read"}
	refuseNotUTF8    = &answer{status: http.StatusBadRequest, result: "not_utf8", text: "body is not UTF-8"}
	refuseNotObject  = &answer{status: http.StatusBadRequest, result: "not_object", text: "body is not a JSON object"}
	refuseNotReady   = &answer{status: http.StatusServiceUnavailable, result: "not_ready", text: "not ready, try again", again: 5}
	refuseSecret     = &answer{status: http.StatusServiceUnavailable, result: "secret", text: "not ready, try again", again: 300}
	refuseBusy       = &answer{status: http.StatusServiceUnavailable, result: "busy", text: "too much at a time, try again", again: 5}
	refuseKafka      = &answer{status: http.StatusServiceUnavailable, result: "kafka", text: "could not be stored, try again", again: 30}
)

// results are all that a delivery can come to.
func results() []string {
	var all []string
	for _, a := range []*answer{
		stored, requested, dropped, ignored, refuseMethod, refuseUnknown, refuseGone, refuseEncoding, refuseTooLarge, refuseSlow,
		refuseIncomplete, refuseNotUTF8, refuseNotObject, refuseNotReady, refuseSecret, refuseBusy, refuseKafka, challenged(nil),
	} {
		all = append(all, a.result)
	}
	for _, reason := range recorder.Reasons {
		all = append(all, refuseSignature(&recorder.Refused{Reason: reason}).result)
	}
	return all
}

// refuseSignature has one text for all reasons, so that nobody learns which check he failed; the metric tells them apart.
func refuseSignature(err error) *answer {
	return &answer{status: http.StatusUnauthorized, result: "signature_" + cmp.Or(recorder.ReasonOf(err), "other"), text: "signature refused"}
}

// challenged answers what a recorder asks an endpoint before it trusts it.
func challenged(body []byte) *answer {
	return &answer{status: http.StatusOK, result: "challenge", body: body}
}

func (a *answer) write(w http.ResponseWriter) {
	body := a.body
	if a.text != "" {
		body, _ = json.Marshal(map[string]string{"error": a.text}) // texts are ours
	}
	if body == nil {
		w.WriteHeader(a.status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if a.again > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(a.again))
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(append(body, '\n')) //nolint:gosec // JSON with nosniff; and who has gone away is no business of ours
}
