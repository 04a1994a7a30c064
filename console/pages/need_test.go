package pages_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"leadline/console/hops"
	"leadline/console/pages"
	"leadline/schemas"
	"leadline/sinks/embedded"
	"leadline/sinks/sink"
)

// hopsAt are as somebody would find them.
type hopsAt []hops.Hop

func (h hopsAt) Hops(context.Context) ([]hops.Hop, error) {
	if h == nil {
		return nil, errors.New("away")
	}
	return h, nil
}

// calm has one connection, and nothing is wrong with it.
type calm struct{ *recorders }

func (c calm) Connections(ctx context.Context, org string) ([]schemas.ConnectionStatus, error) {
	all, err := c.recorders.Connections(ctx, org)
	for i := range all {
		all[i].Problems = nil
	}
	return all, err
}

func TestTheFlowSaysFirstWhatNeedsSomebody(t *testing.T) {
	t.Parallel()
	const none = "Nothing needs you"
	good := hops.Hop{Name: "match", Topic: "meetings.normalized.v1", Members: 1}
	behind, unread, quick := good, good, good
	behind.Behind, behind.Oldest = 9, 2*time.Minute
	unread.Behind, unread.Members = 9, 0
	quick.Behind, quick.Oldest = 9, 2*time.Second
	for name, of := range map[string]struct {
		hops    hopsAt
		trouble bool
		want    string
	}{
		"all is well": {hopsAt{good}, false, none}, "work under way": {hopsAt{quick}, false, none},
		"a hop that is behind":    {hopsAt{good, behind}, false, "match does not keep up with meetings.normalized.v1"},
		"a hop without a process": {hopsAt{unread}, false, "Nobody reads meetings.normalized.v1"}, "no Kafka": {nil, false, "is not known"},
		"a connection with a problem": {hopsAt{good}, true, "Fathom, default: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRigWith(t, func(o *pages.Options) {
				o.Hops = of.hops
				if !of.trouble {
					o.Connections = calm{o.Connections.(*recorders)}
				}
			}).signIn()
			tree, _ := r.read("/flow")
			said := textOf(all(tree, "main")[0])
			if !strings.Contains(said, of.want) || strings.Contains(said, none) != (of.want == none) {
				t.Errorf("the page says %.400s", said)
			}
		})
	}
}

// What failed stays failed when it has been replayed, so it is no call for help; but it is not nothing.
func TestTheFlowDoesNotPassOverWhatFailed(t *testing.T) {
	t.Parallel()
	r := newRigWith(t, func(o *pages.Options) {
		o.Hops = hopsAt{{Name: "match", Topic: "meetings.normalized.v1", Members: 1, Behind: 3}}
		o.Connections = calm{o.Connections.(*recorders)}
		write(t, o.Store.(*embedded.Store).ProgressSink(), sink.Row[schemas.Progress]{Key: "refused", Version: 1, Value: &schemas.Progress{
			MeetingID: schemas.MeetingID(org, schemas.Fathom, "refused"), Org: org, Stage: "normalize", Outcome: schemas.OutcomeRejected, At: began, Topic: "t", Offset: 9,
		}})
	}).signIn()
	tree, _ := r.read("/flow")
	said := textOf(all(tree, "main")[0])
	for _, want := range []string{"1 record failed", "replay what can be processed now", "not known yet"} {
		if !strings.Contains(said, want) {
			t.Errorf("the page does not say %q: %.600s", want, said)
		}
	}
	if strings.Contains(said, "Nothing needs you") {
		t.Errorf("the page says %.400s", said)
	}
}
