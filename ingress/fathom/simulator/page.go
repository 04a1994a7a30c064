package simulator

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

// pageSize is Fathom's; no parameter changes it.
const pageSize = 10

// cursor is base64 of a page number, as in Fathom's own example. So what a client sees while meetings appear is real,
// too: a new meeting pushes an old one from a page that was read to one that was not, and it comes twice.
type cursor struct {
	PageNum int `json:"page_num"`
}

func (c cursor) String() string {
	return base64.StdEncoding.EncodeToString([]byte(`{"page_num":` + strconv.Itoa(c.PageNum) + `}`))
}

// parseCursor reads a cursor; an absent or empty one is the first page.
func parseCursor(query url.Values) (cursor, error) {
	text := query.Get("cursor")
	if text == "" {
		return cursor{PageNum: 1}, nil
	}
	decoded, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return cursor{}, errors.New("cursor is not one of ours")
	}
	var c cursor
	d := json.NewDecoder(bytes.NewReader(decoded))
	d.DisallowUnknownFields()
	// The upper bound keeps the multiplication by the page size from overflowing.
	if err := d.Decode(&c); err != nil || c.PageNum < 1 || c.PageNum > 1<<30 {
		return cursor{}, errors.New("cursor is not one of ours")
	}
	return c, nil
}

// answerPage sends one page of all items, each made into JSON by encode only if it is on the page.
func answerPage[T any](w http.ResponseWriter, at cursor, all []T, encode func(T) []byte) {
	begin := min((at.PageNum-1)*pageSize, len(all))
	end := min(begin+pageSize, len(all))
	next := "null"
	if end < len(all) {
		next = strconv.Quote(cursor{PageNum: at.PageNum + 1}.String())
	}
	items := make([]json.RawMessage, 0, pageSize)
	for _, item := range all[begin:end] {
		items = append(items, encode(item))
	}
	var body bytes.Buffer
	fmt.Fprintf(&body, `{"limit":%d,"next_cursor":%s,"items":`, pageSize, next)
	body.Write(joinArray(items))
	body.WriteByte('}')
	answerRaw(w, http.StatusOK, body.Bytes())
}
