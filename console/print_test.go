package console_test

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"leadline/console"
	"leadline/schemas"
)

// styles are those of a file, of two terminals and of one without colours.
var styles = map[string]console.Style{
	"file":   {},
	"wide":   {Width: 120, Bold: true, Lines: 3, Zone: time.FixedZone("CEST", 2*60*60)},
	"narrow": {Width: 60, Bold: true, Lines: 3},
	"plain":  {Width: 80, Lines: 3},
}

func TestPrinters(t *testing.T) {
	t.Parallel()
	local := console.Local{Store: openHarbour(t)}
	staff := schemas.Scope{Org: harbour}
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	list, err := local.Meetings(ctx, schemas.MeetingQuery{Scope: staff})
	must(err)
	full, err := local.Meeting(ctx, staff, "harbour/fathom/1001")
	must(err)
	odd, err := local.Meeting(ctx, staff, "harbour/zoom/1001")
	must(err)
	unmatched, err := local.Meeting(ctx, staff, "harbour/fathom/1004")
	must(err)
	found, err := local.Search(ctx, schemas.SearchQuery{Scope: schemas.Scope{Org: harbour, Company: "co_amber"}, Text: "rotten pier", Limit: 5})
	must(err)
	amber, err := local.Customer(ctx, staff, "co_amber")
	must(err)
	empty, err := local.Customer(ctx, staff, "co/odd id%2F..")
	must(err)

	for print, do := range map[string]func(io.Writer, console.Style) error{
		"meetings":       func(w io.Writer, s console.Style) error { return console.PrintMeetings(w, list, s) },
		"meeting":        func(w io.Writer, s console.Style) error { return console.PrintMeeting(w, full, s) },
		"hostile":        func(w io.Writer, s console.Style) error { return console.PrintMeeting(w, odd, s) },
		"unmatched":      func(w io.Writer, s console.Style) error { return console.PrintMeeting(w, unmatched, s) },
		"search":         func(w io.Writer, s console.Style) error { return console.PrintPassages(w, found, s) },
		"nothing":        func(w io.Writer, s console.Style) error { return console.PrintPassages(w, nil, s) },
		"no_meetings":    func(w io.Writer, s console.Style) error { return console.PrintMeetings(w, nil, s) },
		"customer":       func(w io.Writer, s console.Style) error { return console.PrintCustomer(w, amber, s) },
		"empty_customer": func(w io.Writer, s console.Style) error { return console.PrintCustomer(w, empty, s) },
	} {
		for name, style := range styles {
			t.Run(print+"_"+name, func(t *testing.T) {
				t.Parallel()
				var b bytes.Buffer
				if err := do(&b, style); err != nil {
					t.Fatal(err)
				}
				golden(t, print+"_"+name+".txt", []byte(strings.ReplaceAll(b.String(), "\x1b[", "^[[")))
				wantHarmless(t, b.String(), style.Bold)
				if err := do(full0{}, style); err == nil {
					t.Error("a full disk is no error")
				}
			})
		}
	}
}

// full0 is a disk without room.
type full0 struct{}

func (full0) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

// wantHarmless allows line breaks and, with bold, its two sequences.
func wantHarmless(t *testing.T, s string, bold bool) {
	t.Helper()
	if bold {
		s = strings.NewReplacer("\x1b[1m", "", "\x1b[0m", "").Replace(s)
	}
	for _, r := range s {
		if r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0 || r >= 0x2028 && r <= 0x202e || r >= 0x2060 && r <= 0x206f || r >= 0xe0000 && r < 0xe0080 {
			t.Errorf("%U comes through in %q", r, s)
			return
		}
	}
}

func TestJSONIsOneHarmlessObjectALine(t *testing.T) {
	t.Parallel()
	local := console.Local{Store: openHarbour(t)}
	list, err := local.Meetings(t.Context(), schemas.MeetingQuery{Scope: schemas.Scope{Org: harbour}})
	if err != nil {
		t.Fatal(err)
	}
	list[0].Title += " <b>&\u0085\u2028\x7f"
	var b bytes.Buffer
	if err := console.PrintJSON(&b, list...); err != nil {
		t.Fatal(err)
	}
	wantHarmless(t, b.String(), false)
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	if len(lines) != len(list) {
		t.Fatalf("%d lines of %d meetings", len(lines), len(list))
	}
	for i, l := range lines {
		var m console.Meeting
		if err := json.Unmarshal([]byte(l), &m); err != nil || m.Title != list[i].Title || m.ID != list[i].ID {
			t.Errorf("line %d: %v\ngot  %q\nwant %q", i, err, m.Title, list[i].Title)
		}
	}
	if !strings.Contains(lines[0], "<b>&") {
		t.Errorf("HTML is escaped where nobody needs it: %s", lines[0])
	}
	if err := console.PrintJSON(full0{}, list...); err == nil {
		t.Error("a full disk is no error")
	}
}

func TestAFileIsNoTerminal(t *testing.T) {
	t.Setenv("COLUMNS", "")
	f, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, w := range []io.Writer{f, new(bytes.Buffer)} {
		if s := console.StyleFor(w); s.Width != 0 || s.Bold || s.Lines != 0 || s.Zone != time.Local {
			t.Errorf("%T: %+v", w, s)
		}
	}
	for columns, want := range map[string]int{"100": 100, "3": 40, "-1": 0, "wide": 0} {
		t.Setenv("COLUMNS", columns)
		if s := console.StyleFor(f); s.Width != want {
			t.Errorf("with COLUMNS=%s the width is %d, want %d", columns, s.Width, want)
		}
	}
}
