package connection_test

import (
	"path/filepath"
	"slices"
	"testing"

	"leadline/ingress/connection"
	"leadline/ingress/connection/connectiontest"
)

func TestRotationLocksNobodyOut(t *testing.T) {
	t.Parallel()
	a, r := newAccount(t), connectiontest.New(t)
	path := filepath.Join(t.TempDir(), "keys.json")
	open := func() *connection.Sealer {
		t.Helper()
		s, err := connection.OpenSealer("", path)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	r.Sealer = open() // of a process that runs all the time
	running, table := connector(r)
	if _, err := running.Connect(t.Context(), a.request()); err != nil {
		t.Fatal(err)
	}
	opens := func(round int) {
		t.Helper()
		kept := stored(t, table, connection.First)
		key, err := r.Sealer.APIKey(kept)
		if err != nil || key.Reveal() != apiKey {
			t.Errorf("round %d: key: %v", round, err)
		}
		if _, err := r.Sealer.WebhookSecret(kept); err != nil {
			t.Errorf("round %d: secret: %v", round, err)
		}
	}
	for round := range 3 {
		var prepared uint32
		if round == 1 { // as where processes have copies of the file
			var err error
			if prepared, err = connection.PrepareKey(path); err != nil {
				t.Fatal(err)
			}
			opens(round)
		}
		primary, err := connection.RotateKeyset(path)
		if err != nil || prepared != 0 && primary != prepared {
			t.Fatalf("primary %d, prepared %d, %v", primary, prepared, err)
		}
		opens(round) // in between, what the old key sealed
		command := connectorWith(r, open())
		if n, err := command.Reseal(t.Context(), primary); err != nil || n != 1 {
			t.Fatalf("%d sealed anew, %v", n, err)
		}
		if n, err := command.Reseal(t.Context(), primary); err != nil || n != 0 {
			t.Fatalf("%d sealed anew again, %v", n, err)
		}
		if ids := connection.SealedWith(stored(t, table, connection.First)); !slices.Equal(ids, []uint32{primary}) {
			t.Errorf("sealed with %v, not %d", ids, primary)
		}
		if _, err := connection.DropKeys(path, func(id uint32) bool { return id == primary }); err != nil {
			t.Fatal(err)
		}
		opens(round)
		// The running process seals with the new key, though it has not met it.
		again := a.request()
		again.Name = "second"
		again.Credential = second
		made, err := running.Connect(t.Context(), again)
		if err != nil || !slices.Equal(connection.SealedWith(made), []uint32{primary}) {
			t.Fatalf("made with %v, %v", connection.SealedWith(made), err)
		}
		if err := running.Disconnect(t.Context(), made.Org, made.Provider, made.Name, false); err != nil {
			t.Fatal(err)
		}
	}
	keys, err := connection.Keys(path)
	if err != nil || len(keys) != 2 || !keys[1].Primary {
		t.Errorf("keys %v, %v", keys, err)
	}
	// A process that starts now has all it needs.
	if _, err := open().APIKey(stored(t, table, connection.First)); err != nil {
		t.Error(err)
	}
}
