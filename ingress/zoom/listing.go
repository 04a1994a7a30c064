package zoom

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"
)

const (
	// mostPerPage is Zoom's; it is right for what is read to its end anyway.
	mostPerPage = 300

	// maxPages of such a list: 30,000 users, or joins of one meeting.
	maxPages = 100
)

// User is somebody of the account.
type User struct {
	ID        string
	Email     string
	CreatedAt time.Time
}

// userOf reads one; what cannot be read of him is not there.
func userOf(raw json.RawMessage) User {
	var u struct {
		ID        string `json:"id"`
		Email     string `json:"email"`
		CreatedAt moment `json:"created_at"`
	}
	_ = json.Unmarshal(raw, &u)
	return User{u.ID, u.Email, u.CreatedAt.Time}
}

// Users lists everybody whose recordings there may be, also those who cannot sign in any more, by id.
func (c *Client) Users(ctx context.Context) ([]User, error) {
	var all []User
	for _, status := range []string{"active", "inactive"} {
		err := c.pages(ctx, limitMedium, "/users", url.Values{"status": {status}}, func(body []byte) error {
			var page struct {
				Users []json.RawMessage `json:"users"`
			}
			if err := json.Unmarshal(body, &page); err != nil {
				return fmt.Errorf("decoding users: %w", err)
			}
			for _, raw := range page.Users {
				u := userOf(raw)
				if u.ID == "" {
					return errors.New("decoding users: one has no id")
				}
				all = append(all, u)
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("listing users: %w", err)
		}
	}
	slices.SortFunc(all, func(a, b User) int { return cmp.Compare(a.ID, b.ID) })
	return slices.CompactFunc(all, func(a, b User) bool { return a.ID == b.ID }), nil
}

// pages reads a list to its end. It is read in one go, so its tokens, which live for 15 minutes, do not end meanwhile.
func (c *Client) pages(ctx context.Context, limit, path string, query url.Values, each func(body []byte) error) error {
	query.Set("page_size", strconv.Itoa(mostPerPage))
	for range maxPages {
		body, err := c.get(ctx, limit, path, query)
		if err != nil {
			return err
		}
		if err := each(body); err != nil {
			return err
		}
		next := nextPage(body)
		if next == "" {
			return nil
		}
		if next == query.Get("next_page_token") {
			return errors.New("a page names itself as the next one")
		}
		query.Set("next_page_token", next)
	}
	return fmt.Errorf("list has more than %d pages", maxPages)
}

func nextPage(body []byte) string {
	var page struct {
		Next string `json:"next_page_token"`
	}
	_ = json.Unmarshal(body, &page) // whoever reads the page finds what is wrong with it
	return page.Next
}

// Listed is a meeting of a list: enough to ask for it.
type Listed struct {
	UUID  string // empty where Zoom gives none
	Start time.Time
	Raw   json.RawMessage
}

// Recordings lists a page of a user's meetings that were recorded and began in a window of days, both included, at most
// a month apart. Next is empty on the last page, and good for 15 minutes.
func (c *Client) Recordings(ctx context.Context, user string, from, to time.Time, size int, token string) (list []Listed, next string, err error) {
	query := url.Values{"from": {from.Format(time.DateOnly)}, "to": {to.Format(time.DateOnly)}, "page_size": {strconv.Itoa(size)}}
	if token != "" {
		query.Set("next_page_token", token)
	}
	body, err := c.get(ctx, limitMedium, "/users/"+url.PathEscape(user)+"/recordings", query)
	if err != nil {
		return nil, "", fmt.Errorf("listing recordings: %w", err)
	}
	var page struct {
		Meetings []json.RawMessage `json:"meetings"`
	}
	if err := json.Unmarshal(body, &page); err != nil {
		return nil, "", fmt.Errorf("decoding recordings: %w", err)
	}
	for _, raw := range page.Meetings {
		var m struct {
			UUID  string `json:"uuid"`
			Start moment `json:"start_time"`
		}
		_ = json.Unmarshal(raw, &m) // what cannot be read of it is not there
		list = append(list, Listed{m.UUID, m.Start.Time, raw})
	}
	return list, nextPage(body), nil
}

// Prove shows that the credential works: a token is given for it, and that may list users and recordings.
func (c *Client) Prove(ctx context.Context, now time.Time) error {
	body, err := c.get(ctx, limitMedium, "/users", url.Values{"page_size": {"1"}})
	if err != nil {
		return fmt.Errorf("listing a user: %w", err)
	}
	var page struct {
		Users []json.RawMessage `json:"users"`
	}
	if err := json.Unmarshal(body, &page); err != nil {
		return fmt.Errorf("decoding users: %w", err)
	}
	if len(page.Users) == 0 {
		return nil
	}
	_, _, err = c.Recordings(ctx, userOf(page.Users[0]).ID, now, now, 1, "")
	return err
}
