package command

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"leadline/deploy/evaluation"
)

// The sample's meetings with one question that its words answer, and one that
// names a place where nothing of it is.
func TestEvalSearchMeasuresWhatItIngested(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../deploy/demo/sample")); err != nil {
		t.Fatal(err)
	}
	questions := `{"recording_id": 910003, "company_id": "co_penrose", "query": "Which languages does the night crew read?", "relevant_turns": [[6, 6]]}
{"recording_id": 910003, "company_id": "co_penrose", "query": "zeppelin", "relevant_turns": [[0, 1]]}
`
	if err := os.WriteFile(filepath.Join(dir, "queries.jsonl"), []byte(questions), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd, stdout, stderr := leadline(t.Context(), "eval", "search", "--data", dir, "--json")
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, stderr)
	}
	var r evaluation.Report
	if err := json.Unmarshal(stdout.Bytes(), &r); err != nil {
		t.Fatalf("%v in %s", err, stdout)
	}
	for scope, m := range map[string]evaluation.Measurement{"customer": r.Customer, "all": r.All} {
		if m.N != 2 || m.Hit1 != 0.5 || m.MRR10 != 0.5 || m.P99 <= 0 {
			t.Errorf("%s: got %+v, want the first question answered at once and the second not", scope, m)
		}
	}
}
