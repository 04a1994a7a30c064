package stagetest

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"
)

// Golden compares what a test got, as JSON, with a file; or writes the file.
func Golden(t testing.TB, file string, update bool, got any) {
	t.Helper()
	text, err := json.MarshalIndent(got, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, '\n')
	if update {
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, text) {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
}
