package schemas_test

import (
	"strings"
	"testing"

	"leadline/schemas"
)

func TestZoomRecordingIDsFitIntoKeysAndBack(t *testing.T) {
	t.Parallel()
	for uuid, want := range map[string]string{
		"4444AAAiAAAAAiAiAiiAii==": "4444AAAiAAAAAiAiAiiAii==",
		"/ajXp112QmuoKj4854875==":  "_ajXp112QmuoKj4854875==",
		"Q3t//kT8+5Yw1bA==":        "Q3t__kT8-5Yw1bA==",
		"a_b-c.d":                  "a.5Fb.2Dc.2Ed",
		"é:":                       ".C3.A9.3A",
	} {
		id, err := schemas.ZoomRecordingID(uuid)
		if err != nil || id != want {
			t.Errorf("%q became %q, %v", uuid, id, err)
		}
		if back, err := schemas.ZoomUUID(id); err != nil || back != uuid {
			t.Errorf("%q came back as %q, %v", uuid, back, err)
		}
	}
	for _, uuid := range []string{"", strings.Repeat("a", 129), strings.Repeat("_", 43)} {
		if id, err := schemas.ZoomRecordingID(uuid); err == nil {
			t.Errorf("%q became %q", uuid, id)
		}
	}
	for _, id := range []string{"", "a.", "a.5", "a.5G", "a.5f", "a.41", "a/b"} {
		if uuid, err := schemas.ZoomUUID(id); err == nil {
			t.Errorf("%q is %q", id, uuid)
		}
	}
}

func FuzzZoomRecordingID(f *testing.F) {
	f.Add("/ajXp112QmuoKj4854875==")
	f.Add("a_b-c.d")
	f.Fuzz(func(t *testing.T, uuid string) {
		id, err := schemas.ZoomRecordingID(uuid)
		if err != nil {
			return
		}
		if back, err := schemas.ZoomUUID(id); err != nil || back != uuid || strings.ContainsAny(id, "/:") {
			t.Fatalf("%q became %q and %q, %v", uuid, id, back, err)
		}
	})
}
