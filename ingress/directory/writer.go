package directory

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
)

// Writer writes entries to the directory topic. It is safe for concurrent use.
type Writer struct {
	client  *kgo.Client
	codec   *schemas.Codec
	written prometheus.Counter
	refused prometheus.Counter
}

// NewWriter does not dial. Run or Close it.
func NewWriter(kafka []kgo.Opt, codec *schemas.Codec, metrics prometheus.Registerer) (*Writer, error) {
	client, err := kgo.NewClient(kafka...)
	if err != nil {
		return nil, fmt.Errorf("building the directory's producer: %w", err)
	}
	w := &Writer{
		client: client, codec: codec,
		written: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "leadline_directory_written_total", Help: "Entries of the directory that were written or removed.",
		}),
		refused: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "leadline_directory_refused_total", Help: "Entries of the directory that were refused.",
		}),
	}
	metrics.MustRegister(w.written, w.refused)
	return w, nil
}

// Run keeps the writer until ctx ends.
func (w *Writer) Run(ctx context.Context) error {
	<-ctx.Done()
	w.Close()
	return nil
}

// Close gives up what is not acknowledged yet.
func (w *Writer) Close() { w.client.Close() }

// Put writes the entry, in the form that is kept, which it returns, once the
// broker has acknowledged it. An error that holds a *schemas.InvalidQuery says
// what is wrong with the entry; after any other it may be there all the same,
// and putting it again changes nothing.
func (w *Writer) Put(ctx context.Context, e schemas.DirectoryEntry) (schemas.DirectoryEntry, error) {
	if err := Normalize(&e); err != nil {
		w.refused.Inc()
		return e, err
	}
	return e, w.produceSync(ctx, Key(e), &e)
}

// Remove removes the entry of that sort and id, and returns the id in the form
// that is kept. One that is not there is no error.
func (w *Writer) Remove(ctx context.Context, org, sort, id string) (string, error) {
	if err := errors.Join(schemas.CheckOrg(org), text("id", id, 1, maxKey)); err != nil {
		return id, err
	}
	if sort == schemas.SortSide {
		named := &schemas.DirectoryEntry{Org: org, Side: &schemas.Side{Name: id}}
		if err := plain(named); err != nil {
			return id, err
		}
		id = named.Side.Name
	}
	return id, w.produceSync(ctx, schemas.DirectoryKey(org, sort, id), nil)
}

// maxKey is a decision's: a meeting and a customer.
const maxKey = 1000

func (w *Writer) produceSync(ctx context.Context, key string, e *schemas.DirectoryEntry) error {
	r, err := w.record(key, e)
	if err != nil {
		return err
	}
	if err := w.client.ProduceSync(ctx, r).FirstErr(); err != nil {
		return fmt.Errorf("writing to the directory: %w", err)
	}
	w.written.Inc()
	return nil
}

func (w *Writer) record(key string, e *schemas.DirectoryEntry) (*kgo.Record, error) {
	r := &kgo.Record{Topic: schemas.Directory.Name, Key: []byte(key)}
	if e == nil {
		return r, nil
	}
	var err error
	r.Value, err = schemas.Encode(w.codec, schemas.Directory, e)
	return r, err
}

// maxRefusals are listed; all are counted.
const maxRefusals = 1000

// Import writes the good lines of a file and reports the others. It returns
// when the broker has acknowledged all; after an error the report tells what it
// had read until then, and some of that may not be there. told, which may be
// nil, hears of every line.
//
// It holds no more than what the producer has under way, some 10,000 entries,
// however long the file is.
func (w *Writer) Import(ctx context.Context, org, format string, file io.Reader, told func(lines int)) (schemas.ImportReport, error) {
	report := schemas.ImportReport{Lines: []schemas.Refusal{}}
	if err := schemas.CheckOrg(org); err != nil {
		return report, wrong("org", "%s", err)
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var flying sync.WaitGroup
	err := read(org, format, file, func(c change) error {
		if told != nil {
			told(report.Accepted + report.Refused + 1)
		}
		if c.problem != nil {
			w.refused.Inc()
			refuse(&report, c)
			return nil
		}
		r, err := w.record(c.key, c.entry)
		if err != nil {
			return err
		}
		report.Accepted++
		flying.Add(1)
		w.client.Produce(ctx, r, func(_ *kgo.Record, err error) {
			defer flying.Done()
			if err != nil {
				stop(fmt.Errorf("writing to the directory: %w", err))
				return
			}
			w.written.Inc()
		})
		return context.Cause(ctx)
	})
	if err != nil {
		stop(err)
	}
	flying.Wait()
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	return report, err
}

func refuse(report *schemas.ImportReport, c change) {
	report.Refused++
	for _, err := range causes(c.problem) {
		if len(report.Lines) == maxRefusals {
			return
		}
		refusal := schemas.Refusal{Line: c.number, Problem: err.Error()}
		if invalid := (*schemas.InvalidQuery)(nil); errors.As(err, &invalid) {
			refusal.Field, refusal.Problem = invalid.Field, invalid.Problem
		}
		report.Lines = append(report.Lines, refusal)
	}
}

// causes takes apart what errors.Join has joined.
func causes(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var all []error
	for _, e := range joined.Unwrap() {
		all = append(all, causes(e)...)
	}
	return all
}
