package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
	"unicode/utf8"
)

// step is how much is read at a time, and leased before it is.
const step = 64 << 10

// read returns the bytes of a delivery as they arrived.
func (h *Handler) read(w http.ResponseWriter, r *http.Request, lease *lease) ([]byte, *answer) {
	for _, encoding := range r.Header.Values("Content-Encoding") {
		if encoding != "" && !strings.EqualFold(encoding, "identity") {
			return nil, refuseEncoding
		}
	}
	if r.ContentLength > h.limits.Body {
		return nil, refuseTooLarge
	}
	control := http.NewResponseController(w)
	// A writer without deadlines is a test's; a server's has them.
	_ = control.SetReadDeadline(time.Now().Add(h.limits.ReadTime))
	// The server goes on reading to see whether the sender hangs up. A deadline that passes then would cancel the request.
	defer func() { _ = control.SetReadDeadline(time.Time{}) }()
	var body bytes.Buffer
	limited := http.MaxBytesReader(w, r.Body, h.limits.Body)
	for {
		if !lease.take(step) {
			return nil, refuseBusy
		}
		n, err := io.CopyN(&body, limited, step)
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
func checkBody(body []byte) *answer {
	if !utf8.Valid(body) {
		return refuseNotUTF8
	}
	text := bytes.TrimLeft(body, " \t\r\n")
	if len(text) == 0 || text[0] != '{' || !json.Valid(body) {
		return refuseNotObject
	}
	return nil
}
