package schemas

import "time"

// Connection is a recorder that an organisation connected. Its key is
// ConnectionID. The sealed fields are ciphertexts; only ingress/connection can
// open them.
type Connection struct {
	Org          string    `avro:"org"`
	Provider     string    `avro:"provider"`
	Name         string    `avro:"name"` // "default" for the first
	BaseURL      string    `avro:"base_url"`
	SealedAPIKey []byte    `avro:"sealed_api_key"`
	WebhookID    string    `avro:"webhook_id"`
	WebhookURL   string    `avro:"webhook_url"`
	SealedSecret []byte    `avro:"sealed_webhook_secret"`
	Ingest       bool      `avro:"ingest"` // off: nothing is polled, deliveries are answered and dropped
	LookBackDays int32     `avro:"look_back_days"`
	ConnectedAt  time.Time `avro:"connected_at"`
}

// SyncRequested asks for a recorder's listing to be read.
type SyncRequested struct {
	Org         string     `avro:"org"`
	Provider    string     `avro:"provider"`
	Connection  string     `avro:"connection"`
	Source      string     `avro:"source"` // manual, cron, connect
	Since       *time.Time `avro:"since"`
	RequestedAt time.Time  `avro:"requested_at"`
}

// SyncCursor says how far the poll of a connection has come. A page's meetings
// and the cursor behind it are one transaction.
type SyncCursor struct {
	Org        string    `avro:"org"`
	Provider   string    `avro:"provider"`
	Connection string    `avro:"connection"`
	Since      time.Time `avro:"since"`   // created_after of the run under way or of the last one
	Page       string    `avro:"page"`    // the recorder's cursor of the next page; empty between runs
	Through    time.Time `avro:"through"` // every meeting created before this has been read
	Meetings   int64     `avro:"meetings"`
	Pages      int64     `avro:"pages"`
	UpdatedAt  time.Time `avro:"updated_at"`
}
