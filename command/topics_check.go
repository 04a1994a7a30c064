package command

import (
	"context"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/deploy/boot"
	"leadline/schemas"
)

// layoutFlags say how topics are to be.
type layoutFlags struct {
	Partitions  int32 `env:"LEADLINE_PARTITIONS" default:"12" help:"Partitions of each topic. They cannot be changed later."`
	Replication int16 `env:"LEADLINE_REPLICATION" default:"3" help:"Copies of each partition; one broker takes 1."`
}

// onTopics does something with the brokers, which suffice, and the layout.
func (f layoutFlags) onTopics(ctx context.Context, g *Globals, c *cluster, do func(*kadm.Client, []schemas.Spec, boot.Layout) error) error {
	if f.Partitions < 1 || f.Replication < 1 {
		return &usageError{errors.New("--partitions and --replication: want 1 or more")}
	}
	opts, err := c.kafka(g)
	if err != nil {
		return &usageError{err}
	}
	if err := boot.Reach(ctx, opts); err != nil {
		return err
	}
	client, err := kgo.NewClient(opts...)
	if err != nil {
		return fmt.Errorf("building the admin client: %w", err)
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	if err := boot.CheckBroker(ctx, admin); err != nil {
		return err
	}
	return do(admin, schemas.Topics(), boot.KafkaLayout(f.Partitions, f.Replication))
}

type topicsCheckCommand struct {
	cluster
	layoutFlags
}

// Help shows an example.
func (*topicsCheckCommand) Help() string {
	return `Prints one line for each thing that is not as this build wants it, with what to do, and then ends with 1. Changes nothing.

Example:
  leadline topics check --partitions 24 --replication 3`
}

// Run checks.
func (c *topicsCheckCommand) Run(ctx context.Context, g *Globals) error {
	return c.onTopics(ctx, g, &c.cluster, func(admin *kadm.Client, specs []schemas.Spec, layout boot.Layout) error {
		problems, err := boot.CheckTopics(ctx, admin, specs, layout)
		for _, p := range problems {
			fmt.Println(p)
		}
		switch {
		case err != nil:
			return err
		case len(problems) > 0:
			return fmt.Errorf("%d things about the topics are not as they should be", len(problems))
		}
		fmt.Printf("%d topics are as they should be.\n", len(specs))
		return nil
	})
}
