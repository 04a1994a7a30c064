package address

import (
	"strings"
	"testing"
)

func TestAddressHasOneForm(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ typed, want string }{ // want is empty where typed is no address
		{"ann@acme.example", "ann@acme.example"},
		{"  ann@acme.example\t\n", "ann@acme.example"},
		{"\u00a0ann@acme.example\u2003", "ann@acme.example"},
		{"Ann.Lee@ACME.Example", "ann.lee@acme.example"},
		{"ann@acme.example.", "ann@acme.example"},
		{"ann@acme.example..", ""},
		{"ann@acme。example", "ann@acme.example"},
		{"ann@acme.example。", "ann@acme.example"},
		{"ann@ＡＣＭＥ.example", "ann@acme.example"},
		{"ann+news@acme.example", "ann+news@acme.example"},
		{"ann-lee_x@acme.example", "ann-lee_x@acme.example"},
		{"o'hara@acme.example", "o'hara@acme.example"},
		{"{x}|y!#$%&*/=?^`~@acme.example", "{x}|y!#$%&*/=?^`~@acme.example"},
		{"jose\u0301@acme.example", "josé@acme.example"},
		{"JOSÉ@acme.example", "josé@acme.example"},
		{"ΣΊΣΥΦΟΣ@acme.example", "σίσυφοσ@acme.example"},
		{"σίσυφος@acme.example", "σίσυφοσ@acme.example"},
		{"ann@bücher.example", "ann@xn--bcher-kva.example"},
		{"ann@BÜCHER.example", "ann@xn--bcher-kva.example"},
		{"ann@bu\u0308cher.example", "ann@xn--bcher-kva.example"},
		{"ann@xn--bcher-kva.example", "ann@xn--bcher-kva.example"},
		{"ann@XN--BCHER-KVA.EXAMPLE", "ann@xn--bcher-kva.example"},
		{"ann@faß.example", "ann@xn--fa-hia.example"}, // nontransitional: not fass.example
		{"ann@例え.example", "ann@xn--r8jz45g.example"},
		{"ann@localhost", "ann@localhost"},
		{"ann@a-b.acme.co.uk", "ann@a-b.acme.co.uk"},
		{`"ann lee"@acme.example`, `"ann lee"@acme.example`},
		{`"Ann Lee"@acme.example`, `"ann lee"@acme.example`},
		{`"ann"@acme.example`, "ann@acme.example"},
		{`"a\nn"@acme.example`, "ann@acme.example"},
		{`"a@b"@acme.example`, `"a@b"@acme.example`},
		{`"a\"b"@acme.example`, `"a\"b"@acme.example`},
		{`"a..b"@acme.example`, `"a..b"@acme.example`},
		{`"a"b"@acme.example`, ""},
		{`"a\"@acme.example`, ""},
		{`"ann@acme.example`, ""},
		{"", ""},
		{"   ", ""},
		{"ann", ""},
		{"@acme.example", ""},
		{"ann@", ""},
		{"ann@@acme.example", ""},
		{"ann@b@acme.example", ""},
		{".ann@acme.example", ""},
		{"ann.@acme.example", ""},
		{"a..n@acme.example", ""},
		{"ann lee@acme.example", ""},
		{"ann @acme.example", ""},
		{"ann@ acme.example", ""},
		{"ann@acme .example", ""},
		{"Ann <ann@acme.example>", ""},
		{"mailto:ann@acme.example", ""},
		{"ann@acme.example, bob@acme.example", ""},
		{"ann@acme..example", ""},
		{"ann@.acme.example", ""},
		{"ann@-acme.example", ""},
		{"ann@acme-.example", ""},
		{"ann@ac_me.example", ""},
		{"ann@acme.example/x", ""},
		{"ann@acme.example:25", ""},
		{"ann@192.0.2.1", ""},
		{"ann@[192.0.2.1]", ""},
		{"ann@xn--zzzzzz--", ""},
		{"a\u200bnn@acme.example", ""},
		{"ann\u00ad@acme.example", ""},
		{"\u202eann@acme.example", ""},
		{"ann\ufe0f@acme.example", ""},
		{"an\x00n@acme.example", ""},
		{"an\xffn@acme.example", ""},
		{"\ufeffann@acme.example", ""},
		{"\u3164@acme.example", ""},
		{strings.Repeat("a", 64) + "@acme.example", strings.Repeat("a", 64) + "@acme.example"},
		{strings.Repeat("a", 65) + "@acme.example", strings.Repeat("a", 65) + "@acme.example"},
		{strings.Repeat("a", 242) + "@acme.example", ""},
		{"ann@" + strings.Repeat("a", 63) + ".example", "ann@" + strings.Repeat("a", 63) + ".example"},
		{"ann@" + strings.Repeat("a", 64) + ".example", ""},
		{"ann@" + strings.Repeat("abcdefg.", 32) + "example", ""},
		{strings.Repeat(" ", 3000) + "ann@acme.example", ""},
	} {
		m, ok := Parse(c.typed)
		if ok != (c.want != "") || ok && m.String() != c.want {
			t.Errorf("Parse(%q) = %q, %v, want %q", c.typed, m, ok, c.want)
		}
	}
}

