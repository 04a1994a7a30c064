package match

import (
	_ "embed"
	"strconv"
	"strings"
	"testing"

	"leadline/schemas"
)

//go:embed testdata/tricky.tsv
var tricky string

func sided(name, is string) schemas.DirectoryEntry {
	return schemas.DirectoryEntry{Org: "o", Side: &schemas.Side{Name: name, Is: is}}
}

// Each line is somebody who is invited to a meeting of their own, in an
// organisation with several recorders.
func TestTrickyAddresses(t *testing.T) {
	t.Parallel()
	d, err := NewDirectory("o", []schemas.DirectoryEntry{
		company("acme", "https://www.acme.example/"), company("emea", "emea.acme.example"), company("other", "other.example"),
		company("sharp", "faß.example"), company("tatoe", "例え.example"), company("volos", "Βόλος.example"),
		company("uk", "acme.co.uk"), company("suffix", "co.uk", "github.io", "example", "ck"), company("tenant", "tenant.github.io"),
		company("kobe", "acme.x.kobe.jp"), company("city", "city.kobe.jp"), company("cook", "www.ck"),
		company("north", "shared.example", "fight.acme.example"), company("south", "SHARED.example", "fight.acme.example"),
		company("typed", "https://typed.example/about?x#y", "@at.example", "port.example:443", "dot.example.", " UPPER.example ", "//path.example/x"),
		company("wild", "*.wild.example"), company("mailer", "gmail.com", "mailinator.com"),
		company("us", "own.example", "second.example", "vendor.example"),
		endUser("ann", "acme", "Ann@ACME.example"), endUser("jose", "acme", "Jose\u0301@acme.example"), endUser("street", "acme", "Straße@acme.example"),
		endUser("sofos", "acme", "σοφος@acme.example"), endUser("fin", "acme", "FIN@acme.example"), endUser("kelvin", "acme", "Kelvin@acme.example"),
		endUser("dotless", "acme", "I@acme.example"), endUser("ohara", "acme", "O'Hara@acme.example"), endUser("user", "acme", "用户@acme.example"),
		endUser("max", "acme", "max@Bücher.example"), endUser("tag", "acme", "tag+news@gmail.com"),
		endUser("twin1", "north", "twin@other.example"), endUser("twin2", "south", "twin@other.example"),
		endUser("pair1", "south", "pair@acme.example"), endUser("pair2", "", "pair@acme.example"),
		endUser("bob", "", "bob@acme.example"), endUser("cyd", "gone", "cyd@emea.acme.example"), endUser("dot", "south", "dot@acme.example"),
		endUser("lone", "", "lone@nowhere.example"), endUser("free", "", "free@gmail.com"), endUser("rolf", "acme", "rolf@gmail.com"),
		endUser("desk", "acme", "desk@acme.example"), endUser("support", "acme", "support@acme.example"), endUser("it", "", "it@acme.example"),
		endUser("odd", "", "odd@shared.example"), endUser("boss", "", "boss@localhost"), endUser("quoted", "acme", `"quo ted"@acme.example`),
		endUser("spy", "acme", "spy@own.example"), endUser("desk2", "acme", "me@gmail.com"),
		sided("branch.example", schemas.SideOwn), sided("lab.own.example", schemas.SideOutside), sided("guest@own.example", schemas.SideOutside),
		sided("vendor.example", schemas.SideIgnored),
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, host := range []string{"host@own.example", "x@eu.second.example", "info@third.example", "Me@gmail.com", "c_1@resource.calendar.google.com", ""} {
		m := meeting(host)
		m.ID = schemas.MeetingID("o", "fathom", "host"+strconv.Itoa(i))
		if err := d.Recorded(m); err != nil {
			t.Fatal(err)
		}
	}
	lines := 0
	for line := range strings.Lines(tricky) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		lines++
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		typed, err := strconv.Unquote(fields[0])
		if err != nil || len(fields) != 3 {
			t.Fatalf("line %s: %v", line, err)
		}
		v, err := Explain(meeting("", typed), d)
		if err != nil {
			t.Fatal(err)
		}
		var findings []string
		name := ""
		for _, c := range v.Matching.Considered {
			findings = append(findings, c.Finding)
			ids := make([]string, len(c.Entries))
			for i, e := range c.Entries {
				_, ids[i] = cutEntry(e)
			}
			name = strings.Join(ids, " ")
			if len(ids) == 0 {
				name = c.Name
			}
		}
		if got := strings.Join(findings, " "); got != fields[1] || name != fields[2] {
			t.Errorf("%s is %s %s, want %s %s", fields[0], got, name, fields[1], fields[2])
		}
		if want := stateOf(fields[1]); v.State != want {
			t.Errorf("%s makes the meeting %s, want %s", fields[0], v.State, want)
		}
	}
	if lines < 150 {
		t.Errorf("%d lines, of 150", lines)
	}
}

func stateOf(findings string) schemas.State {
	first, _, _ := strings.Cut(findings, " ")
	switch first {
	case schemas.FindingEmail, schemas.FindingDomain:
		return schemas.StateMatched
	case schemas.FindingOwn, schemas.FindingNobody, schemas.FindingIgnored:
		return schemas.StateInternal
	}
	return schemas.StateUnmatched
}
