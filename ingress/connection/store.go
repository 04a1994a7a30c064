package connection

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
)

// storeTime bounds the transaction of a connect: somebody is waiting for it.
const storeTime = 30 * time.Second

// store writes a connection and the request for its first sync.
func (c *Connector) store(ctx context.Context, made schemas.Connection) error {
	row, err := schemas.Encode(c.options.Codec, schemas.Connections, &made)
	if err != nil {
		return err
	}
	request, err := schemas.Encode(c.options.Codec, schemas.SyncRequests, &schemas.SyncRequested{
		Org: made.Org, Provider: made.Provider, Connection: made.Name, Source: "connect", RequestedAt: made.ConnectedAt,
	})
	if err != nil {
		return err
	}
	key := []byte(schemas.ConnectionID(made.Org, made.Provider, made.Name))
	return c.commit(ctx,
		&kgo.Record{Topic: schemas.Connections.Name, Key: key, Value: row},
		&kgo.Record{Topic: schemas.SyncRequests.Name, Key: key, Value: request})
}

// remove writes the tombstone of a connection.
func (c *Connector) remove(ctx context.Context, old schemas.Connection) error {
	key := []byte(schemas.ConnectionID(old.Org, old.Provider, old.Name))
	return c.commit(ctx, &kgo.Record{Topic: schemas.Connections.Name, Key: key})
}

// commit writes records in one transaction, acknowledged by all replicas. An error means that none of them will be seen:
// only so may the webhook that they belong to be deleted. (The one exception is a broker that is lost for good between
// being told to commit and saying that it did.)
func (c *Connector) commit(ctx context.Context, records ...*kgo.Record) error {
	ctx, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	client, err := kgo.NewClient(append(slices.Clone(c.options.Kafka),
		// Connecting is rare, and may be done by two processes at a time: each has an id that nobody can fence.
		kgo.TransactionalID("leadline-connect-"+rand.Text()),
		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.TransactionTimeout(storeTime),
	)...)
	if err != nil {
		return fmt.Errorf("building a client: %w", err)
	}
	defer client.Close()
	if err := client.BeginTransaction(); err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	if err := client.ProduceSync(ctx, records...).FirstErr(); err != nil {
		abort, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTime)
		defer cancel()
		return errors.Join(fmt.Errorf("writing: %w", err), client.AbortBufferedRecords(abort),
			client.EndTransaction(abort, kgo.TryAbort))
	}
	if err := client.EndTransaction(ctx, kgo.TryCommit); err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	return nil
}
