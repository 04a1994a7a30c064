package command

import (
	"context"
	"fmt"

	"leadline/console"
	"leadline/schemas"
)

// wordOnCall puts a person's word on two recordings, or with undo takes it back.
type wordOnCall struct {
	Meeting string `arg:"" help:"A meeting's id, or its recording's."`
	Other   string `arg:"" optional:"" help:"The other recording; it can be left out where the meeting is grouped with one."`
	Undo    bool   `help:"Take the word back: the rule counts again."`
	By      string `env:"USER" help:"Who says so, for people."`
}

func (w *wordOnCall) run(ctx context.Context, g *Globals, same bool) error {
	return asking(ctx, g, func(client *console.Client) error {
		m, err := console.FindMeeting(ctx, client, schemas.Scope{Org: g.Org}, w.Meeting)
		if err != nil {
			return err
		}
		other, err := w.other(ctx, client, g.Org, m)
		if err != nil {
			return err
		}
		l := schemas.DirectoryLine{Type: schemas.SortSameCall, MeetingID: m.ID, OtherID: other, Same: same, By: w.By}
		if w.Undo {
			id, _ := l.Identity()
			if err := client.RemoveEntry(ctx, g.Org, l.Type, id); err != nil {
				return err
			}
			fmt.Println("The word is taken back; the rule counts again.")
			return nil
		}
		kept, err := client.PutEntry(ctx, g.Org, l)
		if err != nil {
			return err
		}
		said := "two calls"
		if same {
			said = "one call"
		}
		fmt.Printf("%s and %s are of %s by hand. It stays so whatever the rule says; --undo takes it back.\n",
			console.Safe(kept.MeetingID), console.Safe(kept.OtherID), said)
		return nil
	})
}

// other is the recording that is meant.
func (w *wordOnCall) other(ctx context.Context, client *console.Client, org string, m console.MeetingDetail) (string, error) {
	if w.Other != "" {
		other, err := console.FindMeeting(ctx, client, schemas.Scope{Org: org}, w.Other)
		return other.ID, err
	}
	if m.Call == nil || len(m.Call.Recordings) == 0 {
		return "", &usageError{fmt.Errorf("%s is grouped with no recording: there is nothing to take apart, unless you name the other one", console.Safe(m.ID))}
	}
	if n := len(m.Call.Recordings); n > 1 {
		return "", &usageError{fmt.Errorf("%s is grouped with %d recordings: name the one that is meant", console.Safe(m.ID), n)}
	}
	return m.Call.Recordings[0].MeetingID, nil
}

type sameCommand struct{ wordOnCall }

// Help shows an example.
func (*sameCommand) Help() string {
	return "One of both is shown, with the attendees of both.\n\nExample:\n  leadline same 910016 zoom/4c9hKq2sTg6=="
}

// Run says that they are.
func (c *sameCommand) Run(ctx context.Context, g *Globals) error { return c.run(ctx, g, true) }

type apartCommand struct{ wordOnCall }

// Help shows examples.
func (*apartCommand) Help() string {
	return `Both are shown, each with its own attendees.

Examples:
  leadline apart 910016
  leadline apart 910016 910017
  leadline apart 910016 910017 --undo`
}

// Run says that they are not.
func (c *apartCommand) Run(ctx context.Context, g *Globals) error { return c.run(ctx, g, false) }
