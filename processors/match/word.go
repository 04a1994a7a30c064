package match

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"leadline/schemas"
)

// What a word says, in the state.
const (
	wordSame  = "same"
	wordApart = "apart"
)

// word takes in whether two recordings are of one call, by hand.
func (c *change) word(id string, e *schemas.DirectoryEntry) error {
	one, other, _ := cutSameCall(c.org, id)
	for _, p := range [][2]string{{one, other}, {other, one}} {
		at := pair(c.org, sortWord, p[0], p[1])
		switch {
		case e == nil:
			c.Delete(at)
		case e.SameCall.Same:
			c.Set(at, []byte(wordSame))
		default:
			c.Set(at, []byte(wordApart))
		}
		if err := c.touch(sortRecording, p[0]); err != nil {
			return err
		}
	}
	return nil
}

// cutSameCall takes a SameCallID apart into the two meetings.
func cutSameCall(org, id string) (one, other string, ok bool) {
	parts := strings.Split(id, "/")
	if len(parts) != 4 || slices.Contains(parts, "") {
		return "", "", false
	}
	one, other = schemas.MeetingID(org, parts[0], parts[1]), schemas.MeetingID(org, parts[2], parts[3])
	return one, other, one < other
}

var errSameCall = errors.New("want organisation/same_call/recorder/recording/recorder/recording, the lesser first")

func checkSameCall(org, id string, s *schemas.SameCall) error {
	one, other, ok := cutSameCall(org, id)
	if !ok {
		return fmt.Errorf("key %.280q: %w", id, errSameCall)
	}
	if s != nil && (s.MeetingID != one || s.OtherID != other) {
		return fmt.Errorf("the word %.280q is on %.140q and %.140q", id, s.MeetingID, s.OtherID)
	}
	return nil
}
