package command

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kadm"

	"leadline/deploy/boot"
	"leadline/schemas"
)

type schemasCommand struct {
	Register schemasRegisterCommand `cmd:"" help:"Register this build's schemas; at deployment, before the roles start."`
	Check    schemasCheckCommand    `cmd:"" help:"Say whether the registry has what this build writes."`
}

type schemasRegisterCommand struct{ cluster }

// Help shows an example.
func (*schemasRegisterCommand) Help() string {
	return `Example:
  SCHEMA_REGISTRY_URL=http://registry:8081 KAFKA_BROKERS=kafka:9092 leadline schemas register`
}

// Run registers.
func (c *schemasRegisterCommand) Run(ctx context.Context) error {
	registry, err := c.registry()
	if err != nil {
		return &usageError{err}
	}
	n, err := boot.RegisterSchemas(ctx, registry)
	if err != nil {
		return err
	}
	fmt.Printf("%d schemas registered.\n", n)
	return nil
}

type schemasCheckCommand struct{ cluster }

// Help shows an example.
func (*schemasCheckCommand) Help() string { return "Example:\n  leadline schemas check" }

// Run checks.
func (c *schemasCheckCommand) Run(ctx context.Context) error {
	registry, err := c.registry()
	if err != nil {
		return &usageError{err}
	}
	if _, err := schemas.OpenCodec(ctx, registry); err != nil {
		return err
	}
	fmt.Println("The registry has every schema of this build.")
	return nil
}

type topicsCommand struct {
	Ensure topicsEnsureCommand `cmd:"" help:"Make the topics that are missing and check the others."`
	Check  topicsCheckCommand  `cmd:"" help:"Say whether the brokers and the topics are as this build wants them."`
	List   topicsListCommand   `cmd:"" help:"List the topics and what they hold."`
}

type topicsEnsureCommand struct {
	cluster
	layoutFlags
}

// Help shows an example.
func (*topicsEnsureCommand) Help() string {
	return `Example:
  leadline topics ensure --partitions 24 --replication 3`
}

// Run makes and checks.
func (c *topicsEnsureCommand) Run(ctx context.Context, g *Globals) error {
	return c.onTopics(ctx, g, &c.cluster, func(admin *kadm.Client, specs []schemas.Spec, layout boot.Layout) error {
		if err := boot.EnsureTopics(ctx, admin, specs, layout); err != nil {
			return err
		}
		fmt.Printf("%d topics are as they should be.\n", len(specs))
		return nil
	})
}

type topicsListCommand struct{}

// Help says what for.
func (*topicsListCommand) Help() string {
	return "For whoever writes ACLs, or reads our topics.\n\nExample:\n  leadline topics list"
}

// Run lists.
func (*topicsListCommand) Run() error {
	for _, s := range schemas.Topics() {
		cleanup := "delete"
		if s.Compacted {
			cleanup = "compact"
		}
		fmt.Printf("%-32s %-8s %s\n", s.Name, cleanup, s.Holds)
	}
	return nil
}
