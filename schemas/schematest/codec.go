// Package schematest gives tests a registry that holds the manifest.
package schematest

import (
	"net/http/httptest"
	"testing"

	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"

	"leadline/schemas"
)

// Codec returns a codec over such a registry.
func Codec(t testing.TB) *schemas.Codec {
	t.Helper()
	registry := srfake.NewRegistry()
	manifest, err := schemas.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range manifest {
		registry.SeedSchema(r.Subject, r.Version, r.ID, sr.Schema{Schema: r.Text})
	}
	server := httptest.NewServer(registry.Handler())
	t.Cleanup(server.Close)
	client, err := sr.NewClient(sr.URLs(server.URL))
	if err != nil {
		t.Fatal(err)
	}
	codec, err := schemas.OpenCodec(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	return codec
}
