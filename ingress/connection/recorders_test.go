package connection_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"leadline/ingress/connection"
	"leadline/ingress/connection/connectiontest"
	"leadline/ingress/fathom"
	"leadline/ingress/fathom/simulator"
	"leadline/ingress/recorder"
	"leadline/ingress/zoom"
	zoomsimulator "leadline/ingress/zoom/simulator"
	"leadline/schemas"
)

// Every recorder leads the same life. A new one is a function here.
func TestTheLifeOfAConnection(t *testing.T) {
	t.Parallel()
	for provider, make := range map[string]func(*testing.T) connectiontest.Recorder{
		schemas.Fathom: simulatedFathom,
		schemas.Zoom:   simulatedZoom,
	} {
		t.Run(provider, func(t *testing.T) {
			t.Parallel()
			connectiontest.Life(t, make(t))
		})
	}
}

func began(n int) time.Time {
	return time.Now().Add(-time.Duration(n+1) * time.Hour).UTC().Truncate(time.Second)
}

func simulatedFathom(t *testing.T) connectiontest.Recorder {
	sim, err := simulator.New(simulator.Options{Keys: map[string]string{apiKey: ""}, Schedule: []time.Duration{0, 100 * time.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	server := httptest.NewServer(sim.Handler())
	t.Cleanup(server.Close)
	put := func(n int, ended bool) error {
		_, _, err := sim.Put(fmt.Appendf(nil, `{"recording_id":%d,"created_at":%q,"transcript":[],"default_summary":{"markdown_formatted":"x"}}`,
			n+1, began(n).Format(time.RFC3339)), ended)
		return err
	}
	return connectiontest.Recorder{
		Provider: schemas.Fathom, Recorder: fathom.Recorder{Calls: 10000, Heavy: 10000, Window: time.Second},
		Request: connection.Request{BaseURL: server.URL + simulator.BasePath, Credential: recorder.NewSecret(apiKey)},
		Wrong:   recorder.NewSecret("wrong-key"),
		Add:     func(n int) error { return put(n, true) },
		End: func(n int) error {
			if err := put(n, false); err != nil {
				return err
			}
			_, err := sim.End(int64(n + 1))
			return err
		},
		Partly: func(n int) error {
			_, _, err := sim.Put(fmt.Appendf(nil, `{"recording_id":%d,"created_at":%q}`, n+1, began(n).Format(time.RFC3339)), true)
			return err
		},
		Finish: func(n int) error { return put(n, true) },
		Again:  func(n int) error { _, err := sim.Deliver(int64(n+1), false); return err },
		Drained: func(ctx context.Context) (int, int, error) {
			if err := sim.Drained(ctx); err != nil {
				return 0, 0, err
			}
			return tally(sim.Deliveries())
		},
		NumberOf: func(body []byte) (int, bool) {
			var m struct {
				ID int `json:"recording_id"`
			}
			err := json.Unmarshal(body, &m)
			return m.ID - 1, err == nil && m.ID > 0
		},
		Secrets: []string{apiKey},
	}
}

func tally(states map[string]int) (accepted, refused int, err error) {
	return states["delivered"], states["given_up"], nil
}

func simulatedZoom(t *testing.T) connectiontest.Recorder {
	credential := zoom.Credential{AccountID: "acc-life", ClientID: "client-life", ClientSecret: "hush-client-secret"}
	const token = "hush-secret-token"
	sim, err := zoomsimulator.New(zoomsimulator.Options{Credential: credential, SecretToken: token, Schedule: []time.Duration{0, 100 * time.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	server := httptest.NewServer(sim.Handler())
	t.Cleanup(server.Close)
	sealed := func(c zoom.Credential) recorder.Secret {
		text, err := c.Text()
		if err != nil {
			t.Fatal(err)
		}
		return recorder.NewSecret(text)
	}
	wrong := credential
	wrong.ClientSecret = "wrong"
	uuid := func(n int) string { return fmt.Sprintf("/life//%d+==", n) }
	put := func(n int, ended bool) error {
		_, err := sim.Put(zoomsimulator.Meeting{
			Host:      zoomsimulator.Host{ID: "host", Email: "ada@ours.example", Name: "Ada"},
			Recording: map[string]any{"uuid": uuid(n), "id": 80_000_000_000.0, "start_time": began(n).Format(time.RFC3339), "recording_files": []any{map[string]any{"id": fmt.Sprint("file-", n), "file_type": "TRANSCRIPT"}}},
			Summary:   map[string]any{"summary_content": "x"}, VTT: []string{"WEBVTT\n"},
		}, ended)
		return err
	}
	return connectiontest.Recorder{
		Provider: schemas.Zoom, Recorder: zoom.New(zoom.Unlimited),
		Request: connection.Request{
			BaseURL: server.URL + zoomsimulator.BasePath, Credential: sealed(credential), WebhookSecret: recorder.NewSecret(token),
		},
		Wrong: sealed(wrong),
		Add:   func(n int) error { return put(n, true) },
		End: func(n int) error {
			if err := put(n, false); err != nil {
				return err
			}
			_, err := sim.End(uuid(n))
			return err
		},
		Partly: func(n int) error {
			if err := put(n, false); err != nil {
				return err
			}
			_, err := sim.Record(uuid(n))
			return err
		},
		Finish:    func(n int) error { _, err := sim.End(uuid(n)); return err },
		Again:     func(n int) error { _, err := sim.Deliver(uuid(n), zoom.EventTranscript); return err },
		Subscribe: sim.Subscribe,
		Drained: func(ctx context.Context) (int, int, error) {
			if err := sim.Drained(ctx); err != nil {
				return 0, 0, err
			}
			return tally(sim.Deliveries())
		},
		NumberOf: func(body []byte) (n int, ok bool) {
			var m schemas.ZoomRecording
			if json.Unmarshal(body, &m) != nil {
				return 0, false
			}
			_, err := fmt.Sscanf(m.UUID, "/life//%d+==", &n)
			return n, err == nil
		},
		// The simulator's tokens begin so; a transcript's link does, too.
		Secrets: []string{"hush-", "access.", "download.", "/rec/download", "pass-", "code-"},
	}
}

// One credential under two names would bring every meeting twice, also where its JSON is written another way.
func TestOneCredentialIsConnectedOnceHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	of, r := simulatedZoom(t), connectiontest.New(t)
	r.Recorders[schemas.Zoom] = of.Recorder
	c, _ := connector(r)
	of.Request.Org, of.Request.Provider = "lanternfish", schemas.Zoom
	if _, err := c.Connect(t.Context(), of.Request); err != nil {
		t.Fatal(err)
	}
	var fields map[string]string
	if err := json.Unmarshal([]byte(of.Request.Credential.Reveal()), &fields); err != nil {
		t.Fatal(err)
	}
	spaced, err := json.MarshalIndent(fields, " ", "  ")
	if err != nil {
		t.Fatal(err)
	}
	again := of.Request
	again.Name, again.Credential = "second", recorder.NewSecret(string(spaced)+"\n")
	_, err = c.Connect(t.Context(), again)
	if taken, ok := errors.AsType[*connection.AlreadyConnected](err); !ok || taken.Name != connection.First {
		t.Errorf("the same credential with spaces: %v", err)
	}
	again.Name = connection.First
	if _, err := c.Connect(t.Context(), again); err != nil {
		t.Errorf("the same name is replaced: %v", err)
	}
}
