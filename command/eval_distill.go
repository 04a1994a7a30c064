package command

import (
	"context"
	"fmt"
	"os"

	"leadline/console"
	"leadline/processors/distill"
	"leadline/processors/distill/eval"
	"leadline/processors/distill/local"
)

type evalDistillCommand struct {
	JSON   bool `name:"json" help:"One JSON object and nothing else."`
	Errors bool `help:"Also list what was found wrongly and what was missed, on standard error."`
}

// Help shows examples.
func (*evalDistillCommand) Help() string {
	return `--data names a file here. A line is {"id", "before": [{"speaker", "text"}], "speaker", "external": true or false, "text", "after": [...],
"kinds": [...]}; kinds are customer_feedback, action_item, product_ask and renewal_signal, the empty list is none.
Only what is found in the turn itself counts.

Example:
  leadline eval distill --data processors/distill/eval/testdata/heldout.jsonl --json`
}

// Run prints precision and recall of each kind.
func (c *evalDistillCommand) Run(ctx context.Context, g *Globals) (err error) {
	f, err := os.Open(g.Data)
	if err != nil {
		return &usageError{fmt.Errorf("--data: %w", err)}
	}
	defer func() { _ = f.Close() }() // it was only read
	passages, err := eval.Read(f)
	if err != nil {
		return &usageError{fmt.Errorf("--data %s: %w", g.Data, err)}
	}
	var differ func(eval.Finding)
	if c.Errors {
		differ = func(d eval.Finding) {
			what := "missed"
			if d.Found {
				what = "wrong"
			}
			fmt.Fprintf(os.Stderr, "%s %s: %s %q\n", what, d.Kind, d.Passage.ID, d.Passage.Text)
		}
	}
	report, err := eval.Run(ctx, distill.ByWords(local.New()), passages, differ)
	if err != nil {
		return err
	}
	if c.JSON {
		return console.PrintJSON(os.Stdout, report)
	}
	return report.Print(os.Stdout)
}
