package command

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"leadline/console"
	"leadline/schemas"
)

// erased waits for the receipt of an erasure and prints it.
func erased(ctx context.Context, known console.Connections, org, provider, name string) error {
	fmt.Println("Erasing what came by it; this goes on if you leave, and leadline connections show tells how it ended.")
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		s, err := console.ConnectionNamed(ctx, known, org, provider, name)
		if err != nil {
			return err
		}
		if s.Receipt != nil {
			return printReceipt(os.Stdout, *s.Receipt)
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}

func printReceipt(w io.Writer, r schemas.ErasureReceipt) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "erased\t%d meetings, from %s to %s\n", r.Meetings, r.AskedAt.Local().Format(time.DateTime), r.DoneAt.Local().Format(time.DateTime))
	for _, topic := range slices.Sorted(maps.Keys(r.Tombstones)) {
		fmt.Fprintf(t, "  %s\t%d tombstones\n", topic, r.Tombstones[topic])
	}
	for _, store := range slices.Sorted(maps.Keys(r.Stores)) {
		fmt.Fprintf(t, "  %s\t%d keys removed from the store\n", store, r.Stores[store])
	}
	for _, topic := range slices.Sorted(maps.Keys(r.Remaining)) {
		fmt.Fprintf(t, "  %s\t%d records remain\n", topic, r.Remaining[topic])
	}
	if len(r.Remaining) > 0 {
		fmt.Fprintln(t, "  \tWho may read these topics finds what remains until their retention takes it; docs/deploy.md says how long that is.")
	}
	if r.Kept > 0 {
		fmt.Fprintf(t, "kept\t%d meetings, which another connection brought as well\n", r.Kept)
	}
	if r.Unreadable > 0 {
		fmt.Fprintf(t, "unreadable\t%d raw records name no recording\n", r.Unreadable)
	}
	for _, what := range r.Pending {
		fmt.Fprintf(t, "! not seen to be gone\t%s\n", what)
	}
	return t.Flush()
}
