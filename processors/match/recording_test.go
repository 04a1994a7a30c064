package match

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"leadline/schemas"
)

func TestRoomOf(t *testing.T) {
	t.Parallel()
	for link, want := range map[string]string{
		"https://us02web.zoom.us/j/84210077123?pwd=abc#success": "zoom:84210077123",
		"https://acme.zoom.us/wc/join/84210077123":              "zoom:84210077123",
		"https://zoom.us/s/84210077123":                         "zoom:84210077123",
		" HTTPS://Zoom.US/w/84210077123/ ":                      "zoom:84210077123",
		"https://www.zoomgov.com/j/1612345678":                  "zoomgov:1612345678",
		"https://zoom.us/my/ida":                                "", // stands for a number that is not in it
		"https://zoom.us/j/":                                    "",
		"https://zoom.us/j/12345":                               "",
		"https://zoom.us/j/84210077123456":                      "",
		"https://notzoom.us/j/84210077123":                      "",
		"https://zoom.us.evil.example/j/84210077123":            "",
		"https://evil.example/?u=https://zoom.us/j/84210077123": "",
		"https://meet.google.com/abc-defg-hij?authuser=1":       "meet:abc-defg-hij",
		"https://meet.google.com/ABC-DEFG-HIJ/":                 "meet:abc-defg-hij",
		"https://meet.google.com/lookup/weekly":                 "",
		"https://meet.google.com/":                              "",
		"https://teams.microsoft.com/meet/9876543210123?p=aBc":  "teams:meet/9876543210123",
		"https://teams.live.com/meet/9876543210123":             "teams:meet/9876543210123",
		"https://teams.microsoft.com/v2/":                       "",
		"https://app.slack.com/huddle/T012AB/C345CD":            "slack:huddle/T012AB/C345CD",
		"https://app.slack.com/huddle/T012AB":                   "",
		"https://meet.acme.example/lobby":                       "", // many calls at once may begin there
		"https://zoom.us/j/84210077123@evil.example":            "",
		"zoom.us/j/84210077123":                                 "",
		"%":                                                     "",
		"":                                                      "",
		"https://teams.microsoft.com/l/meetup-join/19%3ameeting_MzY%40thread.v2/0?context=%7b%22Tid%22%7d": "teams:l/meetup-join/19:meeting_MzY@thread.v2/0",
	} {
		if got := roomOf(link); got != want {
			t.Errorf("%s is the room %q, want %q", link, got, want)
		}
	}
}

// taken is a recording from one minute to another, by a host, in a room, with
// those who were invited.
func taken(id, host, room string, from, to int, invited ...string) *schemas.Meeting {
	m := meeting(host, invited...)
	m.RecordingID, m.ID = id, schemas.MeetingID("o", schemas.Fathom, id)
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	m.StartedAt, m.EndedAt = noon.Add(time.Duration(from)*time.Minute), noon.Add(time.Duration(to)*time.Minute)
	if room != "" {
		m.JoinURL = &room
	}
	return m
}

