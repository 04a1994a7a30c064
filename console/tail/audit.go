package tail

import (
	"context"
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
)

// lookAudit is how many entries of an organisation's partition are gone through.
const lookAudit = 5000

// Audit are the last entries of an organisation's audit log, newest first.
func (r *Reader) Audit(ctx context.Context, org string, most int) ([]schemas.AuditEntry, error) {
	var all []schemas.AuditEntry
	var failed error
	err := r.tail(ctx, []string{schemas.AuditLog.Name}, org, lookAudit, func(record *kgo.Record) {
		if string(record.Key) != org {
			return
		}
		e, err := schemas.Decode(r.Codec, schemas.AuditLog, record.Value)
		if err != nil {
			failed = err
			return
		}
		all = append(all, *e)
	})
	if err == nil {
		err = failed
	}
	slices.Reverse(all)
	return all[:min(most, len(all))], err
}
