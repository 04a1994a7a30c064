package fathom

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestStatusErrors(t *testing.T) {
	t.Parallel()
	for status, temporary := range map[int]bool{
		201: false, 204: false, 302: false, 400: false, 401: false, 403: false, 404: false, 408: true, 422: false,
		429: true, 500: true, 502: true, 503: true, 504: true,
	} {
		_, err := serve(t, answer(status, "")).Meetings(t.Context(), ListRequest{})
		got, ok := errors.AsType[*StatusError](err)
		if !ok || got.Status != status || got.Temporary() != temporary {
			t.Errorf("%d: %v", status, err)
		}
	}
}

func TestErrorTextIsShortPrintableAndWithoutKey(t *testing.T) {
	t.Parallel()
	body := "bad\x1b[31m\r\nkey " + testKey + " \xff " + strings.Repeat("é"+testKey, 900)
	_, err := serve(t, answer(401, body)).Meetings(t.Context(), ListRequest{})
	got, ok := errors.AsType[*StatusError](err)
	if !ok {
		t.Fatal(err)
	}
	if len(got.Body) > 512 || len(got.Body) < 500 || strings.ContainsAny(got.Body, "\x1b\r\n") {
		t.Errorf("%d bytes: %q", len(got.Body), got.Body)
	}
	if strings.Contains(err.Error(), testKey) || !strings.HasPrefix(got.Body, "bad [31m  key [key]") {
		t.Errorf("error reads %q", err)
	}
}

func TestUnexpectedSuccessDoesNotShowTheSecret(t *testing.T) {
	t.Parallel()
	_, err := serve(t, answer(200, `{"id":"w","secret":"whsec_x"}`)).CreateWebhook(t.Context(), WebhookRequest{})
	if err == nil || strings.Contains(err.Error(), "whsec_x") {
		t.Errorf("got %v", err)
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]time.Duration{
		"":                     0,
		"0":                    0,
		"37":                   37 * time.Second,
		"-5":                   0,
		"soon":                 0,
		"1.5":                  0,
		"86400":                time.Hour,
		"99999999999999999999": 0,
		testNow.Add(90 * time.Second).UTC().Format(http.TimeFormat): 90 * time.Second,
		testNow.Add(90 * time.Second).UTC().Format(time.RFC3339):    90 * time.Second,
		testNow.Add(-time.Second).UTC().Format(time.RFC3339):        0,
		testNow.Add(48 * time.Hour).UTC().Format(http.TimeFormat):   time.Hour,
	} {
		_, err := serve(t, answer(429, "", "Retry-After", value)).Meetings(t.Context(), ListRequest{})
		got, ok := errors.AsType[*StatusError](err)
		if !ok || got.RetryAfter != want {
			t.Errorf("%q: %v", value, err)
		}
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("followed, with key %q", r.Header.Get("X-Api-Key"))
	}))
	t.Cleanup(elsewhere.Close)
	follow := func(o *Options) { o.HTTP = &http.Client{CheckRedirect: nil} }
	for _, status := range []int{301, 302, 303, 307, 308} {
		client := serve(t, answer(status, "", "Location", elsewhere.URL), follow)
		if err := client.Prove(t.Context()); err == nil {
			t.Errorf("%d was taken for a success", status)
		}
	}
}

func TestNetworkFailuresAreTemporary(t *testing.T) {
	t.Parallel()
	closed := httptest.NewServer(nil)
	closed.Close()
	refused := serve(t, nil, func(o *Options) { o.BaseURL = closed.URL })
	cut := serve(t, answer(200, `{"items":[`, "Content-Length", "1000"))
	hang := make(chan struct{})
	slow := serve(t, func(http.ResponseWriter, *http.Request) { <-hang }, func(o *Options) {
		o.HTTP = &http.Client{Timeout: time.Millisecond}
	})
	t.Cleanup(func() { close(hang) })
	for name, client := range map[string]*Client{"refused": refused, "cut off": cut, "time-out": slow} {
		err := client.Prove(t.Context())
		got, ok := errors.AsType[*StatusError](err)
		if !ok || got.Status != 0 || !got.Temporary() || errors.Unwrap(got) == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEndOfContextIsNoStatusError(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := serve(t, answer(200, `{"items":[]}`)).Prove(ctx)
	if _, ok := errors.AsType[*StatusError](err); ok || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
