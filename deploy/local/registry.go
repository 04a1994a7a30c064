package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/twmb/avro"
	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"
)

// maxSchemaBytes bounds a request; the largest schema here is a few KB.
const maxSchemaBytes = 1 << 20

// registry serves the manifest over the Confluent Schema Registry API, read-only. The fake registry behind it keeps everything in
// memory: what a client registered would be gone at the next start, and its id would go to another schema.
type registry struct {
	server   *http.Server
	listener net.Listener
	done     chan struct{}
}

func openRegistry(ctx context.Context, m manifest, port int, log *slog.Logger) (*registry, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, fmt.Errorf("opening the schema registry: %w", err)
	}
	r := &registry{
		server: &http.Server{
			Handler:           registryHandler(m),
			ReadHeaderTimeout: 5 * time.Second,
			ReadTimeout:       10 * time.Second,
			WriteTimeout:      30 * time.Second,
			ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		},
		listener: listener,
		done:     make(chan struct{}),
	}
	go func() {
		defer close(r.done)
		if err := r.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Error("schema registry stopped", "error", err)
		}
	}()
	return r, nil
}

func (r *registry) url() string { return "http://" + r.listener.Addr().String() }

// close waits for requests in flight, which only read memory, for at most two seconds.
func (r *registry) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	err := r.server.Shutdown(ctx)
	if err != nil {
		err = errors.Join(fmt.Errorf("stopping the schema registry: %w", err), r.server.Close())
	}
	<-r.done
	return err
}

// registryHandler passes reads on, and answers itself what the fake would answer wrongly.
func registryHandler(m manifest) http.Handler {
	fake := srfake.NewRegistry(srfake.WithGlobalCompat(sr.CompatBackward))
	for _, entries := range m {
		for _, e := range entries {
			fake.SeedSchema(e.Subject, e.Version, e.ID, sr.Schema{Schema: e.Text})
		}
	}
	reads := fake.Handler()
	mux := http.NewServeMux()
	mux.Handle("GET /", reads)
	mux.Handle("POST /subjects/{subject}", reads)
	mux.HandleFunc("POST /subjects/{subject}/versions", m.register)
	mux.HandleFunc("POST /compatibility/subjects/{subject}/versions", m.checkCompatibility)
	mux.HandleFunc("POST /compatibility/subjects/{subject}/versions/{version}", m.checkCompatibility)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { refuseWrite(w) })
	return mux
}

// refuseWrite answers as the Confluent registry does in read-only mode (error code 42205).
func refuseWrite(w http.ResponseWriter) {
	registryError(w, http.StatusForbidden, sr.ErrOperationNotPermitted.Code,
		"this schema registry is read-only: its schemas are built into the program")
}

func registryError(w http.ResponseWriter, status, code int, message string) {
	registryAnswer(w, status, map[string]any{"error_code": code, "message": message})
}

func registryAnswer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/vnd.schemaregistry.v1+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // The client is gone; there is nobody to tell.
}

type schemaRequest struct {
	Schema  string `json:"schema"`
	Type    string `json:"schemaType"`
	ID      int    `json:"id"`
	Version int    `json:"version"`
}

func readSchema(w http.ResponseWriter, r *http.Request) (req schemaRequest, ok bool) {
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxSchemaBytes)).Decode(&req)
	if err != nil || req.Type != "" && req.Type != "AVRO" {
		registryError(w, http.StatusUnprocessableEntity, sr.ErrInvalidSchema.Code, "the body must be an object with an Avro schema")
		return req, false
	}
	return req, true
}

// register answers with the id of a schema that the subject already has, because the same code registers its schemas at start on
// a real registry, and refuses any other.
func (m manifest) register(w http.ResponseWriter, r *http.Request) {
	req, ok := readSchema(w, r)
	if !ok {
		return
	}
	compact, err := compactJSON(req.Schema)
	if err == nil {
		for _, e := range m[r.PathValue("subject")] {
			if e.compact == compact && (req.ID < 1 || req.ID == e.ID) && (req.Version < 1 || req.Version == e.Version) {
				registryAnswer(w, http.StatusOK, map[string]int{"id": e.ID})
				return
			}
		}
	}
	refuseWrite(w)
}

// checkCompatibility compares a schema with one version or with all of them: data written with the old must be readable with the
// new, which is what BACKWARD means. The fake says yes to everything.
func (m manifest) checkCompatibility(w http.ResponseWriter, r *http.Request) {
	req, ok := readSchema(w, r)
	if !ok {
		return
	}
	reader, err := avro.Parse(req.Schema)
	if err != nil {
		registryError(w, http.StatusUnprocessableEntity, sr.ErrInvalidSchema.Code, "the schema is not valid Avro")
		return
	}
	writers := m[r.PathValue("subject")]
	if len(writers) == 0 {
		registryError(w, http.StatusNotFound, sr.ErrSubjectNotFound.Code, "subject not found")
		return
	}
	switch v := r.PathValue("version"); v {
	case "":
	case "latest", "-1":
		writers = writers[len(writers)-1:]
	default:
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > len(writers) {
			registryError(w, http.StatusNotFound, sr.ErrVersionNotFound.Code, "version not found")
			return
		}
		writers = writers[n-1 : n]
	}
	messages := []string{}
	for _, e := range writers {
		if err := avro.CheckCompatibility(e.parsed, reader); err != nil {
			messages = append(messages, fmt.Sprintf("version %d: %v", e.Version, err))
		}
	}
	registryAnswer(w, http.StatusOK, map[string]any{"is_compatible": len(messages) == 0, "messages": messages})
}
