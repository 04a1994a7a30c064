package directory

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
	"leadline/schemas/schematest"
)

func newWriter(t *testing.T) (*Writer, func(n int) map[string]*schemas.DirectoryEntry) {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(4, schemas.Directory.Name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	codec := schematest.Codec(t)
	w, err := NewWriter([]kgo.Opt{kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.RecordPartitioner(schemas.Partitioner())}, codec, prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	return w, func(n int) map[string]*schemas.DirectoryEntry {
		t.Helper()
		client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.ConsumeTopics(schemas.Directory.Name))
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		all := make(map[string]*schemas.DirectoryEntry)
		for seen := 0; seen < n; {
			fetched := client.PollFetches(t.Context())
			if err := fetched.Err(); err != nil {
				t.Fatal(err)
			}
			for _, r := range fetched.Records() {
				seen++
				all[string(r.Key)] = nil
				if r.Value == nil {
					continue
				}
				if all[string(r.Key)], err = schemas.Decode(codec, schemas.Directory, r.Value); err != nil {
					t.Fatal(err)
				}
			}
		}
		return all
	}
}

func TestGoodLinesGoInAndTheOthersAreReported(t *testing.T) {
	t.Parallel()
	for format, file := range map[string]string{
		NDJSON: "\ufeff" + `{"type":"company","id":"acme","name":"Acme","domains":["https://www.ACME.example/","*.acme.example"]}
{"type":"company","id":"acme","name":"Acme","domain":"https://www.ACME.example/","traits":{"plan":"gold"}}

{"type":"end_user","id":"ann","company_id":"acme","emails":["Ann@acme.example","ann+b@acme.example"]}
{"type":"end_user","id":"eve","emails":["e` + "\u200b" + `ve@acme.example"]}
{"type":"end_user","id":"bob"` + `
{"type":"house","id":"1"}
{"type":"side","name":"@Own.example","is":"own"}
{"type":"side","name":"gmail.com","is":"own"}
{"type":"company","id":"gone","deleted":true}
{"type":"company","id":"x","nmae":"typo"}`,
		CSV: "\ufefftype,id,name,domains,company_id,emails,is,deleted,traits.plan\n" +
			"company,acme,Acme,https://www.ACME.example/;*.acme.example,,,,,\n" +
			"company,acme,Acme,https://www.ACME.example/;,,,,,gold\n" +
			"\n" +
			"end_user,ann,,,acme,Ann@acme.example; ann+b@acme.example,,,\n" +
			"end_user,eve,,,,e\u200bve@acme.example,,,\n" +
			"end_user,bob\n" +
			"house,1,,,,,,,\n" +
			"side,,@Own.example,,,,own,,\n" +
			"side,,gmail.com,,,,own,,\n" +
			"company,gone,,,,,,true,\n" +
			"company,,typo,,,,,,\n",
	} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			w, read := newWriter(t)
			report, err := w.Import(t.Context(), "o", format, strings.NewReader(file), nil)
			if err != nil {
				t.Fatal(err)
			}
			var lines []string
			for _, l := range report.Lines {
				lines = append(lines, fmt.Sprintf("%d %s", l.Line, l.Field))
			}
			want := map[string]string{NDJSON: "1 domains[1], 5 emails[0], 6 , 7 type, 9 name, 11 ", CSV: "2 domains[1], 6 emails[0], 7 , 8 type, 10 name, 12 id"}[format]
			if got := strings.Join(lines, ", "); got != want || report.Accepted != 4 || report.Refused != 6 {
				t.Errorf("%d accepted, %d refused: %s; want %s", report.Accepted, report.Refused, got, want)
			}
			all := read(4)
			acme, ann := all["o/company/acme"], all["o/end_user/ann"]
			if acme == nil || strings.Join(acme.Company.Domains, " ") != "acme.example" || acme.Company.Traits["plan"] != "gold" {
				t.Errorf("acme: %+v", acme)
			}
			if ann == nil || strings.Join(ann.EndUser.Emails, " ") != "ann@acme.example ann+b@acme.example" || *ann.EndUser.CompanyID != "acme" {
				t.Errorf("ann: %+v", ann)
			}
			if own := all["o/side/own.example"]; own == nil || own.Side.Is != schemas.SideOwn {
				t.Errorf("own: %+v", own)
			}
			if gone, there := all["o/company/gone"]; !there || gone != nil {
				t.Errorf("gone: %+v", gone)
			}
		})
	}
}

// people writes NDJSON of that many end users without holding it.
func people(n int) io.Reader {
	r, w := io.Pipe()
	go func() {
		for i := range n {
			if _, err := fmt.Fprintf(w, `{"type":"end_user","id":"u%d","name":"Somebody","emails":["u%d@c%d.example"]}`+"\n", i, i, i%1000); err != nil {
				return
			}
		}
		_ = w.Close()
	}()
	return r
}

func TestALongFileIsNotHeld(t *testing.T) {
	t.Parallel()
	const n = 60_000
	var most uint64
	err := read("o", NDJSON, people(n), func(c change) error {
		if c.number%10_000 == 0 {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
		}
		return c.problem
	})
	if err != nil || most > 64<<20 {
		t.Errorf("%v; %d MiB", err, most>>20)
	}
}

