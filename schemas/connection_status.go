package schemas

import "time"

// States of a connection: a closed list.
const (
	ConnectionConnected    = "connected"
	ConnectionPaused       = "paused"
	ConnectionDisconnected = "disconnected"
)

// ConnectionStatus is what people and machines are told of a connection. It
// holds no secret, sealed or not.
type ConnectionStatus struct {
	Org            string              `json:"org"`
	Provider       string              `json:"provider"`
	Name           string              `json:"name"`
	State          string              `json:"state" doc:"connected, paused, disconnected"`
	Account        string              `json:"account,omitempty" doc:"the recorder's own, where it tells"`
	BaseURL        string              `json:"base_url"`
	WebhookURL     string              `json:"webhook_url,omitempty"`
	LookBackDays   int32               `json:"look_back_days" doc:"below 0: everything"`
	ConnectedAt    time.Time           `json:"connected_at"`
	DisconnectedAt *time.Time          `json:"disconnected_at,omitempty"`
	Sync           *ConnectionSync     `json:"sync,omitempty" doc:"none before the first"`
	DeliveredAt    *time.Time          `json:"delivered_at,omitempty" doc:"when the last delivery of a webhook came"`
	EraseAskedAt   *time.Time          `json:"erase_asked_at,omitempty"`
	Receipt        *ErasureReceipt     `json:"receipt,omitempty" doc:"of what was erased; none until it is"`
	Problems       []ConnectionProblem `json:"problems"`
}

// ConnectionSync is how far the run under way, or the last one, has come.
type ConnectionSync struct {
	Running     bool       `json:"running"`
	Source      string     `json:"source,omitempty" doc:"connect, cron, manual, resume"`
	Began       *time.Time `json:"began,omitempty"`
	Since       *time.Time `json:"since,omitempty" doc:"none: everything"`
	Pages       int64      `json:"pages"`
	Meetings    int64      `json:"meetings"`
	PerMinute   float64    `json:"per_minute" doc:"meetings"`
	SecondsLeft *float64   `json:"seconds_left,omitempty" doc:"by how much of the window of time has been read; none where nobody can tell"`
	Stopped     string     `json:"stopped,omitempty" doc:"why it does not go on by itself"`
	UpdatedAt   time.Time  `json:"updated_at"`
	Through     *time.Time `json:"through,omitempty" doc:"all that was created before has been read"`
}

// ConnectionProblem is something about a connection that a person should know.
type ConnectionProblem struct {
	Code string `json:"code" doc:"of a closed list"`
	Text string `json:"text" doc:"what it is, and what to do about it"`
}

// ErasureReceipt says what an erasure has removed where.
type ErasureReceipt struct {
	AskedAt    time.Time      `json:"asked_at"`
	DoneAt     time.Time      `json:"done_at"`
	Meetings   int            `json:"meetings" doc:"that the connection had brought and that are gone"`
	Kept       int            `json:"kept" doc:"that another connection of the organisation brought as well"`
	Tombstones map[string]int `json:"tombstones" doc:"the records that say so, by topic: compacted topics drop what was there before"`
	Stores     map[string]int `json:"stores" doc:"the keys that each store has been told to remove and has confirmed, by its consumer group"`
	Pending    []string       `json:"pending" doc:"what was not seen to be gone in time; empty when all is"`
	Remaining  map[string]int `json:"remaining" doc:"records that still hold a meeting or what a recorder sent, by topic: they go with the topic's retention, and stay where it is kept for ever"`
	Unreadable int            `json:"unreadable" doc:"raw records of the connection that name no recording, and so belong to no meeting"`
}
