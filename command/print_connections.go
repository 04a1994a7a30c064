package command

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"leadline/schemas"
)

func printConnections(w io.Writer, org string, all []schemas.ConnectionStatus) error {
	if len(all) == 0 {
		_, err := fmt.Fprintf(w, "%s has no connections: leadline connect fathom makes one.\n", org)
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "RECORDER\tNAME\tSTATE\tREAD\tSYNC")
	for _, s := range all {
		meetings := "-"
		if s.Sync != nil {
			meetings = fmt.Sprint(s.Sync.Meetings)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", s.Provider, s.Name, s.State, meetings, syncLine(s.Sync))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, s := range all {
		for _, p := range s.Problems {
			fmt.Fprintf(w, "! %s %s: %s\n", s.Provider, s.Name, p.Text)
		}
	}
	return nil
}

func printConnection(w io.Writer, s schemas.ConnectionStatus) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	webhook := s.WebhookURL
	if webhook == "" {
		webhook = "none: meetings come by poll alone"
	}
	lookBack := fmt.Sprintf("%d days", s.LookBackDays)
	if s.LookBackDays < 0 {
		lookBack = "everything"
	}
	lastDelivery := "none yet"
	if s.DeliveredAt != nil {
		lastDelivery = fmt.Sprintf("%s, %s ago", s.DeliveredAt.Local().Format(time.DateTime), time.Since(*s.DeliveredAt).Round(time.Second))
	}
	fmt.Fprintf(t, "connection\t%s/%s/%s\nstate\t%s\nAPI\t%s\nwebhook\t%s\nlook-back\t%s\nconnected\t%s\nlast delivery\t%s\nsync\t%s\n",
		s.Org, s.Provider, s.Name, s.State, s.BaseURL, webhook, lookBack, s.ConnectedAt.Local().Format(time.DateTime), lastDelivery, syncLine(s.Sync))
	if err := t.Flush(); err != nil {
		return err
	}
	for _, p := range s.Problems {
		fmt.Fprintf(w, "! %s\n", p.Text)
	}
	if s.Receipt != nil {
		return printReceipt(w, *s.Receipt)
	}
	return nil
}

// syncLine is one line about a run.
func syncLine(p *schemas.ConnectionSync) string {
	switch {
	case p == nil:
		return "not yet"
	case p.Stopped != "":
		return fmt.Sprintf("stopped (%s) after %d pages", p.Stopped, p.Pages)
	case !p.Running && p.Through != nil:
		return fmt.Sprintf("complete at %s: %d meetings on %d pages", p.UpdatedAt.Local().Format(time.DateTime), p.Meetings, p.Pages)
	}
	line := fmt.Sprintf("%d pages, %d meetings, %.0f a minute", p.Pages, p.Meetings, p.PerMinute)
	if p.SecondsLeft != nil {
		line += fmt.Sprintf(", about %s left", time.Duration(*p.SecondsLeft*float64(time.Second)).Round(time.Second))
	}
	return line
}