func TestWhatIsExportedComesBackTheSame(t *testing.T) {
	t.Parallel()
	company := "c,1;\"x\""
	all := []schemas.DirectoryEntry{
		{Org: "o", Company: &schemas.Company{ID: company, Name: "<A> & \"B\", C", Domains: []string{"a.example", "b.example"}, Traits: map[string]string{"plan": "gold, \"big\""}}},
		{Org: "o", EndUser: &schemas.EndUser{ID: "u", CompanyID: &company, Name: "U", Emails: []string{"u@a.example"}, Traits: map[string]string{}}},
		{Org: "o", Side: &schemas.Side{Name: "own.example", Is: schemas.SideOwn}},
	}
	for format, writer := range map[string]func(io.Writer) func(schemas.DirectoryLine) error{
		NDJSON: WriteNDJSON, CSV: func(w io.Writer) func(schemas.DirectoryLine) error { return WriteCSV(w, []string{"plan"}) },
	} {
		var file bytes.Buffer
		write := writer(&file)
		for i := range all {
			if err := write(schemas.LineOf(&all[i])); err != nil {
				t.Fatal(err)
			}
		}
		i := 0
		err := Each("o", format, &file, func(key string, e *schemas.DirectoryEntry) error {
			if key != Key(all[i]) {
				t.Errorf("%s: key %s", format, key)
			}
			var got, want bytes.Buffer
			_, _ = WriteNDJSON(&got)(schemas.LineOf(e)), WriteNDJSON(&want)(schemas.LineOf(&all[i]))
			if got.String() != want.String() {
				t.Errorf("%s:\ngot  %s\nwant %s", format, got.String(), want.String())
			}
			i++
			return nil
		})
		if err != nil || i != len(all) {
			t.Errorf("%s: %d entries, %v", format, i, err)
		}
	}
}

// FuzzLines reads anything as a file: what is taken keeps the rules, and is the same when it is written and read again.
func FuzzLines(f *testing.F) {
	f.Add(NDJSON, []byte(`{"type":"end_user","id":"u","email":"a@x.example"}`))
	f.Add(CSV, []byte("type,id,emails\nend_user,u,a@x.example\n"))
	f.Add(CSV, []byte("\ufefftype,id,traits.a\ncompany,\"c\"\"\",\"x\ny\"\n"))
	f.Add(NDJSON, []byte(`{"type":"side","name":"own.example","is":"own"}`+"\n"+`{"type":"company","id":"c","deleted":true}`))
	f.Fuzz(func(t *testing.T, format string, raw []byte) {
		_ = read("o", format, bytes.NewReader(raw), func(c change) error {
			if c.problem != nil || c.entry == nil {
				return nil
			}
			if c.key == "" || Check(*c.entry) != nil {
				t.Fatalf("took %+v", c)
			}
			var once, twice bytes.Buffer
			if err := WriteNDJSON(&once)(schemas.LineOf(c.entry)); err != nil {
				t.Fatal(err)
			}
			err := Each("o", NDJSON, bytes.NewReader(once.Bytes()), func(key string, e *schemas.DirectoryEntry) error {
				if key != c.key {
					t.Fatalf("%q comes back as %q", c.key, key)
				}
				return WriteNDJSON(&twice)(schemas.LineOf(e))
			})
			if err != nil || once.String() != twice.String() {
				t.Fatalf("%s comes back as %s, %v", once.String(), twice.String(), err)
			}
			return nil
		})
	})
}

// A quote that nothing ends takes the rest of the file into one cell.
func TestARowWithoutAnEndIsGivenUp(t *testing.T) {
	t.Parallel()
	file := &endless{begins: strings.NewReader("type,id,name\ncompany,a,A\ncompany,b,\"")}
	taken := 0
	err := read("o", CSV, file, func(change) error {
		taken++
		return nil
	})
	if problem := (*schemas.InvalidQuery)(nil); !errors.As(err, &problem) || taken != 1 || file.read > 2*maxRow {
		t.Errorf("%d lines of %d bytes, %v", taken, file.read, err)
	}
}

// endless goes on with lines for ever.
type endless struct {
	begins *strings.Reader
	read   int
}

func (e *endless) Read(p []byte) (int, error) {
	n, _ := e.begins.Read(p)
	for n < len(p) {
		n += copy(p[n:], "x,\n")
	}
	e.read += n
	return n, nil
}

func TestACallIsOfTwoRecordings(t *testing.T) {
	t.Parallel()
	for other, says := range map[string]string{
		"o/fathom/2": "", "o/fathom/1": "is the same recording", "o/fathom/0": "which is greater", "p/fathom/2": "is not a meeting of o",
	} {
		err := sameCall("o", &schemas.SameCall{MeetingID: "o/fathom/1", OtherID: other, Same: true})
		if (err == nil) != (says == "") || err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("with %s: %v, want %q", other, err, says)
		}
	}
}
