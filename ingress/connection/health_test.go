package connection_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"leadline/ingress/connection"
	"leadline/schemas"
)

func TestHealthSaysWhatIsWrongAndWhatToDo(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) *time.Time { at := now.Add(-d); return &at }
	const day = 24 * time.Hour
	// meetings are one every hour, the first so long ago, that a poll found after an hour.
	meetings := func(n int, first time.Duration, announced bool) (seen []schemas.SeenRecording) {
		for i := range n {
			age := first - time.Duration(i)*time.Hour
			seen = append(seen, schemas.SeenRecording{
				Recording: fmt.Sprint(first, i), CreatedAt: *ago(age), FoundAt: ago(age - time.Hour), ListedBy: ago(time.Hour), Announced: announced,
			})
		}
		return seen
	}
	for name, c := range map[string]struct {
		change func(*schemas.Connection, *schemas.SyncCursor)
		want   []string
		says   string
	}{
		"well":                    {func(*schemas.Connection, *schemas.SyncCursor) {}, nil, ""},
		"one was never announced": {func(_ *schemas.Connection, at *schemas.SyncCursor) { at.Seen[3].Announced = false }, []string{"webhook_unannounced"}, "Of the 10 meetings of the last week that polls have found, webhooks never announced 1"},
		"no delivery for days": {func(_ *schemas.Connection, at *schemas.SyncCursor) {
			at.Seen, at.DeliveredAt = meetings(10, 3*day, false), ago(5*day)
		}, []string{"webhook_unannounced"}, "The last delivery came 5 days ago."},
		"never a delivery": {func(_ *schemas.Connection, at *schemas.SyncCursor) {
			at.Seen, at.DeliveredAt = meetings(10, 3*day, false), nil
		}, []string{"webhook_unannounced"}, "No delivery has ever come."},
		"a delivery may still come": {func(_ *schemas.Connection, at *schemas.SyncCursor) {
			at.Seen = append(at.Seen, schemas.SeenRecording{Recording: "new", CreatedAt: *ago(3 * time.Hour), FoundAt: ago(time.Hour), ListedBy: ago(time.Hour)})
		}, nil, ""},
		"no webhook": {func(c *schemas.Connection, at *schemas.SyncCursor) {
			at.Seen, c.WebhookURL = meetings(10, 3*day, false), ""
		}, nil, ""},
		"from before it was connected": {func(c *schemas.Connection, at *schemas.SyncCursor) {
			at.Seen, c.ConnectedAt = meetings(10, 3*day, false), *ago(2 * day)
		}, nil, ""},
		"nobody polls": {func(_ *schemas.Connection, at *schemas.SyncCursor) { at.UpdatedAt = *ago(3 * day) }, []string{"unread"}, "for 3 days"},
		"half as many as last week": {func(_ *schemas.Connection, at *schemas.SyncCursor) {
			at.Seen = slices.Concat(meetings(4, 3*day, true), meetings(9, 10*day, true))
		}, []string{"fewer_meetings"}, "4 in the last seven days, 9 in the seven before"},
		"few in any week": {func(_ *schemas.Connection, at *schemas.SyncCursor) {
			at.Seen = slices.Concat(meetings(1, 3*day, true), meetings(7, 10*day, true))
		}, nil, ""},
		"a new key, which sees far back": {func(c *schemas.Connection, at *schemas.SyncCursor) {
			at.Seen, c.ConnectedAt = meetings(20, 10*day, true), *ago(9 * day)
		}, nil, ""},
		"vanished": {func(_ *schemas.Connection, at *schemas.SyncCursor) { at.Vanished = 5 }, []string{"meetings_vanished"}, "5 meetings are not in the recorder's listing"},
		"paused":   {func(c *schemas.Connection, at *schemas.SyncCursor) { c.Ingest, at.Vanished = false, 5 }, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			of := schemas.Connection{
				Org: "a", Provider: schemas.Fathom, Name: "default", Ingest: true, ConnectedAt: *ago(30 * day),
				WebhookURL: "https://leadline.example/api", SealedSecret: []byte("sealed"),
			}
			at := schemas.SyncCursor{UpdatedAt: *ago(time.Hour), Seen: meetings(10, 3*day, true), DeliveredAt: ago(2 * time.Hour)}
			c.change(&of, &at)
			var codes []string
			said := ""
			for _, p := range connection.StatusOf(of, &at, now).Problems {
				codes, said = append(codes, p.Code), said+p.Text
				if !slices.Contains(connection.ProblemCodes(), p.Code) {
					t.Errorf("%s is not in the list", p.Code)
				}
			}
			if !slices.Equal(codes, c.want) || !strings.Contains(said, c.says) {
				t.Errorf("%v %s, want %v and %q", codes, said, c.want, c.says)
			}
		})
	}
}
