package main

import (
	"net/http"
	"strings"

	"leadline/console"
	"leadline/console/pages"
	"leadline/ingress/rules"
)

// pages is what people open in a browser. book and known may be nil.
func (p *plant) pages(store console.Store, token string, book *rules.Book, known *connections) *pages.Site {
	o := pages.Options{Store: store, Token: token, Gatherer: p.registry, Metrics: p.registry, Log: p.log}
	if book != nil {
		o.Rules = ruleBook{book}
	}
	if known != nil {
		o.Connections = known
	}
	return pages.New(o)
}

// besides puts the API beside the pages, on one port. It is no ServeMux, because that
// cleans paths, and an id in one of the API's may hold what it would clean away.
func besides(site, api http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/api/") || r.URL.Path == console.MCPPath {
			api.ServeHTTP(w, r)
			return
		}
		site.ServeHTTP(w, r)
	})
}
