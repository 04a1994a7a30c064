package command

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"net"
	"slices"
	"time"

	"leadline/deploy/boot"
	"leadline/ingress/connection"
	"leadline/ingress/fathom/simulator"
	"leadline/ingress/recorder"
	"leadline/ingress/zoom"
	zoomsimulator "leadline/ingress/zoom/simulator"
	"leadline/schemas"
)

// stand is one simulated recorder of the tour.
type stand struct {
	provider, name string
	simulator      interface {
		Run(ctx context.Context, ln net.Listener) error
		Drained(ctx context.Context) error
	}
	basePath   string
	request    connection.Request         // what only this recorder needs
	subscribe  func(webhook string) error // for one whose webhooks are made by hand
	end        func() int                 // ends every meeting, and returns how many deliveries that makes
	again      string                     // how to have the last one delivered again; %s is the address
	recordings []string

	address   string
	listening chan struct{} // closed when address is set
}

// tourKey opens the simulators; it guards nothing.
const tourKey = "demo-key-0123456789"

// tourSchedule is quicker than any recorder's, so that a webhook that met a
// starting process is tried again while somebody watches.
var tourSchedule = []time.Duration{0, 200 * time.Millisecond, time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second}

func newFathomStand(meetings fs.FS) (*stand, error) {
	s, err := simulator.New(simulator.Options{
		Keys: map[string]string{tourKey: ""}, Meetings: meetings, Pending: true, Schedule: tourSchedule,
	})
	if err != nil {
		return nil, err
	}
	recordings, err := recordingsOf(meetings, func(raw []byte) (string, error) {
		var m struct {
			RecordingID json.Number `json:"recording_id"`
		}
		err := json.Unmarshal(raw, &m)
		return m.RecordingID.String(), err
	})
	if err != nil {
		return nil, err
	}
	at := &stand{
		provider: schemas.Fathom, name: "Fathom", simulator: s, basePath: simulator.BasePath, recordings: recordings,
		request: connection.Request{Credential: recorder.NewSecret(tourKey)}, listening: make(chan struct{}),
		end: func() int { return s.EndAll(40) },
	}
	if len(recordings) > 0 {
		at.again = "curl -X POST http://%s/control/deliver/" + recordings[len(recordings)-1]
	}
	return at, nil
}

func newZoomStand(meetings fs.FS) (*stand, error) {
	credential := zoom.Credential{AccountID: "demo-account", ClientID: "demo-client", ClientSecret: tourKey}
	text, err := credential.Text()
	if err != nil {
		return nil, err
	}
	s, err := zoomsimulator.New(zoomsimulator.Options{
		Credential: credential, SecretToken: tourKey, Meetings: meetings, Pending: true, Schedule: tourSchedule,
	})
	if err != nil {
		return nil, err
	}
	recordings, err := recordingsOf(meetings, func(raw []byte) (string, error) {
		var m struct {
			Recording struct {
				UUID string `json:"uuid"`
			} `json:"recording"`
		}
		if err := json.Unmarshal(raw, &m); err != nil {
			return "", err
		}
		return schemas.ZoomRecordingID(m.Recording.UUID)
	})
	return &stand{
		provider: schemas.Zoom, name: "Zoom", simulator: s, basePath: zoomsimulator.BasePath, recordings: recordings,
		request:   connection.Request{Credential: recorder.NewSecret(text), WebhookSecret: recorder.NewSecret(tourKey)},
		subscribe: s.Subscribe, listening: make(chan struct{}),
		end: func() int { _, fired := s.EndAll(); return fired },
	}, err
}

// recordingsOf are the ids of a folder's meetings.
func recordingsOf(folder fs.FS, id func(raw []byte) (string, error)) ([]string, error) {
	names, err := fs.Glob(folder, "*.json")
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, name := range names {
		raw, err := fs.ReadFile(folder, name)
		if err != nil {
			return nil, err
		}
		found, err := id(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		ids = append(ids, found)
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// role serves the simulator until ctx ends.
func (s *stand) role() boot.Role {
	return boot.Role{
		Name: "simulated " + s.name,
		Run: func(ctx context.Context) error {
			ln, err := listen(ctx, 0, "the simulated "+s.name)
			if err != nil {
				return err
			}
			s.address = ln.Addr().String()
			close(s.listening)
			return s.simulator.Run(ctx, ln)
		},
		Ready: func(ctx context.Context) error {
			select {
			case <-s.listening:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		},
	}
}