func TestCompanyDomainIsReadAsPeopleTypeIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ typed, want string }{
		{"acme.example", "acme.example"},
		{" ACME.Example. ", "acme.example"},
		{"@acme.example", "acme.example"},
		{"https://www.acme.example/", "acme.example"},
		{"HTTPS://WWW.ACME.EXAMPLE/de/kontakt?x=1#y", "acme.example"},
		{"http://acme.example:8080", "acme.example"},
		{"//acme.example/", "acme.example"},
		{"acme.example/about", "acme.example"},
		{"www.acme.example", "acme.example"},
		{"www.com", "www.com"},
		{"www.github.io", "www.github.io"},
		{"www2.acme.example", "www2.acme.example"},
		{"emea.acme.example", "emea.acme.example"},
		{"bücher.example", "xn--bcher-kva.example"},
		{"https://Bücher.example/", "xn--bcher-kva.example"},
		{"acme.co.uk", "acme.co.uk"},
		{"acme.github.io", "acme.github.io"},
		{"co.uk", ""},
		{"github.io", ""},
		{"com", ""},
		{"*.acme.example", ""},
		{"ann@acme.example", ""},
		{"acme", ""},
		{"acme corp", ""},
		{"192.0.2.1", ""},
		{"https://", ""},
		{"", ""},
		{"acme.example:port", ""},
		{strings.Repeat("a.", 2000) + "example", ""},
	} {
		if d, err := CompanyDomain(c.typed); (err == nil) != (c.want != "") || d != c.want {
			t.Errorf("CompanyDomain(%q) = %q, %v, want %q", c.typed, d, err, c.want)
		}
	}
}

func TestDomainIsAskedDownToTheRegistrableOne(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ domain, want string }{
		{"acme.example", "acme.example"},
		{"a.b.acme.example", "a.b.acme.example b.acme.example acme.example"},
		{"mail.acme.co.uk", "mail.acme.co.uk acme.co.uk"},
		{"co.uk", ""},
		{"shop.acme.github.io", "shop.acme.github.io acme.github.io"},
		{"github.io", ""},
		{"localhost", ""},
		{"x.ck", ""},         // *.ck: every name there is a suffix
		{"www.ck", "www.ck"}, // but for this one
		{"a.www.ck", "a.www.ck www.ck"},
	} {
		if got := strings.Join(Lineage(c.domain), " "); got != c.want {
			t.Errorf("Lineage(%q) = %q, want %q", c.domain, got, c.want)
		}
	}
}

func TestSharedMailboxesAreTold(t *testing.T) {
	t.Parallel()
	for local, want := range map[string]bool{
		"support": true, "support+acme": true, "info": true, "noreply": true, "no-reply": true, "no.reply": true,
		"do_not_reply": true, "noreply-calendar": true, "kontakt": true, "soporte": true, "mailer-daemon": true,
		"ann": false, "supporter": false, "informa": false, "sales.ann": false, "ann+support": false, "i.t": false,
	} {
		if IsRole(local) != want {
			t.Errorf("IsRole(%q) = %v", local, !want)
		}
	}
}

func TestFreemailIsTold(t *testing.T) {
	t.Parallel()
	for domain, want := range map[string]bool{
		"gmail.com": true, "outlook.com": true, "gmx.de": true, "web.de": true, "qq.com": true, "mailinator.com": true,
		"mail.gmail.com": true, "acme.example": false, "gmail.com.acme.example": false, "notgmail.com": false, "com": false,
	} {
		if IsFreemail(domain) != want {
			t.Errorf("IsFreemail(%q) = %v", domain, !want)
		}
	}
}

func TestFreemailListIsCanonical(t *testing.T) {
	t.Parallel()
	last := ""
	for line := range strings.Lines(freemailText) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") {
			continue
		}
		if d, ok := Domain(line); !ok || d != line || Lineage(d) == nil {
			t.Errorf("%q is not a registrable domain in its one form", line)
		}
		if line <= last {
			t.Errorf("%q stands behind %q", line, last)
		}
		last = line
	}
}

func FuzzAddress(f *testing.F) {
	for _, s := range []string{"ann@acme.example", `"a b"@bücher.example`, "a@[::1]", "İ@x.tr", "ann@xn--a.example"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		m, ok := Parse(typed)
		if !ok {
			return
		}
		again, ok := Parse(m.String())
		if !ok || again != m {
			t.Errorf("Parse(%q) = %q, of which address makes %q, %v", typed, m, again, ok)
		}
	})
}

func FuzzCompanyDomain(f *testing.F) {
	for _, s := range []string{"https://www.acme.example/", "@acme.example", "//a:1", "www.www.com"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		d, err := CompanyDomain(typed)
		if err != nil {
			return
		}
		if same, ok := Domain(d); !ok || same != d || Lineage(d) == nil {
			t.Errorf("CompanyDomain(%q) = %q, which is no plain domain", typed, d)
		}
	})
}
