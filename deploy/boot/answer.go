package boot

import (
	"fmt"
	"io"
	"net/http"
)

// AnswerTooLargeError says that a server's answer has more bytes than it may.
type AnswerTooLargeError struct{ Most int64 }

func (e *AnswerTooLargeError) Error() string {
	return fmt.Sprintf("the answer has more than %d bytes", e.Most)
}

// LimitAnswers bounds what is read of each answer, as it is after decompression: libraries that read answers whole would
// take what a server that was taken over, or one beside it, cares to send.
func LimitAnswers(next http.RoundTripper, most int64) http.RoundTripper {
	return &answerLimit{next: next, most: most}
}

type answerLimit struct {
	next http.RoundTripper
	most int64
}

// RoundTrip is the wrapped one's.
func (l *answerLimit) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	resp.Body = &limitedBody{ReadCloser: resp.Body, left: l.most, most: l.most}
	return resp, nil
}

type limitedBody struct {
	io.ReadCloser
	left, most int64
}

// Read fails at the first byte too many.
func (b *limitedBody) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	if int64(n) > b.left {
		n = int(b.left)
		err = &AnswerTooLargeError{b.most}
	}
	b.left -= int64(n)
	return n, err
}
