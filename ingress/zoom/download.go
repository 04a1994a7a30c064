package zoom

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

const (
	// maxTranscript is some 60 hours of speech. A raw record has to hold it with everything else.
	maxTranscript = 8 << 20

	// maxRedirects of one file; Zoom's have one.
	maxRedirects = 5
)

// fileError says that a file is left alone, whatever else is had of its meeting. Its reason is of a closed list.
type fileError struct {
	reason string
	err    error
}

func (e *fileError) Error() string { return e.err.Error() }
func (e *fileError) Unwrap() error { return e.err }

// Reasons why a file is left alone.
const (
	leftForHost     = "HOST_REFUSED"    // it, or a redirect on the way to it, is not at Zoom
	leftForAddress  = "ADDRESS_REFUSED" // a name of Zoom's leads into a network that is not public
	leftForRedirect = "REDIRECT"        // to nowhere, or too many
	leftForContent  = "NOT_WEBVTT"      // Zoom shows a page where it does not like who asks
	leftForSize     = "TOO_LARGE"
)

// download fetches a transcript, a WebVTT file. Every address on the way is checked before anything is sent to it. The
// token goes to the first host only: a redirect carries its own permission.
func (c *Client) download(ctx context.Context, address string) (string, error) {
	var text string
	err := c.authorized(ctx, func(token string) error {
		err := c.wait(ctx, limitLight)
		if err != nil {
			return err
		}
		text, err = c.follow(ctx, address, token)
		return err
	})
	return text, err
}

func (c *Client) follow(ctx context.Context, address, token string) (string, error) {
	at, err := url.Parse(address)
	if err != nil {
		return "", &fileError{leftForHost, errors.New("address of a file is no URL")}
	}
	first := at.Host
	for range maxRedirects + 1 {
		if err := c.hosts.check(at); err != nil {
			return "", &fileError{leftForHost, err}
		}
		if !strings.EqualFold(at.Host, first) {
			token = ""
		}
		next, text, err := c.step(ctx, at, token)
		if err != nil || next == nil {
			return text, err
		}
		at = next
	}
	return "", &fileError{leftForRedirect, fmt.Errorf("file is behind more than %d redirects", maxRedirects)}
}

// step returns where the file is instead, or its text.
func (c *Client) step(ctx context.Context, at *url.URL, token string) (next *url.URL, text string, err error) {
	resp, err := c.send(ctx, c.files, at.String(), token)
	if errors.Is(err, ErrAddress) {
		return nil, "", &fileError{leftForAddress, ErrAddress}
	}
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		next, err := at.Parse(resp.Header.Get("Location"))
		if err != nil || resp.Header.Get("Location") == "" {
			return nil, "", &fileError{leftForRedirect, errors.New("file is behind a redirect to nowhere")}
		}
		return next, "", nil
	case http.StatusOK:
	default:
		return nil, "", c.statusError(resp, token)
	}
	body, err := readLimited(ctx, resp, maxTranscript)
	if errors.Is(err, ErrTooLarge) {
		return nil, "", &fileError{leftForSize, err}
	}
	if err != nil {
		return nil, "", err
	}
	text = strings.ToValidUTF8(string(body), string(utf8.RuneError))
	if !strings.HasPrefix(strings.TrimPrefix(text, "\uFEFF"), "WEBVTT") {
		return nil, "", &fileError{leftForContent, errors.New("file is no WebVTT")}
	}
	return nil, text, nil
}
