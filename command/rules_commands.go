package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"strings"
	"unicode"

	"github.com/prometheus/client_golang/prometheus"

	"leadline/console"
	"leadline/ingress/rules"
	"leadline/schemas"
)

// ruleBook is the book as the API sees it.
type ruleBook struct{ *rules.Book }

// SetRules replaces an organisation's rules.
func (b ruleBook) SetRules(ctx context.Context, org, author string, wanted []schemas.LearningRule, version int64) (schemas.RuleSet, error) {
	set, err := b.Book.SetRules(ctx, org, author, wanted, version)
	return set, told(err)
}

// Presets are the ready-made rules.
func (ruleBook) Presets() []schemas.LearningRule { return rules.Presets() }

// told makes the book's errors the API's.
func told(err error) error {
	if invalid, ok := errors.AsType[*rules.Invalid](err); ok {
		return &schemas.InvalidQuery{Field: "rules", Problem: invalid.Error()}
	}
	if errors.Is(err, rules.ErrChanged) {
		return console.ErrRulesChanged
	}
	return err
}

type rulesCommand struct {
	List    rulesListCommand    `cmd:"" help:"List the rules."`
	Show    rulesShowCommand    `cmd:"" help:"Print the rules as the file that set reads."`
	Set     rulesSetCommand     `cmd:"" help:"Replace all rules by those of a file."`
	Enable  rulesEnableCommand  `cmd:"" help:"Switch a rule on."`
	Disable rulesDisableCommand `cmd:"" help:"Switch a rule off."`
	Presets rulesPresetsCommand `cmd:"" help:"Print the ready-made rules, as a file."`
	Parked  rulesParkedCommand  `cmd:"" help:"List meetings that nothing is learned from yet, and why."`
	Costs   rulesCostsCommand   `cmd:"" help:"Sum up what learning cost, by rule and by customer."`
	Audit   rulesAuditCommand   `cmd:"" help:"List what the rules did to meetings, and by which words."`
	Test    rulesTestCommand    `cmd:"" help:"Show what a rules file would change on stored meetings, and what that would cost."`
}

// withBook opens the rules for one command.
func withBook(ctx context.Context, c *cluster, g *Globals, do func(*rules.Book, reach) error) error {
	r, err := c.reach(ctx, g)
	if err != nil {
		return err
	}
	book := rules.NewBook(rules.Options{Kafka: r.kafka, Codec: r.codec, Log: g.logger(), Metrics: prometheus.NewRegistry()})
	following, stop := context.WithCancel(ctx)
	followed := make(chan error, 1)
	go func() { followed <- book.Run(following) }()
	err = do(book, r)
	stop()
	if invalid := (*rules.Invalid)(nil); errors.As(err, &invalid) {
		err = &usageError{err}
	}
	return errors.Join(err, <-followed)
}

type rulesListCommand struct {
	cluster
	output
}

// Run lists them.
func (c *rulesListCommand) Run(ctx context.Context, g *Globals) error {
	return withBook(ctx, &c.cluster, g, func(b *rules.Book, _ reach) error {
		set, err := b.Rules(ctx, g.Org)
		if err != nil {
			return err
		}
		if c.JSON {
			return console.PrintJSON(os.Stdout, console.RulesOf(set))
		}
		return listRules(os.Stdout, set)
	})
}

func listRules(w io.Writer, set schemas.RuleSet) error {
	if len(set.Rules) == 0 {
		_, err := fmt.Fprintf(w, "%s has no rules (version %d): everything is learned.\n", set.Org, set.Version)
		return err
	}
	fmt.Fprintf(w, "Rules of %s, version %d of %s by %s:\n", set.Org, set.Version, set.ChangedAt.Format("2006-01-02 15:04"), safe(set.Author))
	for i, r := range set.Rules {
		state, recorder := "on", "all recorders"
		if !r.Enabled {
			state = "off"
		}
		if r.Recorder != "" {
			recorder = r.Recorder
		}
		fmt.Fprintf(w, "%3d  %-3s  %-11s  %-24s  %s (%s)\n", i+1, state, r.Type, r.ID, safe(r.Text), recorder)
	}
	return nil
}

