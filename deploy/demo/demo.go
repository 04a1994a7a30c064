// Package demo holds the sample meetings and customers that come with the
// program; sample/README.md says what is in them.
package demo

import (
	"embed"
	"io/fs"
)

//go:embed sample
var files embed.FS

// Meetings is a folder of Fathom meetings, one in each file.
func Meetings() fs.FS { return folder("sample/meetings") }

// ZoomMeetings is a folder of Zoom meetings, as the simulated Zoom reads them.
func ZoomMeetings() fs.FS { return folder("sample/zoom") }

func folder(path string) fs.FS {
	meetings, err := fs.Sub(files, path)
	if err != nil {
		return files // the path is a constant: it is valid
	}
	return meetings
}

// Directory is the file of the customers whom the meetings are with.
func Directory() []byte {
	raw, err := files.ReadFile("sample/directory.json")
	if err != nil {
		return nil // embedded: it is there
	}
	return raw
}
