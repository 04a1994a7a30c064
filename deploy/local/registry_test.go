package local

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/sr"
)

const (
	schemaV1  = `{"type":"record","name":"Meeting","fields":[{"name":"id","type":"string"}]}`
	schemaV2  = `{"type":"record","name":"Meeting","fields":[{"name":"id","type":"string"},{"name":"title","type":"string","default":""}]}`
	schemaBad = `{"type":"record","name":"Meeting","fields":[{"name":"id","type":"string"},{"name":"title","type":"string"}]}`
	schemaRow = `{"type":"record","name":"Row","fields":[{"name":"key","type":"string"}]}`
)

// testClient is not net/http's own: whichever httptest server closes also closes the idle connections of that one.
var testClient = &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}

func testSchemas() []Schema {
	return []Schema{{"meetings-value", 1, 1, schemaV1}, {"rows-value", 1, 2, schemaRow}, {"meetings-value", 2, 7, schemaV2}}
}

func registryClient(t *testing.T, e *Engines) *sr.Client {
	t.Helper()
	c, err := sr.NewClient(sr.URLs(e.RegistryURL()))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSchemaIDsAreTheSameOverRestarts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for range 2 {
		e := openAt(t, Config{Dir: dir, Schemas: testSchemas()})
		c := registryClient(t, e)
		for _, want := range testSchemas() {
			byID, err := c.SchemaByID(t.Context(), want.ID)
			if err != nil || byID.Schema != want.Text {
				t.Errorf("schema %d is %q, %v", want.ID, byID.Schema, err)
			}
			byVersion, err := c.SchemaByVersion(t.Context(), want.Subject, want.Version)
			if err != nil || byVersion.ID != want.ID {
				t.Errorf("%s version %d has id %d, %v", want.Subject, want.Version, byVersion.ID, err)
			}
			found, err := c.LookupSchema(t.Context(), want.Subject, sr.Schema{Schema: want.Text})
			if err != nil || found.ID != want.ID || found.Version != want.Version {
				t.Errorf("looking up %s version %d: %+v, %v", want.Subject, want.Version, found, err)
			}
			// The same code registers its schemas on a real registry, where this is how it learns the id.
			created, err := c.CreateSchema(t.Context(), want.Subject, sr.Schema{Schema: want.Text + "\n"})
			if err != nil || created.ID != want.ID {
				t.Errorf("registering %s version %d again: id %d, %v", want.Subject, want.Version, created.ID, err)
			}
		}
		closeNow(t, e)
	}
}

func TestRegistryRefusesWritesInsteadOfForgettingThem(t *testing.T) {
	t.Parallel()
	e := openAt(t, Config{Dir: t.TempDir(), Schemas: testSchemas()})
	c := registryClient(t, e)
	_, newSchema := c.CreateSchema(t.Context(), "meetings-value", sr.Schema{Schema: schemaRow})
	_, newSubject := c.CreateSchema(t.Context(), "new-value", sr.Schema{Schema: schemaV1})
	_, otherID := c.CreateSchemaWithIDAndVersion(t.Context(), "meetings-value", sr.Schema{Schema: schemaV1}, 9, 1)
	_, deleted := c.DeleteSubject(t.Context(), "rows-value", sr.SoftDelete)
	compat := c.SetCompatibility(t.Context(), sr.SetCompatibility{Level: sr.CompatNone}, "meetings-value")[0].Err
	mode := c.SetMode(t.Context(), sr.ModeImport)[0].Err
	for what, err := range map[string]error{"new schema": newSchema, "new subject": newSubject, "other id": otherID,
		"delete": deleted, "compatibility": compat, "mode": mode} {
		var refused *sr.ResponseError
		if !errors.As(err, &refused) || refused.StatusCode != http.StatusForbidden || !strings.Contains(refused.Message, "read-only") {
			t.Errorf("%s: got %v", what, err)
		}
	}
	if subjects, err := c.Subjects(t.Context()); err != nil || len(subjects) != 2 {
		t.Errorf("subjects are %v, %v", subjects, err)
	}
}

func TestCompatibilityIsChecked(t *testing.T) {
	t.Parallel()
	e := openAt(t, Config{Dir: t.TempDir(), Schemas: testSchemas()})
	c := registryClient(t, e)
	for _, check := range []struct {
		name, subject, text string
		version             int
		compatible, fails   bool
	}{
		{"new field with default", "meetings-value", schemaV2, 1, true, false},
		{"new field without default", "meetings-value", schemaBad, 1, false, false},
		{"latest", "meetings-value", schemaBad, -1, true, false},
		{"all versions", "meetings-value", schemaBad, -2, false, false},
		{"unknown version", "meetings-value", schemaV1, 9, false, true},
		{"unknown subject", "nobody", schemaV1, 1, false, true},
		{"not Avro", "meetings-value", `{"type":"nothing"}`, 1, false, true},
	} {
		got, err := c.CheckCompatibility(t.Context(), check.subject, check.version, sr.Schema{Schema: check.text})
		if got.Is != check.compatible || (err != nil) != check.fails {
			t.Errorf("%s: %+v, %v", check.name, got, err)
		}
	}
}

func TestRegistrySurvivesBadRequests(t *testing.T) {
	t.Parallel()
	e := openAt(t, Config{Dir: t.TempDir(), Schemas: testSchemas()})
	for path, body := range map[string]string{
		"/subjects/meetings-value/versions":                 "not JSON",
		"/compatibility/subjects/meetings-value/versions/1": `{"schema":"` + strings.Repeat("x", maxSchemaBytes) + `"}`,
		"/compatibility/subjects/meetings-value/versions":   `{"schema":"{}","schemaType":"PROTOBUF"}`,
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, e.RegistryURL()+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := testClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
		if resp.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: status %d", path, resp.StatusCode)
		}
	}
}

func TestManifestIsAppendOnly(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		schemas []Schema
		want    string
	}{
		"id used twice": {[]Schema{{"a", 1, 1, schemaV1}, {"b", 1, 1, schemaRow}}, `id 1 already belongs to subject "a" version 1`},
		"version gap":   {[]Schema{{"a", 1, 1, schemaV1}, {"a", 3, 2, schemaV2}}, `version 3 where version 2 was expected`},
		"version twice": {[]Schema{{"a", 1, 1, schemaV1}, {"a", 1, 2, schemaV2}}, `version 1 where version 2 was expected`},
		"starts at two": {[]Schema{{"a", 2, 1, schemaV1}}, `version 2 where version 1 was expected`},
		"no subject":    {[]Schema{{"", 1, 1, schemaV1}}, `needs a subject`},
		"id zero":       {[]Schema{{"a", 1, 0, schemaV1}}, `an id from 1`},
		"not a schema":  {[]Schema{{"a", 1, 1, "{"}}, `subject "a" version 1`},
	} {
		e, err := Open(t.Context(), Config{Dir: t.TempDir(), Schemas: c.schemas})
		if err == nil {
			closeNow(t, e)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}
