package simulator

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
)

// answerRaw sends JSON bytes as they are. Fathom's TypeScript SDK refuses any other content type than application/json.
func answerRaw(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// A caller who has gone away is no business of ours.
	_, _ = w.Write(body)
}

func answerJSON(w http.ResponseWriter, status int, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		answerError(w, http.StatusInternalServerError, "encoding the answer failed")
		return
	}
	answerRaw(w, status, body)
}

// answerError writes the shape that Fathom's error bodies seem to have; no page specifies one.
func answerError(w http.ResponseWriter, status int, text string) {
	body, err := json.Marshal(map[string]string{"error": text})
	if err != nil {
		body = []byte(`{"error":"unknown"}`)
	}
	answerRaw(w, status, body)
}

func notFound(w http.ResponseWriter, _ *http.Request) {
	answerError(w, http.StatusNotFound, "no such thing")
}

func notAllowed(w http.ResponseWriter, _ *http.Request) {
	answerError(w, http.StatusMethodNotAllowed, "method not allowed here")
}

// readBody returns a body of at most limit bytes, or answers 413 or 400 and returns false.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		answerError(w, http.StatusRequestEntityTooLarge, "body too large")
		return nil, false
	}
	if err != nil {
		answerError(w, http.StatusBadRequest, "body could not be read")
		return nil, false
	}
	return body, true
}
