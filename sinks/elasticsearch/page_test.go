package elasticsearch_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"leadline/schemas"
)

// longest notes how much of an answer to a search was read.
type longest struct{ bytes int }

func (l *longest) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := transport.RoundTrip(r)
	if err == nil && strings.HasSuffix(r.URL.Path, "/_search") {
		res.Body = &counted{ReadCloser: res.Body, of: l}
	}
	return res, err
}

type counted struct {
	io.ReadCloser
	of    *longest
	bytes int
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.bytes += n
	c.of.bytes = max(c.of.bytes, c.bytes)
	return n, err
}

func TestLongDocumentsAreReadAFewAtATime(t *testing.T) {
	t.Parallel()
	const most, long, n = 64 << 10, 10 << 10, 45
	o := options(t)
	before := prepared(t, o)
	for i := range n {
		write(t, before, entry(i, 1, strings.Repeat("lighthouse ", long/11)))
	}
	huge := entry(n, 1, strings.Repeat("lighthouse ", 2*most/11)) // alone longer than a page
	write(t, before, huge)

	read := new(longest)
	o.Transport = read
	o.Pages(most)
	all, err := made(t, o).MeetingEntries(t.Context(), staff, schemas.MeetingID("acme", schemas.Fathom, "0"))
	if err != nil || len(all) != 20 {
		t.Errorf("a meeting has %d entries, %v, want 20", len(all), err)
	}
	if read.bytes > most+4<<10 {
		t.Errorf("%d bytes were read at a time, of at most %d", read.bytes, most)
	}
	o.OfAnotherBuild()
	after := made(t, o)
	if done, err := after.Reindex(t.Context()); err != nil || done.Copied != n+1 {
		t.Fatalf("copied %d, %v, want %d", done.Copied, err, n+1)
	}
	if read.bytes > 4*most {
		t.Errorf("%d bytes were read at a time: more than the longest document", read.bytes)
	}
}
