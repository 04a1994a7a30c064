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
	// Account is the recorder's id of the account, by which an endpoint for all organisations finds the connection.
	Account string `avro:"account,default="`
	// DisconnectedAt says that the connection is no more. What is left of it answers its last deliveries, and holds the
	// sealed key for as long as a webhook of it could not be deleted.
	DisconnectedAt *time.Time `avro:"disconnected_at"`
	// Leaked are the ids, with spaces between them, of webhooks at the recorder that should be gone.
	Leaked string `avro:"leaked,default="`
	// EraseAskedAt says that what came by this connection shall be erased; Receipt, in JSON, that it was.
	EraseAskedAt *time.Time `avro:"erase_asked_at"`
	Receipt      string     `avro:"receipt,default="`
}

// SyncRequested asks for a recorder's listing to be read, or for one recording.
type SyncRequested struct {
	Org         string     `avro:"org"`
	Provider    string     `avro:"provider"`
	Connection  string     `avro:"connection"`
	Source      string     `avro:"source"` // one of Sync...
	Since       *time.Time `avro:"since"`
	RequestedAt time.Time  `avro:"requested_at"`
	// Recording asks for that one, whole, and for nothing else.
	Recording string `avro:"recording,default="`
	// Stored says that a delivery has brought the recording already, and only tells of that.
	Stored bool `avro:"stored,default=false"`
	// Gone says that, by a delivery, the recorder does not have Recording any more: where it has not, the meeting is marked.
	Gone bool `avro:"gone,default=false"`
	// Run and what follows are set when a run asks for its own next page; Since is set then, too.
	Run       *time.Time `avro:"run"`                     // when the run was asked for: its identity
	Page      string     `avro:"page,default="`           // the recorder's cursor of the page to read
	Pages     int64      `avro:"pages,default=0"`         // how many the run has read
	Restarted bool       `avro:"restarted,default=false"` // the recorder refused a cursor of this run once
}

// Sources of sync requests: a closed list.
const (
	SyncManual  = "manual"
	SyncCron    = "cron"
	SyncConnect = "connect" // the first one of a new connection
	SyncResume  = "resume"  // ingest was switched on again
	SyncWebhook = "webhook" // a delivery that only names a recording
	SyncPending = "pending" // a recording that was not complete when it was last read
)

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
	// Run is when the run under way, or the last one, was asked for: its identity.
	Run *time.Time `avro:"run"`
	// Stopped says why the run does not go on by itself; empty when it does or has ended.
	Stopped string `avro:"stopped,default="`
	// Source is whose request the run answers.
	Source string `avro:"source,default="`
	// Reached is the creation of the oldest meeting that the run has read. Listings begin with the newest, so what lies
	// between it and Since is left.
	Reached *time.Time `avro:"reached"`
	// DeliveredAt is when the last delivery came.
	DeliveredAt *time.Time `avro:"delivered_at"`
	// Seen are the meetings of the last two weeks, the newest first.
	Seen []SeenRecording `avro:"seen,default=[]"`
	// Vanished is how many of them the last listings lacked that are kept all the same.
	Vanished int64 `avro:"vanished,default=0"`
}

// SeenRecording is what deliveries and listings told of a meeting.
type SeenRecording struct {
	Recording string     `avro:"recording"`
	CreatedAt time.Time  `avro:"created_at"` // of a meeting that was not listed yet when it was announced
	Announced bool       `avro:"announced"`  // by a delivery
	FoundAt   *time.Time `avro:"found_at"`   // when a listing had it for the first time
	ListedBy  *time.Time `avro:"listed_by"`  // the last run whose listing had it
	Missed    int32      `avro:"missed"`     // how many whole listings in a row have lacked it since
}
