package simulator

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// TestSDKs runs Fathom's own SDKs against a live simulator. Install them with sdk/install FOLDER.
func TestSDKs(t *testing.T) {
	t.Parallel()
	installed := os.Getenv("LEADLINE_SDKS")
	if installed == "" {
		t.Skip("set LEADLINE_SDKS to the folder that ingress/fathom/simulator/sdk/install was given")
	}
	const ended, pending = 23, 1000
	for name, command := range map[string][]string{
		"typescript": {"node", "check.mjs"},
		"python":     {filepath.Join(installed, "venv", "bin", "python"), "check.py"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, root := start(t, Options{Meetings: folder(ended)})
			if _, _, err := s.Put(sample(pending), false); err != nil {
				t.Fatal(err)
			}
			script, err := os.ReadFile(filepath.Join("sdk", command[1]))
			if err != nil {
				t.Fatal(err)
			}
			// Node looks for packages beside the script, so today's script has to lie in the folder of the packages.
			path := filepath.Join(installed, command[1])
			if err := os.WriteFile(path, script, 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), command[0], path)
			cmd.Env = append(os.Environ(), "SIMULATOR="+root, "KEY="+testKey,
				"MEETINGS="+strconv.Itoa(ended), "PENDING="+strconv.Itoa(pending))
			output, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, output)
			}
			t.Logf("%s", output)
			if err := s.Drained(t.Context()); err != nil {
				t.Fatal(err)
			}
			for _, d := range s.courier.snapshot(func(*delivery) bool { return true }) {
				if d.State != stateDelivered {
					t.Errorf("delivery %+v", d)
				}
			}
		})
	}
}
