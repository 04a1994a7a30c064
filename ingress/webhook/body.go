package webhook

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"leadline/ingress/recorder"
)

// step is how much is read at a time, and leased before it is.
const step = 64 << 10

// read returns the bytes of a delivery as they arrived.
func (h *Handler) read(w http.ResponseWriter, r *http.Request, lease *lease, at target) ([]byte, *turn, *answer) {
	for _, encoding := range r.Header.Values("Content-Encoding") {
		if encoding != "" && !strings.EqualFold(encoding, "identity") {
			return nil, nil, refuseEncoding
		}
	}
	if r.ContentLength > h.limits.Body {
		return nil, nil, refuseTooLarge
	}
	// A writer without deadlines is a test's; a server's has them.
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(h.limits.ReadTime))
	turn := h.turns.begin(at.sender(), func() { _ = control.SetReadDeadline(time.Now()) })
	if turn == nil {
		return nil, nil, refuseBusy
	}
	body, refused := h.readAll(http.MaxBytesReader(w, r.Body, h.limits.Body), lease, turn)
	switch whole := turn.read(); {
	case refused == nil:
		// The server goes on reading to see whether the sender hangs up. A deadline that passes then would cancel the request.
		_ = control.SetReadDeadline(time.Time{})
		return body, turn, nil
	case !whole:
		refused = refuseBusy
	}
	turn.end()
	return body, nil, refused
}

func (*Handler) readAll(from io.Reader, lease *lease, turn *turn) ([]byte, *answer) {
	var body bytes.Buffer
	for {
		if !lease.take(step) {
			turn.makeRoom() // for when the sender tries again
			return nil, refuseBusy
		}
		body.Grow(step + bytes.MinRead) // by itself it grows from 512 bytes, and copies each time
		n, err := io.CopyN(&body, from, step)
		_, tooLarge := errors.AsType[*http.MaxBytesError](err)
		switch {
		case err == nil:
		case errors.Is(err, io.EOF) && n < step:
			return body.Bytes(), nil
		case tooLarge:
			return nil, refuseTooLarge
		case errors.Is(err, os.ErrDeadlineExceeded):
			return nil, refuseSlow
		default:
			return nil, refuseIncomplete
		}
	}
}

// checkBody lets through what a stage can at least begin with. It runs after the signature: a body that passes that and
// fails here is the recorder's own, and is worth an answer that says why.
func checkBody(body []byte, seen recorder.Delivery) *answer {
	if !utf8.Valid(body) {
		return refuseNotUTF8
	}
	if seen.Object {
		return nil
	}
	value := jsontext.Value(body)
	if value.Kind() != '{' || !value.IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) {
		return refuseNotObject
	}
	return nil
}
