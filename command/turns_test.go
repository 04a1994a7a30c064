package command

import (
	"context"
	"errors"
	"testing"
)

func TestAnOrganisationsTurnKeepsNoOtherWaiting(t *testing.T) {
	t.Parallel()
	var all turns
	end, err := all.take(t.Context(), "harbour")
	if err != nil {
		t.Fatal(err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	other, err := all.take(over, "elsewhere") // which does not wait, and so does not see that it is over
	if err != nil {
		t.Fatalf("another organisation waits: %v", err)
	}
	other()
	if _, err := all.take(over, "harbour"); !errors.Is(err, context.Canceled) {
		t.Errorf("two of one organisation have their turn: %v", err)
	}
	end()
	if end, err = all.take(t.Context(), "harbour"); err != nil {
		t.Fatal(err)
	}
	end()
}
