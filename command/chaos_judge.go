package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/deploy/chaos"
	"leadline/ingress/fathom/simulator"
	"leadline/schemas"
)

// settleTime is how long the last records may take after everything is mended,
// and an undisturbed Leadline for all of them: more of a longer campaign.
func settleTime(campaign time.Duration) time.Duration { return 5*time.Minute + campaign/4 }

// settle asks for a sync of all there is, and waits until the stores hold it.
func (s *chaosSite) settle(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.settles)
	defer cancel()
	// The first may join one that is under way, and has read some pages before their meetings were edited.
	for range 2 {
		// A registry that was just killed may not have read its log yet, and a command that finds no schema ends.
		if err := chaos.Until(ctx, time.Minute, func() error { return s.command(ctx, nil, "sync", "--since", "2020-01-01", "--watch") }); err != nil {
			return err
		}
	}
	want, err := s.undisturbed(ctx)
	if err != nil {
		return fmt.Errorf("running an undisturbed Leadline: %w", err)
	}
	s.want = want
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		if differences, err := s.differences(ctx); err == nil && len(differences) == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil // the judge says what is missing
		case <-tick.C:
		}
	}
}

// judge says what is not as it should be.
func (s *chaosSite) judge(ctx context.Context) ([]string, error) {
	differences, err := s.differences(ctx)
	if err != nil {
		return nil, err
	}
	unaccounted, err := s.unaccounted(ctx)
	return append(differences, unaccounted...), err
}

func (s *chaosSite) differences(ctx context.Context) ([]string, error) {
	got, err := s.contents(ctx)
	return chaos.Differences(got, s.want), err
}

// undisturbed is what another Leadline makes of the same recorder.
func (s *chaosSite) undisturbed(ctx context.Context) (_ map[string]string, err error) {
	quiet := &chaosSite{
		engines: "embedded", org: s.org, dir: filepath.Join(s.dir, "undisturbed"), distiller: s.distiller, source: s.source, say: s.say,
	}
	p, err := quiet.alone(quiet.dir, "")
	if err != nil {
		return nil, err
	}
	quiet.processes, quiet.api, quiet.token = append(quiet.processes, p.process), "http://"+p.address, p.token
	quiet.env = []string{"LEADLINE_DATA=" + quiet.dir}
	defer p.process.End()
	if err := quiet.begin(ctx); err != nil {
		return nil, err
	}
	if err := quiet.command(ctx, []string{"FATHOM_API_KEY=" + chaosKey}, "connect", "fathom", "--look-back", "all",
		"--base-url", "http://"+s.source.address+simulator.BasePath); err != nil {
		return nil, err
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for last := -1; ; {
		got, err := quiet.contents(ctx)
		if err == nil {
			// It has come to rest: all there, and as much as a second ago.
			if len(got) == last && len(got) >= len(s.source.ended()) && quiet.atRest(ctx) {
				return got, nil
			}
			last = len(got)
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), err)
		case <-tick.C:
		}
	}
}

// atRest says whether what one stage did the next one has done, too.
func (s *chaosSite) atRest(ctx context.Context) bool {
	client, err := s.client()
	if err != nil {
		return false
	}
	tally, err := client.Tally(ctx, s.org)
	p := tally.Progress
	return err == nil && p["match/done"] == p["distill/done"] && p["distill/done"] == p["index/done"]+p["index/duplicate"] &&
		total(tally.Meetings) == len(s.source.ended())
}

// contents is what both stores hold, by meeting and by entry. Left out is what
// depends on the way and not on the meeting: versions, times of arrival, the
// path through the stages.
func (s *chaosSite) contents(ctx context.Context) (map[string]string, error) {
	client, err := s.client()
	if err != nil {
		return nil, err
	}
	all := make(map[string]string)
	scope := schemas.Scope{Org: s.org, HeldBack: true}
	for before := ""; ; {
		page, err := client.Meetings(ctx, schemas.MeetingQuery{Scope: scope, Limit: 500, Before: before})
		if err != nil {
			return nil, err
		}
		for _, m := range page {
			detail, err := client.Meeting(ctx, scope, m.ID)
			if err != nil {
				return nil, err
			}
			if detail.Entries != len(detail.EntryList) {
				return nil, fmt.Errorf("%s has %d entries and lists %d", m.ID, detail.Entries, len(detail.EntryList))
			}
			for _, e := range detail.EntryList {
				if _, twice := all[e.EntryID]; twice {
					return nil, fmt.Errorf("%s is there twice", e.EntryID)
				}
				text, err := json.Marshal(e)
				if err != nil {
					return nil, err
				}
				all[e.EntryID] = string(text)
			}
			detail.Version, detail.Stages, detail.EntryList = 0, nil, nil
			text, err := json.Marshal(detail)
			if err != nil {
				return nil, err
			}
			all[m.ID] = string(text)
		}
		if len(page) < 500 {
			return all, nil
		}
		before = page[len(page)-1].ID
	}
}

// unaccounted compares the raw topic with what the progress table says became
// of its records, and of those that are poisoned.
func (s *chaosSite) unaccounted(ctx context.Context) ([]string, error) {
	if err := s.readRaw(ctx); err != nil {
		return nil, err
	}
	client, err := s.client()
	if err != nil {
		return nil, err
	}
	tally, err := client.Tally(ctx, s.org)
	if err != nil {
		return nil, err
	}
	var all []string
	told, stage := 0, "normalize/"
	for what, n := range tally.Progress {
		if strings.HasPrefix(what, stage) {
			told += n
		}
	}
	if told != s.records {
		all = append(all, fmt.Sprintf("%d raw records, of which the progress table accounts for %d", s.records, told))
	}
	if n := tally.Progress[stage+schemas.OutcomeRejected]; n != s.poisoned {
		all = append(all, fmt.Sprintf("%d poisoned records, and %d dead letters told of", s.poisoned, n))
	}
	return all, nil
}

// readRaw counts the organisation's records of the raw topic.
func (s *chaosSite) readRaw(ctx context.Context) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(s.brokers...), kgo.ConsumeTopics(schemas.RawMeetings.Name),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords())
	if err != nil {
		return err
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	starts, err := admin.ListStartOffsets(ctx, schemas.RawMeetings.Name)
	if err != nil {
		return err
	}
	ends, err := admin.ListCommittedOffsets(ctx, schemas.RawMeetings.Name)
	if err != nil {
		return err
	}
	left := make(map[int32]int64)
	ends.Each(func(o kadm.ListedOffset) {
		if start, _ := starts.Lookup(o.Topic, o.Partition); o.Offset > start.Offset {
			left[o.Partition] = o.Offset
		}
	})
	s.records, s.poisoned = 0, 0
	for len(left) > 0 {
		fetches := client.PollFetches(ctx)
		if err := errors.Join(ctx.Err(), fetches.Err()); err != nil {
			return fmt.Errorf("reading %s: %w", schemas.RawMeetings.Name, err)
		}
		for _, r := range fetches.Records() {
			if r.Offset+1 >= left[r.Partition] {
				delete(left, r.Partition)
			}
			if r.Attrs.IsControl() || string(r.Key) != s.org {
				continue
			}
			s.records++
			if strings.HasPrefix(string(r.Value), poisoned) {
				s.poisoned++
			}
		}
	}
	return nil
}