func TestWhenTwoRecordingsAreOfOneCall(t *testing.T) {
	t.Parallel()
	const room, other, lobby = "https://zoom.us/j/84210077123", "https://zoom.us/j/84210077124", "https://meet.acme.example/lobby"
	const ida, jon, ann, bob = "ida@own.example", "jon@own.example", "ann@acme.example", "bob@acme.example"
	crowd := make([]string, mostOutsiders+1)
	for i := range crowd {
		crowd[i] = fmt.Sprintf("guest%d@acme.example", i)
	}
	for _, c := range []struct {
		name string
		a, b *schemas.Meeting
		want string // the evidence; empty: two calls
	}{
		{"one room at one time", taken("1", ida, room, 0, 60), taken("2", jon, room, 1, 59), schemas.EvidenceRoom},
		{"one room, with another passcode", taken("1", ida, room+"?pwd=1", 0, 60), taken("2", jon, room+"?pwd=2", 0, 60), schemas.EvidenceRoom},
		{"who came late and left early", taken("1", ida, room, 0, 60), taken("2", jon, room, 40, 50), schemas.EvidenceRoom},
		{"the same room a week later", taken("1", ida, room, 0, 60), taken("2", jon, room, 7*24*60, 7*24*60+60), ""},
		{"the next call in the room", taken("1", ida, room, 0, 60), taken("2", jon, room, 60, 90), ""},
		{"the next call in the room, after one that overran", taken("1", ida, room, 0, 70), taken("2", jon, room, 60, 90), ""},
		{"four fifths of the shorter one", taken("1", ida, room, 0, 60), taken("2", jon, room, 52, 62), schemas.EvidenceRoom},
		{"less than that", taken("1", ida, room, 0, 60), taken("2", jon, room, 53, 63), ""},
		{"other rooms, whoever was there", taken("1", ida, room, 0, 60, ann, bob), taken("2", jon, other, 0, 60, ann, bob), ""},
		{"a room from midnight to midnight", taken("1", ida, room, 0, 24*60), taken("2", jon, room, 0, 60), ""},
		{"a recording without an end", taken("1", ida, room, 0, 60), taken("2", jon, room, 0, 0), ""},
		{"a recording that ends before it begins", taken("1", ida, room, 0, 60), taken("2", jon, room, 10, 5), ""},

		{"no room, two people of whom one is from outside", taken("1", ida, "", 0, 60, jon, ann), taken("2", jon, "", 2, 58, jon, ann), schemas.EvidenceAttendees},
		{"one has a room", taken("1", ida, room, 0, 60, ann, bob), taken("2", jon, "", 2, 58, ann, bob), schemas.EvidenceAttendees},
		{"a page to join from is no room", taken("1", ida, lobby, 0, 60, ann), taken("2", jon, lobby, 0, 60, bob), ""},
		{"addresses in other letters", taken("1", ida, "", 0, 60, "ANN@acme.example", bob), taken("2", jon, "", 0, 60, ann, "Bob@ACME.example"), schemas.EvidenceAttendees},
		{"one person alone", taken("1", ida, "", 0, 60, ann), taken("2", jon, "", 0, 60, ann), ""},
		{"our own people alone", taken("1", ida, "", 0, 60, ida, jon), taken("2", jon, "", 0, 60, ida, jon), ""},
		{"a room and a bot are nobody", taken("1", ida, "", 0, 60, ann, "notetaker@fathom.video"), taken("2", jon, "", 0, 60, ann, "notetaker@fathom.video"), ""},
		{"begun ten minutes apart", taken("1", ida, "", 0, 60, ann, bob), taken("2", jon, "", 10, 60, ann, bob), schemas.EvidenceAttendees},
		{"begun later than that", taken("1", ida, "", 0, 60, ann, bob), taken("2", jon, "", 11, 60, ann, bob), ""},
		{"one recorder is in one call at a time", taken("1", ida, "", 0, 60, ann, bob), taken("2", ida, "", 0, 60, ann, bob), ""},
		{"an audience", taken("1", ida, "", 0, 60, crowd...), taken("2", jon, "", 0, 60, crowd...), ""},
		{"an audience in a room", taken("1", ida, room, 0, 60, crowd...), taken("2", jon, room, 0, 60, crowd...), schemas.EvidenceRoom},
		{"an outsider of the one is the other's host", taken("1", ida, "", 0, 60, "kim@second.example", ida), taken("2", "kim@second.example", "", 0, 60, "kim@second.example", ida), ""},
	} {
		for _, p := range [][2]*schemas.Meeting{{c.a, c.b}, {c.b, c.a}} {
			by, same := sameCall(recordingOf(p[0]), recordingOf(p[1]))
			if !same {
				by.Evidence = ""
			}
			if by.Evidence != c.want {
				t.Errorf("%s: %q, want %q", c.name, by.Evidence, c.want)
			}
		}
	}
}

func TestWhichRecordingStandsForTheCall(t *testing.T) {
	t.Parallel()
	words := func(m *schemas.Meeting) *schemas.Meeting {
		m.Turns = []schemas.Turn{{Speaker: "Ann", Text: "Hello."}}
		return m
	}
	ranked := []*schemas.Meeting{
		words(taken("3", "", "", 0, 20)), words(taken("1", "", "", 0, 10)), words(taken("2", "", "", 5, 15)), taken("0", "", "", 0, 60), taken("00", "", "", 0, 0),
	}
	mixed := []*schemas.Meeting{ranked[3], ranked[4], ranked[2], ranked[0], ranked[1]}
	slices.SortFunc(mixed, func(a, b *schemas.Meeting) int {
		if recordingOf(a).outranks(recordingOf(b)) {
			return -1
		}
		return 1
	})
	if !slices.Equal(mixed, ranked) {
		t.Error("want those with words first, then the longer, then the lesser id")
	}
}
