package bench

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/gorilla/mux"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/ingress/connection"
	"leadline/ingress/fathom"
	"leadline/ingress/webhook"
	"leadline/schemas"
)

const (
	senders    = 8
	deliveries = 12 // of each in a round
	intakePath = "/api/integrations/fathom/webhook/bench1"
	maxBody    = 8 << 20
)

// connected is the one connection that deliveries are for.
type connected struct{ schemas.Connection }

func (c connected) Lookup(org, provider, name string) (schemas.Connection, bool) {
	return c.Connection, org == c.Org && provider == c.Provider && name == c.Name
}
func (c connected) All() []schemas.Connection { return []schemas.Connection{c.Connection} }
func (connected) Fresh() bool                 { return true }

// intake measures the webhook's handler beside one that reads the body,
// produces it with an equal client and looks at nothing. The senders are in
// this process and the same for both.
func (b *bench) intake(ctx context.Context) error {
	secret := "whsec_" + base64.StdEncoding.EncodeToString([]byte("a webhook key of 24 byte"))
	of := connected{schemas.Connection{Org: "bench1", Provider: schemas.Fathom, Name: connection.First, Ingest: true}}
	var err error
	of.SealedSecret, err = b.Webhooks.Sealer.Seal([]byte(secret), schemas.ConnectionID(of.Org, of.Provider, of.Name)+"/webhook_secret")
	if err != nil {
		return err
	}
	o := b.Webhooks
	o.Connections, o.Metrics = of, prometheus.NewRegistry()
	handler, err := webhook.New(o)
	if err != nil {
		return err
	}
	defer handler.Close()
	router := mux.NewRouter()
	handler.Mount(router)
	client, err := b.client()
	if err != nil {
		return err
	}
	defer client.Close()
	_, err = b.measure(ctx, throughput("webhook intake", "delivery", 0.85), b.intakeSide(router, secret), b.intakeSide(bare(client), secret))
	return err
}

// bare stores whatever it is sent.
func bare(client *kgo.Client) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		record := schemas.RawRecord(schemas.Origin{
			Event: schemas.FathomMeetingReceived, Provider: schemas.Fathom, Org: "bench1", Connection: connection.First,
			Source: schemas.SourceWebhook, Delivery: r.Header.Get("Webhook-Id"), Received: time.Now(),
		}, body)
		if err := client.ProduceSync(r.Context(), record).FirstErr(); err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusAccepted)
	})
}

func (b *bench) intakeSide(h http.Handler, secret string) side {
	return func(ctx context.Context) (_ []float64, err error) {
		ln, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("listening: %w", err)
		}
		server := &http.Server{Handler: h, ReadHeaderTimeout: patience}
		served := make(chan error, 1)
		go func() { served <- server.Serve(ln) }()
		defer func() {
			err = errors.Join(err, server.Close())
			if failed := <-served; !errors.Is(failed, http.ErrServerClosed) {
				err = errors.Join(err, failed)
			}
		}()
		requests, missing, err := b.deliver(ctx, "http://"+ln.Addr().String()+intakePath, secret)
		if err != nil {
			return nil, err
		}
		stored, err := b.arrivals(ctx, schemas.RawMeetings.Name)
		if err != nil {
			return nil, err
		}
		defer stored.close()
		transport := &http.Transport{MaxIdleConnsPerHost: senders}
		defer transport.CloseIdleConnections()
		began := start()
		if err := post(transport, requests); err != nil {
			return nil, err
		}
		values := began.each(len(requests))
		all, err := stored.collect(ctx, len(requests))
		if err != nil {
			return nil, err
		}
		for _, r := range all {
			delete(missing, sha256.Sum256(r.Value))
		}
		if len(all) != len(requests) || len(missing) > 0 {
			return nil, wrong("%d records of %d deliveries, %d bodies are missing", len(all), len(requests), len(missing))
		}
		return values, nil
	}
}

// deliver makes signed requests, and remembers what must be stored of them.
func (b *bench) deliver(ctx context.Context, url, secret string) ([]*http.Request, map[[sha256.Size]byte]bool, error) {
	meetings, err := b.recorder.meetings(senders*deliveries, b.Size)
	if err != nil {
		return nil, nil, err
	}
	missing := make(map[[sha256.Size]byte]bool)
	requests := make([]*http.Request, len(meetings))
	for i, m := range meetings {
		now, id := time.Now(), "msg_"+strconv.Itoa(i)
		signature, err := fathom.Sign(secret, id, now, m.raw.Value)
		if err != nil {
			return nil, nil, err
		}
		if requests[i], err = http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(m.raw.Value)); err != nil {
			return nil, nil, err
		}
		requests[i].Header.Set("Webhook-Id", id)
		requests[i].Header.Set("Webhook-Timestamp", strconv.FormatInt(now.Unix(), 10))
		requests[i].Header.Set("Webhook-Signature", signature)
		missing[sha256.Sum256(m.raw.Value)] = true
	}
	return requests, missing, nil
}

// post sends the requests over a few connections.
func post(transport *http.Transport, requests []*http.Request) error {
	client := &http.Client{Transport: transport}
	done := make(chan error, senders)
	for sender := range senders {
		go func() {
			var err error
			for i := sender; i < len(requests) && err == nil; i += senders {
				err = send(client, requests[i])
			}
			done <- err
		}()
	}
	var all error
	for range senders {
		all = errors.Join(all, <-done)
	}
	return all
}

func send(client *http.Client, r *http.Request) error {
	res, err := client.Do(r)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, res.Body)
	if err = errors.Join(err, res.Body.Close()); err != nil {
		return err
	}
	if res.StatusCode != http.StatusAccepted {
		return wrong("a delivery was answered %s", res.Status)
	}
	return nil
}
