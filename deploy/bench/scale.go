package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"leadline/deploy/boot"
)

// scale measures two processes of the stages beside one, each of which runs for
// a share of the time. An embedded broker is of one process, and has no second.
func (b *bench) scale(ctx context.Context) error {
	if b.Environment == nil && slices.Contains(b.Only, "scale") {
		return errors.New("scale: two processes want a real broker, the embedded one is within a process")
	}
	if b.Binary == "" || b.Environment == nil {
		return nil
	}
	name := fmt.Sprintf("two processes beside one, %d meetings of %d KB", b.Meetings, b.Size>>10)
	if b.Share < 1 {
		name += fmt.Sprintf(", each for %.0f%% of the time", 100*b.Share)
	}
	_, err := b.measure(ctx, []metric{{name: name, unit: "meeting/s", rate: true, goal: 1.7}}, b.processes(2), b.processes(1))
	return err
}

// processes gives a burst to so many that share the partitions. They are stopped
// while it is written, so that all of it waits when they begin.
func (b *bench) processes(n int) side {
	return func(ctx context.Context) (values []float64, err error) {
		err = b.several(ctx, n, nil, func(all []*program) error {
			if err := b.shared(ctx, n); err != nil {
				return err
			}
			// Connections are made and caches filled by the first few.
			first := b.Meetings/4 + 1
			if err := b.give(ctx, b.Site, first, b.Size, first, nil); err != nil {
				return err
			}
			for _, p := range all {
				defer p.release(1) // or it could not even end
				if err := p.hold(); err != nil {
					return err
				}
			}
			var began time.Time
			err := b.await(ctx, b.Site, b.Meetings, func(ctx context.Context) error {
				if err := b.give(ctx, b.Site, b.Meetings, b.Size, 0, nil); err != nil {
					return err
				}
				began = time.Now()
				for _, p := range all {
					p.release(b.Share)
				}
				return nil
			})
			values = []float64{float64(b.Meetings) / time.Since(began).Seconds()}
			return err
		})
		return values, errors.Join(err, b.depart(ctx, n))
	}
}

// several runs n programs while do runs.
func (b *bench) several(ctx context.Context, n int, so []*program, do func([]*program) error) error {
	if len(so) == n {
		return do(so)
	}
	return b.run(ctx, func(p *program) error { return b.several(ctx, n, append(so, p), do) })
}

// depart takes programs that have ended out of their groups, which would keep
// their places for 45 s.
func (b *bench) depart(ctx context.Context, n int) error {
	var names []string
	for i := range n {
		names = append(names, b.replica(i+1))
	}
	return b.administer(func(admin *kadm.Client) error {
		groups, err := b.groups(ctx, admin)
		if err != nil {
			return err
		}
		for _, g := range groups {
			if _, err := admin.LeaveGroup(ctx, kadm.LeaveGroup(g.Group).InstanceIDs(names...).Reason("the program has ended")); err != nil {
				return fmt.Errorf("leaving group %s: %w", g.Group, err)
			}
		}
		return nil
	})
}

// shared waits until every group has so many members and has dealt its
// partitions to them: what one process alone still does would not count for two.
func (b *bench) shared(ctx context.Context, members int) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	again := time.NewTicker(200 * time.Millisecond)
	defer again.Stop()
	return b.administer(func(admin *kadm.Client) error {
		for {
			wanting, err := b.unshared(ctx, admin, members)
			if err != nil {
				return err
			}
			if wanting == "" {
				return nil
			}
			select {
			case <-again.C:
			case <-ctx.Done():
				return fmt.Errorf("waiting for groups of %d members: %s", members, wanting)
			}
		}
	})
}

// unshared says which group has not so many members yet; "": none.
func (b *bench) unshared(ctx context.Context, admin *kadm.Client, members int) (string, error) {
	groups, err := b.groups(ctx, admin)
	if err != nil {
		return "", err
	}
	if len(groups) == 0 {
		return "there is none", nil
	}
	for _, g := range groups {
		if g.State != "Stable" || len(g.Members) != members {
			return fmt.Sprintf("%s is %s and has %d", g.Group, g.State, len(g.Members)), nil
		}
	}
	return "", nil
}

// groups are those of the stages that have members: others use this broker too.
func (b *bench) groups(ctx context.Context, admin *kadm.Client) ([]kadm.DescribedGroup, error) {
	all, err := admin.DescribeGroups(ctx)
	if err = errors.Join(err, all.Error()); err != nil {
		return nil, fmt.Errorf("asking for the groups: %w", err)
	}
	return slices.DeleteFunc(all.Sorted(), func(g kadm.DescribedGroup) bool {
		return len(g.Members) == 0 || !slices.ContainsFunc(b.Processors, func(stage boot.Role) bool { return stage.Name == g.Group })
	}), nil
}
