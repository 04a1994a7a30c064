package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"leadline/deploy/evaluation"
	"leadline/schemas"
	"leadline/sinks/elasticsearch"
	"leadline/sinks/embedded"
	"leadline/sinks/sink"
)

type evalCommand struct {
	Search  evalSearchCommand  `cmd:"" help:"Ask questions whose answers are known, and count how often the search finds them."`
	Distill evalDistillCommand `cmd:"" help:"Count what the local distiller finds in labelled passages."`
}

type evalSearchCommand struct {
	storeFlags
	embeddingFlags
	JSON bool `name:"json" help:"One JSON object and nothing else."`
}

// Help shows examples.
func (*evalSearchCommand) Help() string {
	return `--data names the set: meetings/*.json as Fathom delivers them, directory.json, queries.jsonl with recording_id,
company_id, query and relevant_turns on each line. The meetings go through the whole pipeline into a data directory and
indices of their own, which are removed at the end. Every question is asked in the scope of its customer and of all.
With --url a Leadline that runs is asked, on whatever stores, which has the meetings already; nothing is changed there.

Examples:
  leadline eval search --data ../shared/data/qmsum
  ELASTICSEARCH_URL=http://127.0.0.1:9200 leadline eval search --data ../shared/data/qmsum --json
  leadline eval search --data ../shared/data/qmsum --url https://leadline.example.com --api-token ... --org main`
}

// evalOrg is whose the meetings of a set are.
const evalOrg = "eval"

// Run ingests, asks and prints.
func (c *evalSearchCommand) Run(ctx context.Context, g *Globals) (err error) {
	set, err := evaluation.Open(g.Data)
	if err != nil {
		return &usageError{fmt.Errorf("--data: %w", err)}
	}
	began := time.Now()
	var report evaluation.Report
	var ingested time.Duration
	if g.URL != "" {
		report, err = measureRunning(ctx, g, set)
	} else {
		report, ingested, err = c.measureOwn(ctx, g, set)
	}
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(os.Stdout).Encode(report)
	}
	fmt.Printf("%d questions; ingested in %.1f s, asked in %.1f s\n", len(set.Questions), ingested.Seconds(), (time.Since(began) - ingested).Seconds())
	return printReport(os.Stdout, report)
}

// measureOwn takes the set into stores of its own first.
func (c *evalSearchCommand) measureOwn(ctx context.Context, g *Globals, set *evaluation.Set) (report evaluation.Report, ingested time.Duration, err error) {
	dir, err := os.MkdirTemp("", "leadline-eval-*")
	if err != nil {
		return report, 0, fmt.Errorf("making a data directory: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	began := time.Now()
	if err := ingestSet(ctx, g, set, dir); err != nil {
		return report, 0, fmt.Errorf("ingesting the set: %w", err)
	}
	store, err := embedded.Open(ctx, storeFile(dir))
	if err != nil {
		return report, 0, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	p := newPlant(g)
	vectors, err := c.embeddingFlags.open(p)
	if err != nil {
		return report, 0, err
	}
	if err := vectors.embed(ctx, p, store); err != nil {
		return report, 0, fmt.Errorf("embedding the entries: %w", err)
	}
	if err := store.Warm(ctx); err != nil {
		return report, 0, err
	}
	var searcher evaluation.Searcher = store
	if len(c.Elasticsearch) > 0 {
		knowledge, remove, err := c.copied(ctx, store, vectors)
		if err != nil {
			return report, 0, err
		}
		defer remove()
		searcher = knowledge
	}
	ingested = time.Since(began)
	report, err = set.Measure(ctx, evalOrg, searcher)
	return report, ingested, err
}

func printReport(w io.Writer, r evaluation.Report) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "scope\thit@1\thit@5\thit@10\tmrr@10\tp50 ms\tp99 ms")
	for _, row := range []struct {
		scope string
		evaluation.Measurement
	}{{"customer", r.Customer}, {"all", r.All}} {
		fmt.Fprintf(t, "%s\t%.3f\t%.3f\t%.3f\t%.3f\t%.1f\t%.1f\n", row.scope, row.Hit1, row.Hit5, row.Hit10, row.MRR10, row.P50, row.P99)
	}
	return t.Flush()
}

// ingestSet runs the whole product on the directory until everything is in the
// stores: what is measured is what users get.
func ingestSet(ctx context.Context, g *Globals, set *evaluation.Set, dir string) error {
	up := upCommand{
		Partitions: 4, MaxLog: 1024, polling: polling{PollInterval: time.Hour}, Timeout: 10 * time.Minute,
		Demo: true, Once: true, Meetings: set.Meetings, Directory: set.Directory,
		// Only passages of transcripts are asked for, and distilling takes most of the time.
		distillerFlags: distillerFlags{Distiller: "none"},
	}
	own := *g
	own.Data, own.Org = dir, evalOrg
	return up.run(ctx, &own, io.Discard)
}

// copied puts the entries into indices of this run's own.
func (c *evalSearchCommand) copied(ctx context.Context, from *embedded.Store, vectors *embeddings) (_ *elasticsearch.Store, remove func(), err error) {
	name := fmt.Sprintf("leadline-eval-%x", time.Now().UnixNano())
	to, err := c.named(name)
	if err != nil {
		return nil, nil, &usageError{err}
	}
	remove = func() {
		if err := to.Drop(context.WithoutCancel(ctx)); err != nil {
			fmt.Fprintln(os.Stderr, "leadline: removing the indices of "+name+":", err)
		}
	}
	if err := to.Prepare(ctx); err != nil {
		remove()
		return nil, nil, err
	}
	vectors.ask(to)
	if err := copyEntries(ctx, from, to, vectors); err != nil {
		remove()
		return nil, nil, fmt.Errorf("copying the entries to Elasticsearch: %w", err)
	}
	return to, remove, nil
}

func copyEntries(ctx context.Context, from *embedded.Store, to *elasticsearch.Store, vectors *embeddings) error {
	err := eachMeeting(ctx, from, func(b sink.Batch[schemas.Entry]) error {
		return errors.Join(to.EntrySink().Write(ctx, b), vectors.copy(ctx, from, to, b))
	})
	return errors.Join(err, to.Refresh(ctx), vectors.serve(ctx, to))
}

// eachMeeting calls do with the entries of each meeting.
func eachMeeting(ctx context.Context, from *embedded.Store, do func(sink.Batch[schemas.Entry]) error) error {
	scope := schemas.Scope{Org: evalOrg, HeldBack: true}
	for before, more := "", true; more; {
		page, err := from.Meetings(ctx, schemas.MeetingQuery{Scope: scope, Limit: 500, Before: before})
		if err != nil {
			return err
		}
		for _, m := range page {
			entries, err := from.MeetingEntries(ctx, scope, m.Row.ID)
			if err != nil {
				return err
			}
			batch := make(sink.Batch[schemas.Entry], len(entries))
			for i, e := range entries {
				batch[i] = sink.Row[schemas.Entry]{Key: schemas.EntryKey(m.Row.ID, e.Entry.ID), Version: e.Version, Value: &e.Entry}
			}
			if err := do(batch); err != nil {
				return err
			}
			before = m.Row.ID
		}
		more = len(page) == 500
	}
	return nil
}
