package console

import (
	"context"
	"net/http"
	"time"

	"leadline/schemas"
)

// guard puts a handler that is no route behind the same gate as the routes.
func (a *api) guard(name string, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		access, err := a.gate.admit(r)
		if err == nil && !access.may(route{permission: schemas.PermissionRead}) {
			err = errForbidden
		}
		if err != nil {
			made := a.failed(w, r, name, err)
			a.Metrics.count(name, made.code, time.Since(began))
			made.send(w)
			return
		}
		ctx, cancel := context.WithTimeout(context.WithValue(r.Context(), accessKey{}, access), patience)
		defer cancel()
		seen := &watchedWriter{ResponseWriter: w, code: http.StatusOK}
		h.ServeHTTP(seen, r.WithContext(ctx))
		a.Metrics.count(name, seen.code, time.Since(began))
	})
}

// watchedWriter remembers the status.
type watchedWriter struct {
	http.ResponseWriter
	code int
}

// WriteHeader is called once.
func (w *watchedWriter) WriteHeader(code int) {
	w.code = code
	w.ResponseWriter.WriteHeader(code)
}

// Unwrap lets http.ResponseController flush.
func (w *watchedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
