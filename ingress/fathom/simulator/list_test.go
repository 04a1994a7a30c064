package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"leadline/ingress/fathom"
)

func TestClientPagesThroughEverythingNewestFirst(t *testing.T) {
	t.Parallel()
	_, root := start(t, Options{Meetings: folder(21)})
	client := newClient(t, root, testKey)
	var got []int64
	var sizes []int
	request := fathom.ListRequest{Transcript: true}
	for {
		page, err := client.Meetings(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, len(page.Items))
		for _, item := range page.Items {
			var m struct {
				RecordingID int64 `json:"recording_id"`
			}
			if err := json.Unmarshal(item, &m); err != nil {
				t.Fatal(err)
			}
			got = append(got, m.RecordingID)
		}
		if page.NextCursor == "" {
			break
		}
		request.Cursor = page.NextCursor
	}
	var want []int64
	for id := int64(21); id >= 1; id-- {
		want = append(want, id)
	}
	if !slices.Equal(got, want) || !slices.Equal(sizes, []int{10, 10, 1}) {
		t.Errorf("pages of %v: %v", sizes, got)
	}
}

func TestAFullLastPageHasNoCursor(t *testing.T) {
	t.Parallel()
	_, root := start(t, Options{Meetings: folder(10)})
	page, err := newClient(t, root, testKey).Meetings(t.Context(), fathom.ListRequest{})
	if err != nil || len(page.Items) != 10 || page.NextCursor != "" {
		t.Errorf("%d items, cursor %q, %v", len(page.Items), page.NextCursor, err)
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	s, root := start(t, Options{Meetings: folder(4)})
	put := func(raw []byte) {
		if _, _, err := s.Put(raw, true); err != nil {
			t.Fatal(err)
		}
	}
	by := func(email, team string) map[string]any {
		return map[string]any{"recorded_by": map[string]any{"name": "X", "email": email, "email_domain": "x", "team": team}}
	}
	put(sample(5, by("li@lanternfish.example", "Support"), map[string]any{"meeting_type": "QBR"}))
	put(sample(6, by("zoe@lanternfish.example", "Éire & co"), map[string]any{"meeting_type": nil}))

	for query, want := range map[string][]int64{
		"":                                     {6, 5, 4, 3, 2, 1},
		"cursor=":                              {6, 5, 4, 3, 2, 1},
		"meeting_type=QBR":                     {5},
		"meeting_type=all":                     {},
		"teams[]=Support":                      {5},
		"teams%5B%5D=%C3%89ire+%26+co":         {6},
		"teams[]=support":                      {},
		"teams[]=Support&teams[]=Sales":        {5, 4, 3, 2, 1},
		"recorded_by[]=li@lanternfish.example": {5},
		"recorded_by%5B%5D=li%40lanternfish.example&recorded_by[]=zoe@lanternfish.example":      {6, 5},
		"recorded_by[]=li@lanternfish.example&teams[]=Sales":                                    {},
		"calendar_invitees_domains[]=quarrystone.example":                                       {5, 3, 1},
		"calendar_invitees_domains[]=lanternfish.example":                                       {},
		"calendar_invitees_domains[]=x.example&calendar_invitees_domains[]=quarrystone.example": {5, 3, 1},
		"calendar_invitees_domains_type=only_internal":                                          {6, 4, 2},
		"calendar_invitees_domains_type=one_or_more_external":                                   {5, 3, 1},
		"calendar_invitees_domains_type=all":                                                    {6, 5, 4, 3, 2, 1},
		"created_after=2026-09-01T14:00:00Z":                                                    {6, 5},
		"created_before=2026-09-01T12:00:00.5Z":                                                 {2, 1},
		"created_after=2026-09-01T13:00:00%2B02:00&created_before=2026-09-01T13:00:00Z":         {2},
		"created_after=2030-01-01T00:00:00Z":                                                    {},
		"limit=1":                                                                               {6, 5, 4, 3, 2, 1},
	} {
		resp, body := call(t, http.MethodGet, root+BasePath+"/meetings?"+query, "")
		var page struct {
			Limit int
			Items []struct {
				RecordingID int64 `json:"recording_id"`
			}
		}
		if err := json.Unmarshal([]byte(body), &page); err != nil || resp.StatusCode != 200 || page.Limit != 10 {
			t.Errorf("%s: %d, %v", query, resp.StatusCode, err)
		}
		got := []int64{}
		for _, item := range page.Items {
			got = append(got, item.RecordingID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", query, got, want)
		}
	}
}

func TestIncludesDecideWhatAnItemCarries(t *testing.T) {
	t.Parallel()
	raw := strings.TrimSpace(string(sample(1)))
	_, root := start(t, Options{Meetings: folder(1)})
	parts := map[string]string{
		"transcript": "transcript", "summary": "default_summary", "action_items": "action_items",
		"highlights": "highlights", "crm_matches": "crm_matches",
	}
	var all []string
	for include := range parts {
		all = append(all, "include_"+include+"=true")
		_, body := call(t, http.MethodGet, root+BasePath+"/meetings?include_"+include+"=true", "")
		for other, field := range parts {
			if strings.Contains(body, `"`+field+`"`) != (other == include) {
				t.Errorf("include_%s and %s:\n%s", include, field, body)
			}
		}
		if strings.Contains(body, "matched_speaker_display_name") != (include == "transcript") {
			t.Errorf("include_%s and the invitees' speakers:\n%s", include, body)
		}
	}
	_, body := call(t, http.MethodGet, root+BasePath+"/meetings?"+strings.Join(all, "&"), "")
	if want := `{"limit":10,"next_cursor":null,"items":[` + raw + `]}`; body != want {
		t.Errorf("with everything included got\n%s\nwant\n%s", body, want)
	}
}

func TestAKeySeesWhatItsOwnerSees(t *testing.T) {
	t.Parallel()
	recorded := func(email, shared string) map[string]any {
		return map[string]any{"shared_with": shared, "recorded_by": map[string]any{"name": "X", "email": email, "team": "T"}}
	}
	files := fstest.MapFS{}
	for id, fields := range map[int64]map[string]any{
		1: recorded("ana@lanternfish.example", "no_teams"),
		2: recorded("li@lanternfish.example", "no_teams"),
		3: recorded("li@lanternfish.example", "all_teams"),
		4: recorded("pat@elsewhere.example", "single_team"),
	} {
		files[fmt.Sprintf("%d.json", id)] = &fstest.MapFile{Data: sample(id, fields)}
	}
	_, root := start(t, Options{Meetings: files, Keys: map[string]string{"ana": "ana@lanternfish.example", "all": ""}})
	for query, want := range map[string]string{
		"ana": "3 1",
		"ana recorded_by[]=pat@elsewhere.example": "4",
		"ana teams[]=T": "4 3 1",
		"all":           "4 3 2 1",
	} {
		key, filter, _ := strings.Cut(query, " ")
		_, body := call(t, http.MethodGet, root+BasePath+"/meetings?"+filter, "", "X-Api-Key", key)
		var page struct{ Items []struct{ Title string } }
		if err := json.Unmarshal([]byte(body), &page); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, item := range page.Items {
			got = append(got, strings.TrimPrefix(item.Title, "Call "))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: got %v, want %s", query, got, want)
		}
	}
	resp, _ := call(t, http.MethodGet, root+BasePath+"/recordings/2/summary", "", "X-Api-Key", "ana")
	if resp.StatusCode != 404 {
		t.Errorf("a private recording of somebody else: %d", resp.StatusCode)
	}
}
