package connection

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"leadline/schemas"
)

// storeTime bounds the transaction of a change: somebody is waiting for it.
const storeTime = 30 * time.Second

// change is the only way in which a connection comes, changes and goes. The function is told what there is, nil for
// nothing, and returns what there shall be with the sync that goes with it; nil leaves either as it is. It returns what
// there was.
//
// The transactional id is the connection's. Whoever begins later ends what another has under way on the same connection,
// and sees what it committed: the one that was ended has changed nothing. An error means that no record will be seen;
// only so may a webhook that belongs to one be deleted. (The one exception is a broker that is lost for good between
// being told to commit and saying that it did.)
func (c *Connector) change(ctx context.Context, org, provider, name string,
	decide func(before *schemas.Connection) (*schemas.Connection, *schemas.SyncRequested, error),
) (*schemas.Connection, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	id := schemas.ConnectionID(org, provider, name)
	client, err := kgo.NewClient(append(slices.Clone(c.options.Kafka),
		kgo.TransactionalID("leadline-connection-"+id),
		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.TransactionTimeout(storeTime),
	)...)
	if err != nil {
		return nil, fmt.Errorf("building a client: %w", err)
	}
	defer client.Close()
	// From here on nobody else's transaction on this connection can commit.
	if _, _, err := client.ProducerID(ctx); err != nil {
		return nil, fmt.Errorf("taking the connection over: %w", err)
	}
	if err := c.table.CatchUp(ctx); err != nil {
		return nil, fmt.Errorf("looking up the connection: %w", err)
	}
	var before *schemas.Connection
	if was, found := c.table.Lookup(org, provider, name); found {
		before = &was
	}
	after, sync, err := decide(before)
	if err != nil {
		return before, err
	}
	records, err := c.records(id, after, sync)
	if err != nil || len(records) == 0 {
		return before, err
	}
	return before, commit(ctx, client, records)
}

func (c *Connector) records(id string, after *schemas.Connection, sync *schemas.SyncRequested) ([]*kgo.Record, error) {
	var records []*kgo.Record
	if after != nil {
		value, err := schemas.Encode(c.options.Codec, schemas.Connections, after)
		if err != nil {
			return nil, err
		}
		records = append(records, &kgo.Record{Topic: schemas.Connections.Name, Key: []byte(id), Value: value})
	}
	if sync != nil {
		value, err := schemas.Encode(c.options.Codec, schemas.SyncRequests, sync)
		if err != nil {
			return nil, err
		}
		records = append(records, &kgo.Record{Topic: schemas.SyncRequests.Name, Key: []byte(id), Value: value})
	}
	return records, nil
}

// commit writes records in one transaction, acknowledged by all replicas.
func commit(ctx context.Context, client *kgo.Client, records []*kgo.Record) error {
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
