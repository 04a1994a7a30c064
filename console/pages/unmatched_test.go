package pages_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestUnmatchedNamesAreResolvedInOneStep(t *testing.T) {
	t.Parallel()
	r := newRig(t).signIn()
	csrf := r.csrf()
	if _, body := r.read("/unmatched"); !strings.Contains(body, "birch.example") || !strings.Contains(body, "kim@gmail.com") {
		t.Fatalf("the suggestions are not there: %.2000s", body)
	}
	for form, want := range map[string]int{
		"do=ignore&name=birch.example":                        http.StatusSeeOther,
		"do=company&name=birch.example&company=amber.example": http.StatusSeeOther,
		"do=create&name=birch.example&company=Birch":          http.StatusSeeOther,
		"do=person&name=kim@gmail.com&company=Kim":            http.StatusSeeOther,
		"do=company&name=birch.example&company=nobody":        http.StatusUnprocessableEntity,
		"do=company&name=birch.example":                       http.StatusUnprocessableEntity,
		"do=create&name=birch.example":                        http.StatusUnprocessableEntity,
		"do=ignore&name=a/b":                                  http.StatusUnprocessableEntity,
	} {
		values, err := url.ParseQuery(form)
		if err != nil {
			t.Fatal(err)
		}
		values.Set("csrf", csrf)
		before := len(r.solved)
		w := r.do(http.MethodPost, "/unmatched", values)
		if w.Code != want {
			t.Errorf("%s: %d %.500s", form, w.Code, w.Body)
		}
		if typed := values.Get("company"); typed == "nobody" && !strings.Contains(w.Body.String(), `value="`+typed+`"`) {
			t.Errorf("%s: what was typed is lost", form)
		}
		solved := len(r.solved) > before
		if solved != (want == http.StatusSeeOther) {
			t.Errorf("%s: resolved %t", form, solved)
		}
		if !solved {
			continue
		}
		switch got := r.solved[len(r.solved)-1]; {
		case values.Get("do") == "company" && got.Company != "co_amber",
			values.Get("do") == "create" && (got.Create == nil || got.Create.ID != "co_birch_example" || got.Create.Name != "Birch"),
			values.Get("do") == "person" && (got.Person == nil || got.Person.Name != "Kim"), values.Get("do") == "ignore" && !got.Ignore:
			t.Errorf("%s: %+v", form, got)
		}
	}
}