// safe keeps what somebody else typed from steering the terminal.
func safe(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, s)
}

type rulesShowCommand struct{ cluster }

// Run prints them.
func (c *rulesShowCommand) Run(ctx context.Context, g *Globals) error {
	return withBook(ctx, &c.cluster, g, func(b *rules.Book, _ reach) error {
		set, err := b.Rules(ctx, g.Org)
		if err != nil {
			return err
		}
		return rules.Write(os.Stdout, set.Rules)
	})
}

type rulesSetCommand struct {
	cluster
	File      string `arg:"" type:"existingfile" help:"YAML or JSON."`
	IfVersion int64  `default:"-1" help:"Only if the rules are of this version now."`
	Author    string `help:"Who wants it. Default: the user of this machine."`
}

// Help shows a file.
func (*rulesSetCommand) Help() string {
	return `Meetings that come from now on are learned by the new rules; stored ones by leadline replay --stage distill.

Example of a file:
  rules:
    - preset: renewal-signals
    - {id: migration, type: topic, text: moving data from another system}
    - {type: keyword, text: internal only}
    - {type: instruction, text: name the module that is spoken of, recorder: zoom, enabled: false}`
}

// Run sets them.
func (c *rulesSetCommand) Run(ctx context.Context, g *Globals) error {
	wanted, err := readRules(c.File)
	if err != nil {
		return err
	}
	return withBook(ctx, &c.cluster, g, func(b *rules.Book, r reach) error {
		set, err := b.SetRules(ctx, g.Org, author(c.Author), wanted, c.IfVersion)
		return changed(set, r.noted(ctx, g, "rules", "set", err))
	})
}

func readRules(file string) ([]schemas.LearningRule, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // read only
	all, err := rules.Parse(f)
	if err != nil {
		return nil, &usageError{err}
	}
	return all, nil
}

func author(given string) string {
	if given != "" {
		return given
	}
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "command line"
}

func changed(set schemas.RuleSet, err error) error {
	if err != nil {
		return err
	}
	return listRules(os.Stdout, set)
}

type rulesEnableCommand struct {
	cluster
	ID string `arg:"" help:"Of the rule."`
}

// Run switches it on.
func (c *rulesEnableCommand) Run(ctx context.Context, g *Globals) error {
	return switchRule(ctx, &c.cluster, g, c.ID, true)
}

type rulesDisableCommand struct {
	cluster
	ID string `arg:"" help:"Of the rule."`
}

// Run switches it off.
func (c *rulesDisableCommand) Run(ctx context.Context, g *Globals) error {
	return switchRule(ctx, &c.cluster, g, c.ID, false)
}

func switchRule(ctx context.Context, c *cluster, g *Globals, id string, on bool) error {
	return withBook(ctx, c, g, func(b *rules.Book, r reach) error {
		set, err := b.Rules(ctx, g.Org)
		if err != nil {
			return err
		}
		wanted, found := append([]schemas.LearningRule{}, set.Rules...), false
		for i := range wanted {
			if wanted[i].ID == id {
				wanted[i].Enabled, found = on, true
			}
		}
		if !found {
			return &usageError{fmt.Errorf("there is no rule %.70q: leadline rules list shows them", id)}
		}
		did := "off "
		if on {
			did = "on "
		}
		set, err = b.SetRules(ctx, g.Org, author(""), wanted, set.Version)
		return changed(set, r.noted(ctx, g, "rules", did+id, err))
	})
}

type rulesPresetsCommand struct{}

// Run prints them.
func (*rulesPresetsCommand) Run() error { return rules.Write(os.Stdout, rules.Presets()) }
