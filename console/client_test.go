package console_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"leadline/console"
	"leadline/schemas"
)

func serve(t *testing.T, h http.Handler) *console.Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	c, err := console.NewClient(server.URL+"/", token)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// What a command shows must not depend on whether a Leadline runs.
func TestClientAnswersAsLocalDoes(t *testing.T) {
	t.Parallel()
	store := openHarbour(t)
	local := console.Local{Store: store}
	client := serve(t, console.Handler(console.Options{Store: store, Token: token}))
	staff := schemas.Scope{Org: harbour}
	amber := schemas.Scope{Org: harbour, Company: "co_amber"}
	for what, do := range map[string]func(context.Context, console.Reader) (any, error){
		"meetings": func(ctx context.Context, r console.Reader) (any, error) {
			return r.Meetings(ctx, schemas.MeetingQuery{Scope: staff})
		},
		"a page of meetings": func(ctx context.Context, r console.Reader) (any, error) {
			return r.Meetings(ctx, schemas.MeetingQuery{Scope: amber, State: schemas.StateMatched, Limit: 1, Before: "harbour/zoom/1001"})
		},
		"no meetings": func(ctx context.Context, r console.Reader) (any, error) {
			return r.Meetings(ctx, schemas.MeetingQuery{Scope: schemas.Scope{Org: "nobody"}})
		},
		"meetings in no state": func(ctx context.Context, r console.Reader) (any, error) {
			return r.Meetings(ctx, schemas.MeetingQuery{Scope: staff, State: "lost"})
		},
		"meetings of no organisation": func(ctx context.Context, r console.Reader) (any, error) {
			return r.Meetings(ctx, schemas.MeetingQuery{})
		},
		"a meeting": func(ctx context.Context, r console.Reader) (any, error) {
			return r.Meeting(ctx, staff, "harbour/fathom/1001")
		},
		"an internal meeting": func(ctx context.Context, r console.Reader) (any, error) {
			return r.Meeting(ctx, staff, "harbour/fathom/1003")
		},
		"a meeting out of scope": func(ctx context.Context, r console.Reader) (any, error) {
			return r.Meeting(ctx, amber, "harbour/fathom/1002")
		},
		"a meeting of another organisation": func(ctx context.Context, r console.Reader) (any, error) {
			return r.Meeting(ctx, staff, "foreign/fathom/1001")
		},
		"passages": func(ctx context.Context, r console.Reader) (any, error) {
			return r.Search(ctx, schemas.SearchQuery{Scope: staff, Text: "when & will; the+new/pier?", Kinds: []string{"transcript", "summary"}, Limit: 7})
		},
		"passages with every filter": func(ctx context.Context, r console.Reader) (any, error) {
			at := time.Date(2026, 1, 2, 3, 4, 5, 678_000_000, time.FixedZone("x", 3600))
			return r.Search(ctx, schemas.SearchQuery{
				Scope: staff, Text: "pier", Providers: []string{"fathom", "zoom"}, Speakers: []string{"A, B & C", "Ida Holm"}, Companies: []string{"co_amber", "co/odd id%2F.."},
				Languages: []string{"en", "de"}, Since: at, Until: at.AddDate(5, 0, 0), Limit: 3,
			})
		},
		"another's company within a customer's scope": func(ctx context.Context, r console.Reader) (any, error) {
			return r.Search(ctx, schemas.SearchQuery{Scope: amber, Text: "pier", Companies: []string{"co_birch"}})
		},
		"passages behind no cursor": func(ctx context.Context, r console.Reader) (any, error) {
			return r.Search(ctx, schemas.SearchQuery{Scope: staff, Text: "pier", After: "nowhere"})
		},
		"passages with those held back": func(ctx context.Context, r console.Reader) (any, error) {
			return r.Search(ctx, schemas.SearchQuery{Scope: schemas.Scope{Org: harbour, HeldBack: true}, Text: "pier", Limit: 100})
		},
		"passages of a customer": func(ctx context.Context, r console.Reader) (any, error) {
			return r.Search(ctx, schemas.SearchQuery{Scope: schemas.Scope{Org: harbour, Company: "co_amber", HeldBack: true}, Text: "pier", Limit: 100})
		},
		"a search for nothing": func(ctx context.Context, r console.Reader) (any, error) {
			return r.Search(ctx, schemas.SearchQuery{Scope: staff})
		},
		"a customer by id": func(ctx context.Context, r console.Reader) (any, error) {
			return r.Customer(ctx, staff, "co_amber")
		},
		"a customer by name": func(ctx context.Context, r console.Reader) (any, error) {
			return r.Customer(ctx, staff, "odd & sons")
		},
		"a customer by an odd id": func(ctx context.Context, r console.Reader) (any, error) {
			return r.Customer(ctx, staff, "co/odd id%2F..")
		},
		"another's customer": func(ctx context.Context, r console.Reader) (any, error) {
			return r.Customer(ctx, amber, "co_birch")
		},
		"a customer without a name": func(ctx context.Context, r console.Reader) (any, error) {
			return r.Customer(ctx, staff, "")
		},
		"parked": func(ctx context.Context, r console.Reader) (any, error) {
			return r.Meetings(ctx, schemas.MeetingQuery{Scope: schemas.Scope{Org: harbour}, Learning: schemas.LearningParked})
		},
		"costs": func(ctx context.Context, r console.Reader) (any, error) {
			return r.Costs(ctx, schemas.CostQuery{Org: harbour, Since: began})
		},
		"hits of a rule": func(ctx context.Context, r console.Reader) (any, error) {
			return r.RuleHits(ctx, schemas.RuleHitQuery{Org: harbour, Rule: "secret", Effect: schemas.HitExcluded, Since: began, Limit: 3})
		},
		"hits of no rule": func(ctx context.Context, r console.Reader) (any, error) {
			return r.RuleHits(ctx, schemas.RuleHitQuery{Org: harbour, Rule: "none"})
		},
		"hits of no effect": func(ctx context.Context, r console.Reader) (any, error) {
			return r.RuleHits(ctx, schemas.RuleHitQuery{Org: harbour, Effect: "liked"})
		},
		"counts": func(ctx context.Context, r console.Reader) (any, error) { return r.Tally(ctx, harbour) },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			want, wantErr := do(t.Context(), local)
			got, err := do(t.Context(), client)
			if fmt.Sprint(err) != fmt.Sprint(wantErr) || reflect.TypeOf(err) != reflect.TypeOf(wantErr) {
				t.Fatalf("the client fails with %#v, local with %#v", err, wantErr)
			}
			if err == nil && !reflect.DeepEqual(got, want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

func TestClientSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	answer := func(status int, kind, body string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/stolen" {
				t.Error("the client followed a redirect")
			}
			w.Header().Set("Content-Type", kind)
			w.Header().Set("Location", "/stolen")
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		})
	}
	for name, c := range map[string]struct {
		handler http.Handler
		want    string
	}{
		"another server":  {answer(404, "text/html", "<h1>Not here"), "something else"},
		"a redirect":      {answer(302, "text/html", ""), "something else"},
		"no JSON":         {answer(200, "application/json", "{"), "decoding"},
		"too busy":        {answer(503, "application/problem+json; charset=utf-8", `{"detail":"the answer took too long"}`), "503: the answer took too long"},
		"another version": {answer(404, "application/problem+json", `{}`), "such address"},
		"another token":   {console.Handler(console.Options{Token: "other"}), "the token was not taken"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := serve(t, c.handler).Tally(t.Context(), harbour)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v", err)
			}
			if err != nil && strings.Contains(err.Error(), token) {
				t.Errorf("the token is in %q", err)
			}
		})
	}
	none := httptest.NewServer(console.Handler(console.Options{Token: "other"}))
	t.Cleanup(none.Close)
	without, err := console.NewClient(none.URL, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := without.Tally(t.Context(), harbour); !errors.Is(err, console.ErrUnauthorized) || !strings.Contains(err.Error(), "it was given none") {
		t.Errorf("without a token: %v", err)
	}
	c := serve(t, console.Handler(console.Options{Token: "other"}))
	if _, err := c.Tally(t.Context(), harbour); !errors.Is(err, console.ErrUnauthorized) {
		t.Errorf("%v", err)
	}
	if s := fmt.Sprint(c); strings.Contains(s, token) {
		t.Errorf("the token is in %q", s)
	}
}

