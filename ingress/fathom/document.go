package fathom

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"leadline/ingress/recorder"
	"leadline/schemas"
)

// document looks into a meeting without judging it: what it cannot read is not there, and normalize says why. An empty
// transcript is one, of a meeting in which nobody spoke. Of the turns it keeps nothing, since it is called for every delivery.
// whole says that the body is an object and nothing but that; else nothing was found in it.
func document(raw []byte) (d recorder.Document, whole bool) {
	d = recorder.Document{Event: schemas.FathomMeetingReceived, Body: raw}
	found := d
	var started time.Time
	err := eachMember(raw, func(name string, value jsontext.Value) {
		switch name {
		case "recording_id":
			found.Recording = ""
			if n, err := strconv.ParseInt(string(value), 10, 64); err == nil && n != 0 {
				found.Recording = strconv.FormatInt(n, 10)
			}
		case "created_at":
			_ = json.Unmarshal(value, &found.CreatedAt)
		case "recording_start_time":
			_ = json.Unmarshal(value, &started)
		case "recording_end_time":
			_ = json.Unmarshal(value, &found.EndedAt)
		case "transcript":
			found.Transcript = value.Kind() == '['
		case "default_summary":
			var summary struct {
				Markdown string `json:"markdown_formatted"`
			}
			_ = json.Unmarshal(value, &summary)
			found.Summary = summary.Markdown != ""
		}
	})
	if err != nil {
		return d, false
	}
	if found.EndedAt.Before(started) { // a clock that jumped: nobody knows when it ended
		found.EndedAt = time.Time{}
	}
	return found, true
}

var errNoObject = errors.New("not a JSON object")

// eachMember goes over an object once, to its end. The value is valid during the call.
func eachMember(object []byte, do func(name string, value jsontext.Value)) error {
	in := jsontext.NewDecoder(bytes.NewBuffer(object), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	begin, err := in.ReadToken()
	if err != nil || begin.Kind() != '{' {
		return errors.Join(errNoObject, err)
	}
	for in.PeekKind() != '}' {
		name, err := in.ReadToken()
		if err != nil {
			return err
		}
		member := name.String() // before the next read overwrites it
		value, err := in.ReadValue()
		if err != nil {
			return err
		}
		do(member, value)
	}
	if _, err = in.ReadToken(); err != nil {
		return err
	}
	if _, err = in.ReadToken(); !errors.Is(err, io.EOF) {
		return errors.Join(errNoObject, err)
	}
	return nil
}
