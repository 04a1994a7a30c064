package boot

import (
	"context"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/sr"

	"leadline/schemas"
)

// RegisterSchemas registers every schema of this build, oldest first, after the
// registry has found each compatible with what it has. It is for the time of
// deployment; nothing registers while it runs. Doing it again changes nothing.
func RegisterSchemas(ctx context.Context, registry *sr.Client) (registered int, err error) {
	all, err := schemas.Manifest()
	if err != nil {
		return 0, err
	}
	for _, r := range all {
		schema := sr.Schema{Schema: r.Text}
		if _, err := registry.LookupSchema(ctx, r.Subject, schema); err == nil {
			continue
		}
		found, err := registry.CheckCompatibility(ctx, r.Subject, -1, schema)
		if err != nil && !noSuchSubject(err) {
			return registered, fmt.Errorf("asking whether %s version %d is compatible: %w", r.Subject, r.Version, err)
		}
		if err == nil && !found.Is {
			return registered, fmt.Errorf("the registry holds a schema of %s that version %d is not compatible with: another build is newer than this one, or somebody else writes to that topic", r.Subject, r.Version)
		}
		if _, err := registry.CreateSchema(ctx, r.Subject, schema); err != nil {
			return registered, fmt.Errorf("registering %s version %d: %w", r.Subject, r.Version, err)
		}
		registered++
		// A registry's own default may be NONE, and then anybody's next schema
		// could be one that this build cannot read.
		for _, set := range registry.SetCompatibility(ctx, sr.SetCompatibility{Level: sr.CompatBackward}, r.Subject) {
			if set.Err != nil {
				return registered, fmt.Errorf("setting the compatibility of %s: %w", r.Subject, set.Err)
			}
		}
	}
	return registered, nil
}

// noSuchSubject is the registry's answer where there is nothing to be
// compatible with: code 40401 (subject) or 40402 (version).
func noSuchSubject(err error) bool {
	var answer *sr.ResponseError
	return errors.As(err, &answer) && (answer.ErrorCode == 40401 || answer.ErrorCode == 40402)
}