func TestAddressesOfNoLeadline(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"", "127.0.0.1:80", "ftp://x", "http://", "http://u:p@x", "http://x?y", "http://x#y", "http://x\n"} {
		if _, err := console.NewClient(base, token); err == nil {
			t.Errorf("%q is taken", base)
		}
	}
}

func TestFindMeeting(t *testing.T) {
	t.Parallel()
	local := console.Local{Store: openHarbour(t)}
	for name, want := range map[string]string{
		"harbour/fathom/1001":          "harbour/fathom/1001",
		"zoom/1001":                    "harbour/zoom/1001",
		"1002":                         "harbour/fathom/1002",
		"1003":                         "harbour/fathom/1003",
		"1001":                         `id: "1001" is a recording of several recorders: say harbour/fathom/1001 or harbour/zoom/1001`,
		"9":                            `there is no meeting "9"`,
		"teams/1001":                   `there is no meeting "teams/1001"`,
		"foreign/fathom/1001":          `id: "foreign/fathom/1001" is of organisation foreign, and harbour was asked`,
		"a/b/c/d":                      `id: "a/b/c/d": want a recording, recorder/recording or organisation/recorder/recording`,
		"":                             `id: part of a meeting's id "": want`,
		"fathom/":                      `id: part of a meeting's id "": want`,
		"fathom/\x1b[2J":               `id: part of a meeting's id "\x1b[2J": want`,
		"../" + strings.Repeat("x", 9): `there is no meeting "../xxxxxxxxx"`,
	} {
		m, err := console.FindMeeting(t.Context(), local, schemas.Scope{Org: harbour}, name)
		got := m.ID
		if err != nil {
			got = err.Error()
		}
		if !strings.HasPrefix(got, want) {
			t.Errorf("%q is %s, want %s", name, got, want)
		}
	}
	broken := errors.New("broken")
	if _, err := console.FindMeeting(t.Context(), failing{broken}, schemas.Scope{Org: harbour}, "1002"); !errors.Is(err, broken) {
		t.Errorf("a failure is reported as %v", err)
	}
}

type failing struct{ err error }

func (f failing) Meetings(context.Context, schemas.MeetingQuery) ([]console.Meeting, error) {
	return nil, f.err
}

func (f failing) Meeting(context.Context, schemas.Scope, string) (console.MeetingDetail, error) {
	return console.MeetingDetail{}, f.err
}

func TestCustomerID(t *testing.T) {
	t.Parallel()
	local := console.Local{Store: openHarbour(t)}
	for name, want := range map[string]string{"co_amber": "co_amber", "amber works": "co_amber", "BIRCH.example": "co_birch", "nobody": ""} {
		got, err := console.CustomerID(t.Context(), local, harbour, name)
		var absent *console.NotFound
		if got != want || errors.As(err, &absent) != (want == "") {
			t.Errorf("%q is %q: %v", name, got, err)
		}
	}
}
