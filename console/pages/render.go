package pages

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"strconv"
	"strings"
	"time"

	"leadline/schemas"
)

//go:embed templates
var sources embed.FS

// templates has each page with the frame around it.
var templates = func() map[string]*template.Template {
	frame := template.Must(template.New("").Funcs(functions).ParseFS(sources, "templates/frame.html", "templates/parts.html"))
	all := make(map[string]*template.Template)
	for _, name := range []string{
		"signin", "problem", "meetings", "meeting", "versions", "customers", "customer", "search", "unmatched", "rules",
		"sources", "trends", "integrations", "integration", "ending", "flow", "deadletter", "users", "audit",
	} {
		all[name] = template.Must(template.Must(frame.Clone()).ParseFS(sources, "templates/"+name+".html"))
	}
	return all
}()

var functions = template.FuncMap{
	"clip": clip, "titled": titled, "plain": plain, "when": when, "stamp": stamp, "words": words, "meetingPath": meetingPath,
	"customerPath": customerPath, "deref": deref, "percent": percent, "recorder": recorderName, "connectionPath": connectionPath, "number": number, "share": share,
	"count": count, "finding": findingText,
}

// view is what a template is given.
type view struct {
	Title   string
	Page    string // the template's name, for the navigation
	Org     string // empty for who is not signed in
	Who     string // is signed in
	Admin   bool
	CSRF    string
	Notes   []string
	Problem string
	Data    any
}

// With is the data together with the session's token, for parts with a form.
func (v view) With(data any) view { v.Data = data; return v }

func render(w io.Writer, of *session, a answer) error {
	v := view{Title: a.title, Page: a.name, Problem: a.problem, Data: a.data}
	if of != nil {
		v.Org, v.Who, v.Admin, v.CSRF, v.Notes = of.org, of.who, of.may(schemas.RoleAdmin), of.csrf, of.told()
	}
	page, ok := templates[a.name]
	if !ok {
		return fmt.Errorf("there is no template %q", a.name)
	}
	return page.ExecuteTemplate(w, "frame", v)
}

// when is for people. The server knows nobody's time zone, and says which it is.
func when(t any) string {
	switch at := t.(type) {
	case *time.Time:
		if at != nil {
			return when(*at)
		}
	case time.Time:
		if !at.IsZero() {
			return at.UTC().Format("2 Jan 2006, 15:04") + " UTC"
		}
	}
	return ""
}

// stamp is for machines.
func stamp(t any) string {
	switch at := t.(type) {
	case *time.Time:
		if at != nil {
			return stamp(*at)
		}
	case time.Time:
		return at.UTC().Format(time.RFC3339)
	}
	return ""
}

// words makes a name of a closed list readable.
func words(name string) string { return strings.ReplaceAll(name, "_", " ") }

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// number is a count or a rate as people read it.
func number(n any) string {
	switch of := n.(type) {
	case *float64:
		if of != nil {
			return number(*of)
		}
	case float64:
		if of >= 10 || of == float64(int(of)) {
			return strconv.FormatFloat(of, 'f', 0, 64)
		}
		return strconv.FormatFloat(of, 'f', 1, 64)
	}
	return ""
}

// count is a number with its noun: 1 meeting, 2 meetings.
func count(n any, noun string) string {
	text := fmt.Sprint(n)
	if text != "1" {
		noun += "s"
	}
	return text + " " + noun
}

// share is a part of 1 as people read it.
func share(of float64) string { return strconv.Itoa(int(of*100+0.5)) + " %" }

// percent is a share as a whole number; 0 of nothing is 0.
func percent(part, whole int) int {
	if whole <= 0 {
		return 0
	}
	return (part*100 + whole/2) / whole
}
