package poller_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"leadline/ingress/connection/connectiontest"
	"leadline/ingress/poller"
	"leadline/schemas"
)

func whole(id int64, created time.Time) []byte {
	return fmt.Appendf(nil, `{"recording_id": %d, "title": "Call", "created_at": %q, "recording_end_time": %[2]q,
		"transcript": [], "default_summary": {"template_name": "t", "markdown_formatted": "All went well."}}`, id, created.UTC().Format(time.RFC3339))
}

// left are the meetings that are still asked for, by their keys.
func (r *rig) left() map[string]schemas.PendingMeeting {
	r.T.Helper()
	left := make(map[string]schemas.PendingMeeting)
	for _, rec := range r.Read(schemas.PendingMeetings.Name) {
		if rec.Value == nil {
			delete(left, string(rec.Key))
			continue
		}
		m, err := schemas.Decode(r.Codec, schemas.PendingMeetings, rec.Value)
		if err != nil {
			r.T.Fatal(err)
		}
		left[string(rec.Key)] = *m
	}
	return left
}

// told is what was reported of a recording.
func (r *rig) told(recording string) (all []schemas.Progress) {
	r.T.Helper()
	for _, rec := range r.Read(schemas.MeetingProgress.Name) {
		if string(rec.Key) != "lanternfish/fathom/"+recording {
			continue
		}
		p, err := schemas.Decode(r.Codec, schemas.MeetingProgress, rec.Value)
		if err != nil {
			r.T.Fatal(err)
		}
		all = append(all, *p)
	}
	return all
}

// quickly asks again soon. Hourly runs, which would find the meetings, too, stay away.
func quickly(o *poller.Options) { o.AskAgain, o.Interval = 100*time.Millisecond, 1000*time.Hour }

func TestAMeetingWithoutTranscriptIsAskedForUntilItHasOne(t *testing.T) {
	t.Parallel()
	r := newRig(t, 0)
	created := time.Now()
	for id := range int64(3) {
		raw := meeting(id+1, created)
		if id == 2 {
			raw = whole(3, created)
		}
		if _, _, err := r.simulator.Put(raw, true); err != nil {
			t.Fatal(err)
		}
	}
	p, metrics := r.poller(quickly)
	stop := r.Start(p.Run)
	r.ask("connect", nil)
	r.Until("asked again in vain", func() bool { return counted(t, metrics, "leadline_poller_runs_total", "waiting") >= 2 })
	stop()
	if left := r.left(); len(left) != 2 || left["lanternfish/fathom/default/1"].Asked == 0 {
		t.Errorf("left are %+v", left)
	}
	if _, _, err := r.simulator.Put(whole(1, created), true); err != nil {
		t.Fatal(err)
	}
	restarted, metrics := r.poller(quickly)
	r.Start(restarted.Run)
	r.Until("complete", func() bool { return counted(t, metrics, "leadline_poller_completeness_total", "completed") == 1 })
	r.Until("the other is still asked for", func() bool { return r.left()["lanternfish/fathom/default/2"].Asked > 0 })
	if left := r.left(); len(left) != 1 {
		t.Errorf("left are %+v", left)
	}
	if seen := r.recordings(); seen[1] != 2 || seen[2] != 1 || seen[3] != 1 {
		t.Errorf("records by recording: %v; what brings nothing new is no record", seen)
	}
	told := r.told("1")
	if len(told) != 2 || told[0].Outcome != schemas.OutcomeWaiting || told[1].Outcome != schemas.OutcomeDone ||
		!strings.HasPrefix(told[0].Detail, "no transcript and no summary yet; asked for again until ") {
		t.Errorf("told %+v", told)
	}
	if told := r.told("3"); len(told) != 0 {
		t.Errorf("of a complete one was told %+v", told)
	}
}

func TestAtTheDeadlineAMeetingIsSaidToBeIncompleteAndLeftAlone(t *testing.T) {
	t.Parallel()
	r := newRig(t, 1)
	p, metrics := r.poller(func(o *poller.Options) { quickly(o); o.CompleteWithin = 8 * time.Second })
	r.Start(p.Run)
	r.ask("connect", nil)
	r.Until("given up", func() bool { return counted(t, metrics, "leadline_poller_completeness_total", "incomplete") == 1 })
	told := r.told("1")
	if len(told) != 2 || told[1].Outcome != schemas.OutcomeIncomplete || told[1].Stage != poller.Group ||
		!strings.HasPrefix(told[1].Detail, "no transcript and no summary after it was asked for ") {
		t.Errorf("told %+v", told)
	}
	if left := r.left(); len(left) != 0 || counted(t, metrics, "leadline_poller_runs_total", "waiting") == 0 {
		t.Errorf("left are %+v", left)
	}
	// A later run reads it again, and neither waits for it nor says it twice.
	r.ask("cron", nil)
	r.Until("read again", func() bool { return counted(t, metrics, "leadline_poller_runs_total", "complete") == 2 })
	if told := r.told("1"); len(told) != 2 || len(r.left()) != 0 {
		t.Errorf("told %+v", told)
	}
}

func TestAMeetingThatHasGoneIsAskedForNoLongerThanOthers(t *testing.T) {
	t.Parallel()
	r := newRig(t, 0)
	// By a clock that is ahead: what it waits for begins when it is first read, however long that takes here.
	if _, _, err := r.simulator.Put(meeting(1, time.Now().Add(time.Hour)), true); err != nil {
		t.Fatal(err)
	}
	p, metrics := r.poller(func(o *poller.Options) { quickly(o); o.CompleteWithin = time.Second })
	r.Start(p.Run)
	r.calls.refusing(func(query string) int {
		if strings.Contains(query, "created_before") {
			return 404
		}
		return 0
	})
	r.ask("connect", nil)
	r.Until("given up", func() bool { return counted(t, metrics, "leadline_poller_completeness_total", "incomplete") == 1 })
	if told := r.told("1"); len(told) != 2 || !strings.HasSuffix(told[1].Detail, "; the last answer: gone") {
		t.Errorf("told %+v", told)
	}
}

func TestNobodyIsAskedForAPausedConnectionAndNothingIsKeptOfOneThatEnded(t *testing.T) {
	t.Parallel()
	r := newRig(t, 1)
	p, metrics := r.poller(func(o *poller.Options) { quickly(o); o.AskAgain = time.Second })
	r.Start(p.Run)
	r.ask("connect", nil)
	r.untilComplete(1)
	c, _ := r.connection()
	c.Ingest = false
	connectiontest.Put(r.Rig, schemas.Connections, "lanternfish/fathom/default", &c)
	due := r.left()["lanternfish/fathom/default/1"].AskAt
	r.Until("it would have been asked for", func() bool { return time.Since(due) > 500*time.Millisecond })
	if n := r.calls.count(); n != 1 || len(r.left()) != 1 {
		t.Errorf("%d calls, left are %v", n, r.left())
	}
	ended := time.Now()
	c.DisconnectedAt = &ended
	connectiontest.Put(r.Rig, schemas.Connections, "lanternfish/fathom/default", &c)
	r.Until("forgotten", func() bool { return len(r.left()) == 0 })
	if n := counted(t, metrics, "leadline_poller_runs_total", "waiting"); n != 0 {
		t.Errorf("%v questions", n)
	}
}
