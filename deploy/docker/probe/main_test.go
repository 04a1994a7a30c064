package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestAddress(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args   []string
		listen string
		want   string
	}{
		"default":         {want: "http://127.0.0.1:8429/readyz"},
		"everywhere":      {listen: "0.0.0.0:9000", want: "http://127.0.0.1:9000/readyz"},
		"everywhere, v6":  {listen: "[::]:9000", want: "http://127.0.0.1:9000/readyz"},
		"one address":     {listen: "10.1.2.3:9000", want: "http://10.1.2.3:9000/readyz"},
		"a name":          {listen: "localhost:9000", want: "http://localhost:9000/readyz"},
		"said":            {args: []string{"http://x/livez"}, listen: "nonsense", want: "http://x/livez"},
		"nonsense":        {listen: "nonsense"},
		"too much at all": {args: []string{"a", "b"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := address(c.args, c.listen)
			if got != c.want || (err == nil) != (c.want != "") {
				t.Errorf("got %q, %v, want %q", got, err, c.want)
			}
		})
	}
}

func TestOnlyReadyIsHealthy(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusOK, http.StatusServiceUnavailable, http.StatusNotFound} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		err := ask(t.Context(), s.URL+"/readyz")
		s.Close()
		if (err == nil) != (status == http.StatusOK) {
			t.Errorf("%d: %v", status, err)
		}
		if err := ask(t.Context(), s.URL); err == nil {
			t.Error("healthy although nobody listens")
		}
	}
}
