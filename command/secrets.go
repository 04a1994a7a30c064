package command

import (
	"context"
	"fmt"

	"leadline/ingress/connection"
)

type secretsCommand struct {
	List   secretsListCommand   `cmd:"" help:"List the keys of the keyset, and how many connections are sealed with each."`
	Rotate secretsRotateCommand `cmd:"" help:"Seal the secrets of all connections with a new key."`
}

// keysetFile is the keyset that a command changes.
type keysetFile struct {
	KeysetFile string `env:"LEADLINE_KEYSET_FILE" type:"path" help:"File that holds the keyset. Default: that of --data."`
}

func (k keysetFile) path(data string) string {
	if k.KeysetFile != "" {
		return k.KeysetFile
	}
	return keysFile(data)
}

type secretsListCommand struct {
	cluster
	keysetFile
}

// Help shows an example.
func (*secretsListCommand) Help() string { return "Example:\n  leadline secrets list" }

// Run lists.
func (c *secretsListCommand) Run(ctx context.Context, g *Globals) error {
	r, err := c.reach(ctx, g)
	if err != nil {
		return err
	}
	keys, err := connection.Keys(c.path(g.Data))
	if err != nil {
		return err
	}
	return atDesk(ctx, g, r, nil, func(_ context.Context, d *desk) error {
		uses := d.uses()
		for _, k := range keys {
			what := ""
			if k.Primary {
				what = ", seals what is new"
			}
			fmt.Printf("%010d: %d connections%s\n", k.ID, uses[k.ID], what)
		}
		return nil
	})
}

// uses counts the connections whose secrets are sealed with each key.
func (d *desk) uses() map[uint32]int {
	uses := make(map[uint32]int)
	for _, c := range d.table.All() {
		for _, id := range connection.SealedWith(c) {
			uses[id]++
		}
	}
	return uses
}

type secretsRotateCommand struct {
	cluster
	keysetFile
	Prepare bool `help:"Only add the key: for processes with copies of the keyset, which must have it before anything is sealed with it."`
}

// Help shows examples.
func (*secretsRotateCommand) Help() string {
	return `Nothing has to be stopped: processes read the file again when they meet a key that they do not know. Where they have copies
of it, prepare the key first, distribute the file, rotate, and distribute it once more. The key before the last one is dropped.

Examples:
  leadline secrets rotate
  leadline secrets rotate --prepare && distribute keys.json && leadline secrets rotate`
}

// Run rotates.
func (c *secretsRotateCommand) Run(ctx context.Context, g *Globals) error {
	path := c.path(g.Data)
	if c.Prepare {
		id, err := connection.PrepareKey(path)
		if err != nil {
			return err
		}
		fmt.Printf("Key %010d is prepared in %s.\n", id, path)
		return nil
	}
	r, err := c.reach(ctx, g)
	if err != nil {
		return err
	}
	primary, err := connection.RotateKeyset(path)
	if err != nil {
		return err
	}
	sealer, err := connection.OpenSealer("", path)
	if err != nil {
		return err
	}
	return atDesk(ctx, g, r, sealer, func(ctx context.Context, d *desk) error {
		n, err := d.connector.Reseal(ctx, primary)
		if err := r.noted(ctx, g, "secrets rotate", fmt.Sprintf("key %010d", primary), err); err != nil {
			return err
		}
		fmt.Printf("Key %010d seals the secrets of %d connections.\n", primary, n)
		if err := d.table.CatchUp(ctx); err != nil {
			return err
		}
		uses := d.uses()
		dropped, err := connection.DropKeys(path, func(id uint32) bool { return uses[id] > 0 })
		if dropped > 0 {
			fmt.Printf("%d old keys are gone.\n", dropped)
		}
		return err
	})
}
